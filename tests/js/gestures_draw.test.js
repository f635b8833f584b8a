import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeRegion } from "../../js/editor/gestures/shape.js";
import {
  after,
  at,
  click,
  documentOf,
  drag,
  editor,
  inputAt,
  layersOf,
  pressed,
  selecting,
  withTool,
} from "./gesture_script.js";

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

test("with the points tool a click makes a point and the next ones its path, one step in all", () => {
  let state = withTool(editor(), "points");
  for (const place of /** @type {[number, number][]} */ ([
    [100, 100],
    [200, 150],
    [300, 100],
  ]))
    state = click(state, place);
  assert.equal(state.history.past.length, 0);
  state = after(state, { type: "finish-path" });
  assert.equal(state.history.past.length, 1);
  assert.deepEqual(layersOf(state), [
    {
      region: { kind: "point", at: [100, 100] },
      motion: {
        path: {
          kind: "catmull-rom",
          points: [
            [0, 0],
            [100, 50],
            [200, 0],
          ],
        },
      },
    },
  ]);
});

test("the selected layer's path becomes longer; a double click ends it", () => {
  const state = withTool(
    selecting(
      editor([
        {
          ...DISC,
          motion: {
            path: {
              points: [
                [0, 0],
                [50, 0],
              ],
            },
          },
        },
      ]),
      0,
    ),
    "points",
  );
  const longer = click(click(state, [300, 100]), [300, 100], { clicks: 2 });
  assert.deepEqual(longer.document.layers[0].motion.path?.points, [
    [0, 0],
    [50, 0],
    [200, 0],
  ]);
  assert.equal(longer.gesture.kind, "none");
  assert.equal(longer.history.past.length, 1);
});

test("another tool keeps the unfinished path, Escape takes it back", () => {
  const state = click(click(withTool(editor(), "points"), [100, 100]), [200, 150]);
  assert.equal(withTool(state, "hand").history.past.length, 1);
  assert.deepEqual(layersOf(after(state, { type: "cancel-gesture" })), []);
});

test("the pen pulls handles", () => {
  let state = drag(withTool(editor(), "pen"), [
    [100, 100],
    [120, 80],
  ]);
  state = drag(state, [
    [300, 100],
    [330, 110],
  ]);
  assert.deepEqual(layersOf(after(state, { type: "finish-path" }))[0], {
    region: { kind: "point", at: [100, 100] },
    motion: {
      path: {
        kind: "bezier",
        points: [
          [0, 0],
          [200, 0],
        ],
        handles: [
          [-20, 20, 20, -20],
          [-30, -10, 30, 10],
        ],
      },
    },
  });
});

test("a pencil stroke becomes the path of what it starts on, else of a new point", () => {
  const stroke = /** @type {[number, number][]} */ ([
    [100, 100],
    [150, 100],
    [220, 100],
  ]);
  const path = {
    points: [
      [0, 0],
      [120, 0],
    ],
  };
  assert.deepEqual(layersOf(drag(withTool(editor([DISC]), "pencil"), stroke)), [{ ...DISC, motion: { path } }]);
  const elsewhere = drag(
    withTool(selecting(editor([DISC]), 0), "pencil"),
    stroke.map(([x, y]) => [x + 300, y + 50]),
  );
  assert.deepEqual(layersOf(elsewhere), [{ ...DISC, motion: { path } }]);
  assert.deepEqual(layersOf(drag(withTool(editor(), "pencil"), stroke)), [
    { region: { kind: "point", at: [100, 100] }, motion: { path } },
  ]);
});

test("stroke after stroke of the pencil makes point after point", () => {
  let state = withTool(editor(), "pencil");
  for (const y of [50, 150, 250])
    state = drag(state, [
      [100, y],
      [300, y],
    ]);
  assert.equal(state.document.layers.length, 3);
  assert.equal(state.history.past.length, 3);
});

