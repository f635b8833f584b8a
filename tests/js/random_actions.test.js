import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument, serialiseDocument } from "../../js/model/document.js";
import { isSame } from "../../js/model/values.js";
import { after, editor, inputAt } from "./gesture_script.js";

/** @import { Action, EditorState, Tool } from "../../js/types.js" */

/** @type {readonly Tool[]} */
const TOOLS = ["select", "points", "pen", "pencil", "record", "pin", "rectangle", "disc", "lasso", "brush", "smart", "camera"];

const LAYERS = [
  { region: { kind: "disc", centre: [200, 200], radius: 50 } },
  {
    region: { kind: "rectangle", box: [300, 100, 120, 90] },
    motion: {
      path: {
        points: [
          [0, 0],
          [90, 30],
        ],
      },
    },
    group: "a",
  },
  {
    region: {
      kind: "polygon",
      points: [
        [500, 300],
        [600, 310],
        [560, 400],
      ],
    },
    motion: { timing: { repeat: "ping-pong", cycles: 2 } },
  },
  {
    region: { kind: "mask", columns: 104, rows: 60, runs: [1000, 4, 5236] },
    motion: {
      rotation: [
        [0, 0],
        [1, 30],
      ],
    },
  },
  {
    region: {
      kind: "brush",
      points: [
        [50, 400],
        [120, 420],
      ],
      radius: 9,
    },
    motion: {
      path: {
        kind: "bezier",
        points: [
          [0, 0],
          [50, 9],
        ],
      },
      timing: { reverse: true, easing: "overshoot" },
    },
  },
  {
    region: { kind: "point", at: [700, 60] },
    motion: {
      path: {
        kind: "catmull-rom",
        points: [
          [0, 0],
          [9, 9],
          [9, 9],
        ],
        times: [0, 0.4, 1],
      },
    },
  },
  {
    region: { kind: "frame" },
    motion: {
      scale: [
        [0, 1],
        [1, 1.4],
      ],
    },
  },
  { region: { kind: "rest" } },
];

/**
 * Numbers of a linear congruential generator, 0 <= x < 1.
 *
 * @param {number} seed
 */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * @param {() => number} random
 * @param {EditorState} state
 * @returns {Action}
 */
function anyAction(random, state) {
  const pick = /** @template T @param {readonly T[]} list */ (list) => list[Math.floor(random() * list.length)];
  const layer = Math.floor(random() * (state.document.layers.length + 1));
  const huge = random() < 0.02 ? 1e9 : 1;
  const input = inputAt([(random() * 1000 - 80) * huge, (random() * 640 - 80) * huge], {
    shift: random() < 0.2,
    control: random() < 0.1,
    time: random() * 9000,
    clicks: random() < 0.1 ? 2 : 1,
    button: random() < 0.05 ? 1 : 0,
  });
  /** @type {readonly (() => Action)[]} */
  const kinds = [
    () => ({ type: "pointer-down", input }),
    () => ({ type: "pointer-down", input }),
    () => ({ type: "pointer-move", input }),
    () => ({ type: "pointer-move", input }),
    () => ({ type: "pointer-move", input }),
    () => ({ type: "pointer-up", input }),
    () => ({ type: "pointer-up", input }),
    () => ({ type: "set-tool", tool: pick(TOOLS) }),
    () => ({ type: "set-progress", progress: pick([0, 0.25, 0.5, 0.501, 0.99, 1]) }),
    () => ({ type: "select", selection: { layers: [layer, layer + 1], points: [], key: null } }),
    () => ({ type: "select", selection: { layers: [layer], points: [0, 1, 7], key: { layer, track: "path", index: 1 } } }),
    () => pick([{ type: "cancel-gesture" }, { type: "finish-path" }, { type: "undo" }, { type: "redo" }]),
    () => pick([{ type: "select-all" }, { type: "copy" }, { type: "cut" }, { type: "paste" }, { type: "duplicate" }]),
    () => pick([{ type: "delete" }, { type: "group" }, { type: "ungroup" }, { type: "set-key" }, { type: "pin-rest" }]),
    () => pick([{ type: "toggle-visibility" }, { type: "keep" }, { type: "drop" }, { type: "play" }, { type: "pause" }]),
    () => ({ type: "nudge", by: [pick([-8, 0, 1]), pick([0, 8])] }),
    () => ({ type: "select-next", at: random() < 0.5 ? null : input.at, back: random() < 0.5 }),
    () => ({ type: "apply-preset", name: pick(["pan", "orbit", "pendulum", "explode", "shake", "zoom", "nothing"]) }),
    () => ({
      type: "smart-answered",
      outline: [
        [10, 10],
        [90, 10],
        [50, 80],
      ],
    }),
    () =>
      pick([
        { type: "smart-accept" },
        { type: "smart-cancel" },
        { type: "smart-started" },
        { type: "smart-failed", error: "no" },
      ]),
    () => ({ type: "set-options", options: { smartStroke: pick(["box", "keep", "leave"]) } }),
    () => ({ type: "try", document: { ...state.document, layers: state.document.layers.slice(0, layer) } }),
  ];
  return pick(kinds)();
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`whatever is done (seed ${seed}), documents stay readable and undo and redo lead to their ends`, () => {
    const random = randomFrom(seed);
    let state = editor(LAYERS);
    const first = state.document;
    for (let step = 0; step < 1500; step += 1) {
      const action = anyAction(random, state);
      state = after(state, action);
      const { document } = state;
      const text = serialiseDocument(document);
      assert.ok(isSame(parseDocument(text), document), `${step} ${JSON.stringify(action)}`);
      if (state.history.past.length > 190) break;
    }
    state = after(state, { type: "cancel-gesture" });
    const last = state.document;
    const steps = state.history.past.length;
    for (let step = 0; step < steps; step += 1) state = after(state, { type: "undo" });
    assert.equal(state.document, first);
    for (let step = 0; step < steps; step += 1) state = after(state, { type: "redo" });
    assert.ok(isSame(state.document, last));
  });
}
