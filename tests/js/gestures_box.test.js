import assert from "node:assert/strict";
import { test } from "node:test";
import { at, click, drag, editor, layersOf, selecting } from "./gesture_script.js";

const A = { region: { kind: "disc", centre: [100, 100], radius: 30 } };
const B = { region: { kind: "rectangle", box: [300, 100, 60, 40] } };

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
