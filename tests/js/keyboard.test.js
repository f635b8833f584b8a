import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf, escapeOf } from "../../js/editor/commands.js";
import { initialState } from "../../js/editor/reducer.js";
import { commandOf, SHORTCUTS, shownKey } from "../../js/editor/shortcuts.js";
import { makeDocument, makeLayer } from "../../js/model/document.js";

/** @import { EditorState } from "../../js/types.js" */

const NONE = { layers: [], points: [], key: null };

/**
 * @param {Partial<EditorState>} [some]
 * @returns {EditorState}
 */
function stateWith(some = {}) {
  const path = /** @type {const} */ ({
    kind: "linear",
    points: [
      [0, 0],
      [30, 0],
      [120, 0],
    ],
    handles: [],
    times: [0, 0.5, 1],
  });
  const plain = makeLayer({ region: { kind: "point", at: [10, 10] } });
  const moving = makeLayer({ region: { kind: "point", at: [40, 40] }, motion: { ...plain.motion, path } });
  const clip = /** @type {const} */ ({ width: 832, height: 480, length: 81, fps: 16, fit: null });
  const document = makeDocument(832, 480, [plain, moving]);
  return { ...initialState({ document, clip, stage: [1040, 600] }), ...some };
}

/**
 * @param {string} key
 * @param {string} [held] letters: s = Shift, c = Control, a = Alt
 * @param {string} [code]
 */
function press(key, held = "", code = "") {
  return { key, code, shift: held.includes("s"), control: held.includes("c"), alt: held.includes("a") };
}

/** @type {readonly [string, ReturnType<typeof press>, string | null][]} */
const PRESSES = [
  ["a letter", press("v"), "tool.select"],
  ["a capital letter", press("V", "s"), "tool.select"],
  ["d alone", press("d"), "tool.disc"],
  ["d with Control", press("d", "c"), "duplicate"],
  ["Control+Z", press("z", "c"), "undo"],
  ["Control+Shift+Z", press("Z", "cs"), "redo"],
  ["Control+Y", press("y", "c"), "redo"],
  ["G and Shift+G: G", press("g"), "group"],
  ["G and Shift+G: Shift+G", press("G", "s"), "ungroup"],
  ["< wherever it is typed", press("<", "s"), "key-back"],
  ["< without Shift, as on German keyboards", press("<"), "key-back"],
  ["? with Shift", press("?", "s"), "help"],
  ["an arrow", press("ArrowUp"), "nudge-up"],
  ["an arrow with Shift", press("ArrowUp", "s"), "cell-up"],
  ["a Cyrillic letter by its place", press("м", "", "KeyV"), "tool.select"],
  ["a digit key that types &, by its place", press("&", "", "Digit1"), "overlay.dots"],
  ["the key where [ is elsewhere", press("ü", "", "BracketLeft"), "smaller"],
  ["a Latin letter is not read by its place", press("q", "", "KeyA"), null],
  ["Alt leaves everything to the page", press("v", "a"), null],
  ["Control+S is not ours", press("s", "c"), null],
  ["F5 is not ours", press("F5"), null],
];

for (const [name, given, expected] of PRESSES) {
  test(`key press: ${name}`, () => assert.equal(commandOf(given), expected));
}

test("no two commands share a key press", () => {
  const presses = SHORTCUTS.flatMap(({ key, control, shift, command }) =>
    (shift === undefined ? [true, false] : [shift]).map((held) => ({ press: `${control ?? false} ${held} ${key}`, command })),
  );
  const twice = presses.filter(({ press }, index) => presses.findIndex((other) => other.press === press) !== index);
  assert.deepEqual(twice, []);
});

test("a key is written as people read it", () => {
  const rows = ["redo", "play", "tool.lasso", "smaller", "latent-on"].map(shownKey);
  assert.deepEqual(rows, ["Ctrl+Shift+Z", "Space", "L", "[", "PageDown"]);
});

