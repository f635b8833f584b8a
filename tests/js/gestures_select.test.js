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

test("corners scale a region from the opposite one, with Shift in proportion", () => {
  const state = selecting(editor([B]), 0);
  assert.deepEqual(
    drag(state, [
      [360, 140],
      [420, 160],
    ]).document.layers[0].region,
    { kind: "rectangle", box: [300, 100, 120, 60] },
  );
  assert.deepEqual(
    drag(
      state,
      [
        [360, 140],
        [420, 180],
      ],
      { shift: true },
    ).document.layers[0].region,
    {
      kind: "rectangle",
      box: [300, 100, 120, 80],
    },
  );
  assert.deepEqual(
    drag(state, [
      [360, 140],
      [0, 0],
    ]).document.layers[0].region,
    { kind: "rectangle", box: [300, 100, 1, 1] },
  );
});

test("later the corners set a scale key and the stalk a rotation key", () => {
  const state = at(selecting(editor([B]), 0), 1);
  assert.deepEqual(
    layersOf(
      drag(state, [
        [360, 140],
        [390, 160],
      ]),
    ),
    [
      {
        ...B,
        motion: {
          scale: [
            [0, 1],
            [1, 2],
          ],
        },
      },
    ],
  );
  assert.deepEqual(
    layersOf(
      drag(state, [
        [330, 74],
        [400, 120],
      ]),
    ),
    [
      {
        ...B,
        motion: {
          rotation: [
            [0, 0],
            [1, 90],
          ],
        },
      },
    ],
  );
  assert.deepEqual(
    layersOf(
      drag(
        state,
        [
          [330, 74],
          [352, 74],
        ],
        { shift: true },
      ),
    ),
    [
      {
        ...B,
        motion: {
          rotation: [
            [0, 0],
            [1, 30],
          ],
        },
      },
    ],
  );
});

test("several layers turn about their common middle", () => {
  const state = at(
    selecting(
      editor([
        { region: { kind: "disc", centre: [100, 100], radius: 20 } },
        { region: { kind: "disc", centre: [300, 100], radius: 20 } },
      ]),
      0,
      1,
    ),
    1,
  );
  const turned = drag(state, [
    [200, 54],
    [246, 100],
  ]);
  assert.deepEqual(
    turned.document.layers.map((layer) => layer.motion.path?.points[1]),
    [
      [100, -100],
      [-100, 100],
    ],
  );
  assert.deepEqual(
    turned.document.layers.map((layer) => layer.motion.rotation[1].value),
    [90, 90],
  );
});

test("a disc's radius, an outline's corners, an anchor and path points are dragged", () => {
  const disc = drag(selecting(editor([A]), 0), [
    [121.213, 78.787],
    [135.355, 64.645],
  ]);
  assert.deepEqual(disc.document.layers[0].region, { kind: "disc", centre: [100, 100], radius: 50 });
  const outline = selecting(
    editor([
      {
        region: {
          kind: "polygon",
          points: [
            [100, 100],
            [300, 120],
            [200, 300],
            [180, 200],
          ],
        },
      },
    ]),
    0,
  );
  assert.deepEqual(
    Reflect.get(
      drag(outline, [
        [180, 200],
        [150, 210],
      ]).document.layers[0].region,
      "points",
    )[3],
    [150, 210],
  );
  const anchor = drag(selecting(editor([{ ...A, motion: { anchor: [200, 20] } }]), 0), [
    [200, 20],
    [220, 30],
  ]);
  assert.deepEqual(anchor.document.layers[0].motion.anchor, [220, 30]);
  const path = drag(
    selecting(
      editor([
        {
          ...A,
          motion: {
            path: {
              points: [
                [0, 0],
                [150, 0],
                [200, 50],
              ],
            },
          },
        },
      ]),
      0,
    ),
    [
      [250, 100],
      [250, 130],
    ],
  );
  assert.deepEqual(path.document.layers[0].motion.path?.points, [
    [0, 0],
    [150, 30],
    [200, 50],
  ]);
  assert.deepEqual(path.selection, { layers: [0], points: [1], key: null });
});

test("a double click on a path puts a point there", () => {
  const state = selecting(
    editor([
      {
        ...A,
        motion: {
          path: {
            points: [
              [0, 0],
              [200, 0],
            ],
          },
        },
      },
    ]),
    0,
  );
  const put = click(state, [200, 102], { clicks: 2 });
  assert.deepEqual(put.document.layers[0].motion.path?.points, [
    [0, 0],
    [100, 0],
    [200, 0],
  ]);
  assert.deepEqual(put.selection.points, [1]);
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

test("other buttons draw nothing, the middle one pans, a release without a press does nothing", () => {
  const state = withTool(editor([A]), "disc");
  assert.equal(
    drag(
      state,
      [
        [300, 300],
        [350, 300],
      ],
      { button: 2 },
    ),
    state,
  );
  assert.equal(
    drag(
      state,
      [
        [300, 300],
        [350, 300],
      ],
      { button: 5 },
    ),
    state,
  );
  assert.deepEqual(
    drag(
      state,
      [
        [300, 300],
        [350, 310],
      ],
      { button: 1 },
    ).viewport,
    { scale: 1, x: 50, y: 10 },
  );
  assert.equal(
    after(state, {
      type: "pointer-up",
      input: {
        at: [1, 1],
        view: [1, 1],
        button: 0,
        shift: false,
        control: false,
        pointer: "pen",
        pressure: 0,
        time: 0,
        clicks: 0,
      },
    }),
    state,
  );
});

test("the hand pans and the glass zooms, to a point or a rectangle", () => {
  const state = editor([A]);
  assert.deepEqual(
    drag(withTool(state, "hand"), [
      [10, 10],
      [60, 40],
    ]).viewport,
    { scale: 1, x: 50, y: 30 },
  );
  assert.deepEqual(click(withTool(state, "zoom"), [100, 50]).viewport, { scale: 2, x: -100, y: -50 });
  assert.deepEqual(click(withTool(state, "zoom"), [100, 50], { shift: true }).viewport, { scale: 0.5, x: 50, y: 25 });
  assert.deepEqual(
    drag(withTool(state, "zoom"), [
      [0, 0],
      [208, 120],
    ]).viewport,
    { scale: 4, x: 0, y: 0 },
  );
});
