import assert from "node:assert/strict";
import { test } from "node:test";
import { after, click, documentOf, drag, editor, layersOf, withTool } from "./gesture_script.js";

/** @import { EditorState } from "../../js/types.js" */

/** @param {EditorState} state */
function regions(state) {
  return layersOf(state).map((layer) => Reflect.get(/** @type {object} */ (layer), "region"));
}

test("smart select: marks, strokes, an outline, a layer", () => {
  let state = drag(withTool(editor(), "smart"), [
    [100, 90],
    [50, 40],
  ]);
  assert.deepEqual(state.smart, {
    box: [50, 40, 100, 90],
    click: null,
    strokes: [],
    outline: null,
    waiting: false,
    error: null,
  });
  state = after(
    state,
    { type: "smart-started" },
    {
      type: "smart-answered",
      outline: [
        [50, 40],
        [90, 40],
        [90, 80],
      ],
    },
  );
  state = after(state, { type: "set-options", options: { smartStroke: "leave" } });
  state = drag(state, [
    [60, 60],
    [60, 80],
  ]);
  assert.deepEqual(state.smart?.strokes, [
    {
      keep: false,
      points: [
        [60, 60],
        [60, 80],
      ],
      radius: 16,
    },
  ]);
  assert.equal(state.document, state.opened);
  state = after(state, { type: "smart-accept" });
  assert.deepEqual(
    [state.smart, state.tool, regions(state)],
    [
      null,
      "select",
      [
        {
          kind: "polygon",
          points: [
            [50, 40],
            [90, 40],
            [90, 80],
          ],
        },
      ],
    ],
  );
});

test("smart select: a click, a failure, and leaving the tool", () => {
  const state = click(withTool(editor(), "smart"), [100, 90]);
  assert.deepEqual([state.smart?.box, state.smart?.click], [null, [100, 90]]);
  assert.equal(after(state, { type: "smart-failed", error: "no" }).smart?.error, "no");
  assert.equal(withTool(state, "select").smart, null);
  assert.equal(after(state, { type: "smart-accept" }).document, documentOf([]).layers.length ? null : state.document);
});

test("smart select: what lies outside the picture is not asked for, a box over its border is cut", () => {
  const begun = withTool(editor(), "smart");
  const clicked = click(begun, [-5, 90]);
  assert.deepEqual([clicked.smart, clicked.notice?.text], [null, "notice.outside"]);
  const beside = drag(begun, [
    [840, 10],
    [900, 90],
  ]);
  assert.deepEqual([beside.smart, beside.notice?.text], [null, "notice.outside"]);
  const across = drag(begun, [
    [800, 400],
    [900, 600],
  ]);
  assert.deepEqual(across.smart?.box, [800, 400, 832, 480]);
  const stroke = withTool(after(editor(), { type: "set-options", options: { smartStroke: "keep" } }), "smart");
  const painted = drag(stroke, [
    [-20, 50],
    [-20, 90],
  ]);
  assert.deepEqual([painted.smart, painted.notice?.text], [null, "notice.outside"]);
});