test("a locked layer takes no path and says why", () => {
  for (const tool of /** @type {Tool[]} */ (["points", "pencil", "record"])) {
    const state = selecting(editor([{ ...DISC, locked: true }]), 0);
    const refused = drag(withTool(state, tool), [
      [300, 300],
      [400, 300],
    ]);
    assert.deepEqual([refused.document, refused.notice?.text], [state.document, "notice.locked"], tool);
  }
});

test("recording plays the clip and keeps where the pointer was when", () => {
  let state = withTool(selecting(editor([DISC]), 0), "record");
  state = after(state, { type: "pointer-down", input: inputAt([100, 100], { time: 1000 }) });
  assert.deepEqual([state.playing, state.progress], [true, 0]);
  state = after(state, { type: "pointer-move", input: inputAt([200, 100], { time: 2000 }) });
  state = after(state, { type: "pointer-move", input: inputAt([200, 180], { time: 3500 }) });
  state = after(state, { type: "pointer-up", input: inputAt([200, 180], { time: 3600 }) });
  // 81 frames at 16 frames a second are 5 seconds from the first to the last.
  assert.deepEqual(state.document.layers[0].motion.path, {
    kind: "linear",
    points: [
      [0, 0],
      [100, 0],
      [100, 80],
      [100, 80],
    ],
    handles: [],
    times: [0, 0.2, 0.5, 1],
  });
  assert.deepEqual([state.playing, state.history.past.length], [false, 1]);
});

test("a recording ends with the clip, by the clock of the events or of the player", () => {
  const begun = pressed(withTool(selecting(editor([DISC]), 0), "record"), [[100, 100]]);
  const late = after(begun, { type: "pointer-move", input: inputAt([200, 100], { time: 5000 }) });
  assert.deepEqual([late.gesture.kind, late.playing, late.history.past.length], ["none", false, 1]);
  const moved = after(
    begun,
    { type: "pointer-move", input: inputAt([200, 100], { time: 3000 }) },
    { type: "set-progress", progress: 0.6 },
  );
  const round = after(moved, { type: "set-progress", progress: 0.01 });
  assert.deepEqual([round.gesture.kind, round.playing, round.history.past.length], ["none", false, 1]);
});

test("a click of the recorder records nothing", () => {
  const state = click(withTool(editor(), "record"), [100, 100]);
  assert.deepEqual([layersOf(state), state.playing, state.history.past.length], [[], false, 0]);
});

test("a recording goes through the camera", () => {
  const camera = {
    region: { kind: "frame" },
    motion: {
      scale: [
        [0, 1],
        [1, 2],
      ],
      anchor: [100, 100],
    },
  };
  let state = pressed(withTool(selecting(editor([DISC, camera]), 0), "record"), [[100, 100]]);
  state = after(state, { type: "pointer-move", input: inputAt([200, 100], { time: 5000 }) });
  assert.deepEqual(state.document.layers[0].motion.path?.points, [
    [0, 0],
    [50, 0],
  ]);
});

test("the camera tool pans, zooms and rolls the picture at the moment; at the start it goes to the end", () => {
  const state = withTool(editor([DISC]), "camera");
  assert.equal(state.progress, 1);
  assert.deepEqual(
    layersOf(
      drag(state, [
        [400, 200],
        [350, 210],
      ]),
    )[1],
    {
      region: { kind: "frame" },
      motion: {
        path: {
          points: [
            [0, 0],
            [-50, 10],
          ],
        },
      },
    },
  );
  assert.deepEqual(
    layersOf(
      drag(state, [
        [832, 480],
        [1040, 600],
      ]),
    )[1],
    {
      region: { kind: "frame" },
      motion: {
        scale: [
          [0, 1],
          [1, 1.5],
        ],
      },
    },
  );
  assert.deepEqual(
    layersOf(
      drag(at(state, 0), [
        [416, -26],
        [682, 240],
      ]),
    )[1],
    {
      region: { kind: "frame" },
      motion: {
        rotation: [
          [0, 0],
          [1, 90],
        ],
      },
    },
  );
  assert.equal(click(state, [400, 200]).document, state.document);
});

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
