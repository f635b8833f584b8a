/** Regions as shapes: what they cover, their boxes and middles. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bounds, centre, contains, coveredGrid } from "../../js/model/shapes.js";

/** @import { Box, Pair, Region } from "../../js/types.js" */

/** @type {Pair[]} */
const TRIANGLE = [
  [0, 0],
  [32, 32],
  [0, 32],
];
/** @type {Pair[]} */
const SPECK = [
  [5, 5],
  [5, 5],
  [5, 5],
];

/** @type {[string, Region, Pair, boolean][]} */
const PLACES = [
  ["a disc covers its rim", { kind: "disc", centre: [10, 10], radius: 5 }, [13, 14], true],
  ["a disc ends beyond its rim", { kind: "disc", centre: [10, 10], radius: 5 }, [13, 14.01], false],
  ["a rectangle covers its left top corner", { kind: "rectangle", box: [2, 3, 4, 5] }, [2, 3], true],
  ["a rectangle does not cover its right edge", { kind: "rectangle", box: [2, 3, 4, 5] }, [6, 4], false],
  ["a rectangle does not cover its bottom edge", { kind: "rectangle", box: [2, 3, 4, 5] }, [3, 8], false],
  ["a polygon covers what is inside", { kind: "polygon", points: TRIANGLE }, [4, 20], true],
  ["a polygon does not cover what is outside", { kind: "polygon", points: TRIANGLE }, [20, 4], false],
  ["a polygon without area covers nothing", { kind: "polygon", points: SPECK }, [5, 5], false],
  [
    "a brush covers up to its radius",
    {
      kind: "brush",
      points: [
        [4, 12],
        [28, 12],
      ],
      radius: 2,
    },
    [16, 14],
    true,
  ],
  ["a brush of one point is a dab", { kind: "brush", points: [[4, 12]], radius: 2 }, [5.9, 12], true],
  [
    "a brush of a repeated point is a dab",
    {
      kind: "brush",
      points: [
        [4, 12],
        [4, 12],
      ],
      radius: 2,
    },
    [6.1, 12],
    false,
  ],
  ["a mask covers its cells", { kind: "mask", columns: 4, rows: 4, runs: [1, 2, 13], cell: 8 }, [8, 0], true],
  ["a mask ends at its columns", { kind: "mask", columns: 2, rows: 1, runs: [0, 2], cell: 8 }, [16, 4], false],
  ["a mask has no place left of the picture", { kind: "mask", columns: 2, rows: 1, runs: [0, 2], cell: 8 }, [-1, 4], false],
  ["a point covers no area", { kind: "point", at: [5, 5] }, [5, 5], false],
  ["the frame covers all", { kind: "frame" }, [-1000, 5], true],
  ["the rest covers all", { kind: "rest" }, [5, 5], true],
];

for (const [title, region, [x, y], expected] of PLACES) {
  test(title, () => assert.equal(contains(region, x, y), expected));
}

/** @type {[Region, Box, Pair][]} */
const BOXES = [
  [{ kind: "point", at: [5, 6] }, [5, 6, 5, 6], [5, 6]],
  [{ kind: "disc", centre: [10, 20], radius: 4 }, [6, 16, 14, 24], [10, 20]],
  [{ kind: "rectangle", box: [1, 2, 10, 20] }, [1, 2, 11, 22], [6, 12]],
  [{ kind: "polygon", points: TRIANGLE }, [0, 0, 32, 32], [16, 16]],
  [
    {
      kind: "brush",
      points: [
        [4, 12],
        [28, 10],
      ],
      radius: 2,
    },
    [2, 8, 30, 14],
    [16, 11],
  ],
  [{ kind: "mask", columns: 4, rows: 4, runs: [5, 2, 9], cell: 8 }, [8, 8, 24, 16], [16, 12]],
  [{ kind: "frame" }, [0, 0, 64, 48], [32, 24]],
  [{ kind: "rest" }, [0, 0, 64, 48], [32, 24]],
];

for (const [region, box, middle] of BOXES) {
  test(`the box of a ${region.kind} goes around it`, () => {
    assert.deepEqual(bounds(region, 64, 48), box);
    assert.deepEqual(centre(region, 64, 48), middle);
  });
}

test("a grid is covered where each of its places is", () => {
  const xs = Float64Array.from({ length: 40 }, (_, index) => index - 2.5);
  const ys = Float64Array.from({ length: 37 }, (_, index) => index - 1.25);
  /** @type {Region[]} */
  const regions = [
    {
      kind: "polygon",
      points: [
        [3, 3],
        [30, 9],
        [4, 30],
        [33, 33],
        [20, -8],
      ],
    },
    {
      kind: "brush",
      points: [
        [3, 3],
        [30, 9],
        [4, 30],
      ],
      radius: 4.3,
    },
    { kind: "disc", centre: [11, 12], radius: 9.5 },
  ];
  for (const region of regions) {
    const alone = Array.from(ys, (y) => Array.from(xs, (x) => Number(contains(region, x, y)))).flat();
    assert.deepEqual([...coveredGrid(region, xs, ys)], alone);
    assert.ok(alone.includes(1) && alone.includes(0));
  }
});

test("an empty grid is covered nowhere", () => {
  const region = /** @type {Region} */ ({ kind: "polygon", points: TRIANGLE });
  assert.equal(coveredGrid(region, new Float64Array(0), Float64Array.of(1)).length, 0);
});