/** @type {readonly [string, string, EditorState, unknown][]} */
const ACTIONS = [
  ["Space at rest", "play", stateWith(), { type: "play" }],
  ["Space while it plays", "play", stateWith({ playing: true }), { type: "pause" }],
  ["a frame on from frame 40", "frame-on", stateWith({ progress: 0.5 }), { type: "set-progress", progress: 41 / 80 }],
  ["a frame back at the start", "frame-back", stateWith(), { type: "set-progress", progress: 0 }],
  [
    "a latent frame on from frame 41",
    "latent-on",
    stateWith({ progress: 41 / 80 }),
    { type: "set-progress", progress: 44 / 80 },
  ],
  [
    "a latent frame back from frame 41",
    "latent-back",
    stateWith({ progress: 41 / 80 }),
    { type: "set-progress", progress: 0.5 },
  ],
  ["a latent frame back from frame 40", "latent-back", stateWith({ progress: 0.5 }), { type: "set-progress", progress: 0.45 }],
  ["the next key of all layers", "key-on", stateWith({ progress: 0.1 }), { type: "set-progress", progress: 0.5 }],
  ["the next key after the last", "key-on", stateWith({ progress: 1 }), null],
  ["overlay 2", "overlay.warp", stateWith(), { type: "set-overlays", overlays: { warp: false } }],
  ["a nudge with nothing selected", "nudge-left", stateWith(), null],
  ["a nudge", "nudge-left", stateWith({ selection: { ...NONE, layers: [0] } }), { type: "nudge", by: [-1, 0] }],
  ["a nudge by a cell", "cell-down", stateWith({ selection: { ...NONE, layers: [0] } }), { type: "nudge", by: [0, 8] }],
  ["Delete with nothing selected", "delete", stateWith(), null],
  ["Delete", "delete", stateWith({ selection: { ...NONE, layers: [1] } }), { type: "delete" }],
  ["undo with nothing done", "undo", stateWith(), null],
  ["Enter at rest", "accept", stateWith(), null],
  ["a larger brush", "larger", stateWith(), { type: "set-options", options: { brushRadius: 20 } }],
  ["pin the rest", "pin-rest", stateWith(), { type: "pin-rest" }],
  ["help is the view's", "help", stateWith(), null],
  ["a tool", "tool.pencil", stateWith(), { type: "set-tool", tool: "pencil" }],
];

for (const [name, command, state, expected] of ACTIONS) {
  test(`command: ${name}`, () => assert.deepEqual(actionOf(command, state), expected));
}

test("Escape leaves the innermost thing first", () => {
  const path = /** @type {const} */ ({ kind: "path", tool: "pen", layer: 0, pressed: false, to: [0, 0] });
  const pan = /** @type {const} */ ({ kind: "pan", from: [0, 0], viewport: { scale: 1, x: 0, y: 0 } });
  const smart = { box: null, click: null, strokes: [], outline: null, waiting: false, error: null };
  const before = stateWith().document;
  /** @type {readonly [Partial<EditorState>, unknown][]} */
  const rows = [
    [{ gesture: { ...path, before }, tool: "pen", selection: { ...NONE, layers: [0] } }, { type: "finish-path" }],
    [{ gesture: pan, smart, tool: "hand" }, { type: "cancel-gesture" }],
    [{ smart, tool: "smart" }, { type: "smart-cancel" }],
    [
      { tool: "lasso", selection: { ...NONE, layers: [0] } },
      { type: "set-tool", tool: "select" },
    ],
    [{ selection: { layers: [1], points: [2], key: null } }, { type: "select", selection: { ...NONE, layers: [1] } }],
    [{ selection: { ...NONE, layers: [1] } }, { type: "select", selection: NONE }],
    [{}, "close"],
  ];
  for (const [some, expected] of rows) assert.deepEqual(escapeOf(stateWith(some)), expected);
});
