import assert from "node:assert/strict";
import { test } from "node:test";
import { after, at, click, drag, editor, layersOf, pressed, selecting, withTool } from "./gesture_script.js";

const A = { region: { kind: "disc", centre: [100, 100], radius: 30 } };
const B = { region: { kind: "rectangle", box: [300, 100, 60, 40] } };

test("a click selects, Shift adds and takes away, empty ground selects nothing", () => {
  let state = click(editor([A, B]), [100, 100]);
  assert.deepEqual(state.selection.layers, [0]);
  state = click(state, [320, 120], { shift: true });
  assert.deepEqual(state.selection.layers, [0, 1]);
  state = click(state, [100, 100], { shift: true });
  assert.deepEqual(state.selection.layers, [1]);
  assert.deepEqual(click(state, [600, 400]).selection.layers, []);
  assert.equal(state.history.past.length, 0);
});

test("a group is selected together", () => {
  const state = click(
    editor([
      { ...A, group: "g" },
      { ...B, group: "g" },
    ]),
    [100, 100],
  );
  assert.deepEqual(state.selection.layers, [0, 1]);
});

test("at the start a drag moves the region and nothing else", () => {
  const motion = {
    path: {
      points: [
        [0, 0],
        [50, 0],
      ],
    },
  };
  const state = drag(editor([{ ...A, motion }]), [
    [100, 115],
    [110, 115],
    [130, 125],
  ]);
  assert.deepEqual(layersOf(state), [{ region: { kind: "disc", centre: [130, 110], radius: 30 }, motion }]);
});

test("at a later moment a drag says where it goes", () => {
  const state = drag(at(editor([A]), 1), [
    [100, 100],
    [180, 60],
  ]);
  assert.deepEqual(layersOf(state), [
    {
      ...A,
      motion: {
        path: {
          points: [
            [0, 0],
            [80, -40],
          ],
        },
      },
    },
  ]);
});

test("Shift keeps a drag on one of eight directions", () => {
  const rows = /** @type {const} */ ([
    [
      [180, 110],
      [80, 0],
    ],
    [
      [95, 190],
      [0, 90],
    ],
    [
      [150, 160],
      [55, 55],
    ],
  ]);
  for (const [to, end] of rows) {
    const state = drag(at(editor([A]), 1), [[100, 100], to], { shift: true });
    assert.deepEqual(state.document.layers[0].motion.path?.points[1], end);
  }
});

test("a press that hardly moves is a click", () => {
  const state = drag(editor([A]), [
    [100, 100],
    [101, 101],
  ]);
  assert.equal(state.history.past.length, 0);
});

test("all selected layers move, locked ones do not", () => {
  const state = drag(selecting(editor([A, B, { ...B, locked: true }]), 0, 1, 2), [
    [100, 100],
    [110, 100],
  ]);
  assert.deepEqual(
    state.document.layers.map(({ region }) => Reflect.get(region, "centre") ?? Reflect.get(region, "box")),
    [
      [110, 100],
      [310, 100, 60, 40],
      [300, 100, 60, 40],
    ],
  );
});

test("a rectangle over empty ground selects what it touches", () => {
  const state = drag(editor([A, B]), [
    [20, 20],
    [400, 110],
  ]);
  assert.deepEqual(state.selection.layers, [0, 1]);
  assert.deepEqual(
    drag(state, [
      [200, 20],
      [310, 300],
    ]).selection.layers,
    [1],
  );
});

test("a layer that cannot move at this moment says so", () => {
  const state = drag(at(editor([{ ...A, motion: { timing: { start: 0.6 } } }]), 0.3), [
    [100, 100],
    [150, 100],
  ]);
  assert.equal(state.notice?.text, "notice.still");
  assert.equal(state.history.past.length, 0);
});

test("cancelled, every gesture leaves the document as it was, to the object", () => {
  const start = selecting(editor([A, B]), 0);
  for (const tool of /** @type {const} */ ([
    "select",
    "points",
    "pen",
    "pencil",
    "record",
    "pin",
    "rectangle",
    "disc",
    "lasso",
    "brush",
    "smart",
    "camera",
    "hand",
    "zoom",
  ])) {
    const state = withTool(start, tool);
    const during = pressed(state, [
      [100, 110],
      [140, 150],
      [200, 90],
    ]);
    assert.notEqual(during.gesture.kind, "none", tool);
    const cancelled = after(during, { type: "cancel-gesture" });
    assert.equal(cancelled.document, start.document, tool);
    assert.deepEqual(cancelled.viewport, start.viewport, tool);
    assert.equal(cancelled.gesture.kind, "none", tool);
    assert.equal(cancelled.history.past.length, 0, tool);
  }
});
