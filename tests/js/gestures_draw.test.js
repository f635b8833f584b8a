import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeRegion } from "../../js/editor/gestures/shape.js";
import { after, click, drag, editor, layersOf, withTool } from "./gesture_script.js";

/** @import { EditorState, Tool } from "../../js/types.js" */

const DISC = { region: { kind: "disc", centre: [100, 100], radius: 30 } };

/** @param {EditorState} state */
function regions(state) {
  return layersOf(state).map((layer) => Reflect.get(/** @type {object} */ (layer), "region"));
}

test("rectangles and discs are drawn by a drag, or of a usual size by a click", () => {
  const rows = /** @type {[Tool, [number, number][], unknown][]} */ ([
    [
      "rectangle",
      [
        [50, 60],
        [20, 100],
      ],
      { kind: "rectangle", box: [20, 60, 30, 40] },
    ],
    ["rectangle", [[200, 200]], { kind: "rectangle", box: [168, 168, 64, 64] }],
    [
      "disc",
      [
        [200, 200],
        [230, 240],
      ],
      { kind: "disc", centre: [200, 200], radius: 50 },
    ],
    ["disc", [[200, 200]], { kind: "disc", centre: [200, 200], radius: 32 }],
  ]);
  for (const [tool, places, region] of rows) assert.deepEqual(regions(drag(withTool(editor(), tool), places)), [region]);
});

test("Shift makes a rectangle a square", () => {
  const state = drag(
    withTool(editor(), "rectangle"),
    [
      [50, 60],
      [20, 100],
    ],
    { shift: true },
  );
  assert.deepEqual(regions(state), [{ kind: "rectangle", box: [10, 60, 40, 40] }]);
});

test("after a region the playhead is at the end, the tool is select and the new layer is selected", () => {
  for (const tool of /** @type {Tool[]} */ (["rectangle", "disc", "lasso", "brush"])) {
    const state = drag(withTool(editor([DISC]), tool), [
      [200, 200],
      [300, 200],
      [310, 300],
      [210, 290],
    ]);
    assert.deepEqual([state.tool, state.progress, state.selection.layers], ["select", 1, [1]], tool);
  }
});

test("the very next drag makes it move", () => {
  const drawn = drag(withTool(editor(), "lasso"), [
    [200, 200],
    [300, 200],
    [300, 300],
    [200, 300],
  ]);
  const moved = drag(drawn, [
    [250, 250],
    [400, 260],
  ]);
  assert.deepEqual(layersOf(moved), [
    {
      region: {
        kind: "polygon",
        points: [
          [200, 200],
          [300, 200],
          [300, 300],
          [200, 300],
        ],
      },
      motion: {
        path: {
          points: [
            [0, 0],
            [150, 10],
          ],
        },
      },
    },
  ]);
});

test("a lasso around nothing says so, a click of it does nothing", () => {
  const state = withTool(editor(), "lasso");
  const line = drag(state, [
    [200, 200],
    [300, 200],
  ]);
  assert.deepEqual([regions(line), line.notice?.text], [[], "notice.lasso-empty"]);
  const clicked = click(state, [200, 200]);
  assert.deepEqual([regions(clicked), clicked.notice], [[], null]);
});

test("a dab of the brush has the brush's radius", () => {
  const state = after(withTool(editor(), "brush"), { type: "set-options", options: { brushRadius: 9 } });
  assert.deepEqual(regions(click(state, [40, 50])), [{ kind: "brush", points: [[40, 50]], radius: 9 }]);
});

test("what lies outside the picture and what is one layer too many is refused with a notice", () => {
  const outside = click(withTool(editor(), "pin"), [-5, 50]);
  assert.deepEqual([regions(outside), outside.notice?.text], [[], "notice.outside"]);
  const full = editor(Array.from({ length: 256 }, () => DISC));
  const refused = click(withTool(full, "disc"), [300, 300]);
  assert.deepEqual([refused.document, refused.notice?.text], [full.document, "notice.full"]);
  const huge = drag(withTool(editor(), "rectangle"), [
    [0, 0],
    [1e12, 1e12],
  ]);
  assert.equal(huge.notice?.text, "notice.outside");
});

test("pins: a click is a point, a drag a rectangle, and the tool stays", () => {
  const state = drag(click(withTool(editor(), "pin"), [50, 60]), [
    [100, 100],
    [140, 120],
  ]);
  assert.deepEqual(regions(state), [
    { kind: "point", at: [50, 60] },
    { kind: "rectangle", box: [100, 100, 40, 20] },
  ]);
  assert.equal(state.tool, "pin");
});

test("what a drag would draw can be shown before it ends", () => {
  assert.equal(shapeRegion("rectangle", [5, 5], [5, 9]), null);
  assert.equal(shapeRegion("disc", [5, 5], [5, 5]), null);
  assert.deepEqual(shapeRegion("disc", [5, 5], [8, 9]), { kind: "disc", centre: [5, 5], radius: 5 });
});
