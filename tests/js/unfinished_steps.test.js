import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../js/editor/commands.js";
import { after, click, drag, editor, layersOf, selecting, withTool } from "./gesture_script.js";

/** @import { Action, EditorState } from "../../js/types.js" */

const DISC = { region: { kind: "disc", centre: [100, 100], radius: 30 } };
const MOVING = {
  ...DISC,
  motion: {
    path: {
      points: [
        [0, 0],
        [50, 0],
        [60, 9],
      ],
      times: [0, 0.5, 1],
    },
  },
};
/** @type {Action} */
const UNDO = { type: "undo" };

/** @param {EditorState} state */
function centres(state) {
  return state.document.layers.map(({ region }) => (region.kind === "disc" ? region.centre : null));
}

/**
 * @param {number} x
 * @param {boolean} [again]
 * @returns {Action}
 */
function nudge(x, again) {
  return { type: "nudge", by: [x, 0], ...(again && { again }) };
}

test("an arrow held down is one step, each press of its own is another", () => {
  let state = after(selecting(editor([DISC]), 0), nudge(1), nudge(1, true), nudge(1, true));
  assert.deepEqual([centres(state), state.history.past.length], [[[103, 100]], 1]);
  state = after(state, nudge(8), nudge(8, true));
  assert.deepEqual([centres(state), state.history.past.length], [[[119, 100]], 2]);
  state = after(state, UNDO);
  assert.deepEqual(centres(state), [[103, 100]]);
  assert.deepEqual(centres(after(state, UNDO)), [[100, 100]]);
});

test("an arrow held down over something else in between begins a new step", () => {
  const state = after(selecting(editor([DISC, DISC]), 0), nudge(1), nudge(1, true));
  assert.equal(after(selecting(state, 1), nudge(1, true)).history.past.length, 2);
  const edited = after(state, { type: "duplicate" }, { type: "undo" }, nudge(1, true));
  assert.deepEqual([edited.history.past.length, edited.history.future.length], [2, 0]);
  const undone = after(state, UNDO, nudge(1, true));
  assert.deepEqual([centres(undone)[0], undone.history.past.length, undone.history.future.length], [[101, 100], 1, 0]);
});

test("undo takes back the last click of an unfinished path, and the path when none is left", () => {
  let state = withTool(editor(), "points");
  for (const place of /** @type {[number, number][]} */ ([
    [100, 100],
    [200, 150],
    [300, 100],
  ]))
    state = click(state, place);
  state = after(state, UNDO);
  assert.equal(state.gesture.kind, "path");
  assert.deepEqual(state.document.layers[0].motion.path?.points, [
    [0, 0],
    [100, 50],
  ]);
  state = after(state, UNDO);
  assert.deepEqual([state.gesture.kind, state.document.layers[0].motion.path], ["path", null]);
  const longer = click(state, [150, 100]);
  assert.deepEqual(longer.document.layers[0].motion.path?.points, [
    [0, 0],
    [50, 0],
  ]);
  state = after(state, UNDO);
  assert.deepEqual([state.gesture.kind, layersOf(state), state.history.past.length], ["none", [], 0]);
});

test("undo of a click on a path with times gives it its times back", () => {
  const begun = withTool(selecting(editor([MOVING]), 0), "points");
  const longer = click(click(begun, [300, 100]), [350, 140]);
  const once = after(longer, UNDO);
  assert.equal(once.document.layers[0].motion.path?.points.length, 4);
  const twice = after(once, UNDO);
  assert.deepEqual([twice.document, twice.gesture.kind], [begun.document, "none"]);
});

test("undo of a pen's point takes its handles too, the first point keeps those it was given", () => {
  let state = drag(withTool(editor(), "pen"), [
    [100, 100],
    [120, 80],
  ]);
  state = drag(state, [
    [300, 100],
    [330, 110],
  ]);
  state = drag(after(state, UNDO), [
    [200, 200],
    [200, 210],
  ]);
  assert.deepEqual(state.document.layers[0].motion.path?.handles, [
    [-20, 20, 20, -20],
    [0, -10, 0, 10],
  ]);
});

test("an unfinished path cannot be done again over, and its steps are counted from the first click", () => {
  const state = click(withTool(editor(), "points"), [100, 100]);
  assert.equal(after(state, { type: "redo" }), state);
  assert.deepEqual(actionOf("undo", state), UNDO);
  assert.equal(actionOf("undo", editor()), null);
});
