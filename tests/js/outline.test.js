import assert from "node:assert/strict";
import { test } from "node:test";
import { contourOf } from "../../js/editor/draw/contour.js";
import { loopsOf, refine } from "../../js/editor/draw/outline.js";
import { contains } from "../../js/model/shapes.js";

/** @import { Region } from "../../js/types.js" */

/** @param {readonly Float64Array[]} loops */
const rounded = (loops) => loops.map((loop) => Array.from(loop, (value) => Math.round(value * 100) / 100));

/**
 * By the even-odd rule.
 *
 * @param {readonly Float64Array[]} loops
 * @param {number} x
 * @param {number} y
 */
function isInside(loops, x, y) {
  let inside = false;
  for (const loop of loops) {
    const count = loop.length / 2;
    for (let i = 0; i < count; i++) {
      const next = (i + 1) % count;
      const [x0, y0, x1, y1] = [loop[2 * i], loop[2 * i + 1], loop[2 * next], loop[2 * next + 1]];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
    }
  }
  return inside;
}

test("outlines of boxes and polygons are their corners", () => {
  assert.deepEqual(rounded(loopsOf({ kind: "rectangle", box: [10, 20, 30, 40] }, 100, 80)), [[10, 20, 40, 20, 40, 60, 10, 60]]);
  assert.deepEqual(rounded(loopsOf({ kind: "frame" }, 100, 80)), [[0, 0, 100, 0, 100, 80, 0, 80]]);
  const polygon = /** @type {Region} */ ({
    kind: "polygon",
    points: [
      [1, 2],
      [3, 4],
      [5, 0],
    ],
  });
  assert.deepEqual(rounded(loopsOf(polygon, 100, 80)), [[1, 2, 3, 4, 5, 0]]);
});

test("points and the rest have no outline", () => {
  assert.deepEqual(loopsOf({ kind: "point", at: [3, 4] }, 100, 80), []);
  assert.deepEqual(loopsOf({ kind: "rest" }, 100, 80), []);
});

test("a region keeps its outline, so that a path is made of it once", () => {
  const region = /** @type {Region} */ ({ kind: "disc", centre: [50, 40], radius: 10 });
  assert.equal(loopsOf(region, 100, 80), loopsOf(region, 100, 80));
});

test("a mask's outline goes around its marked cells and around the hole in them", () => {
  const loops = loopsOf({ kind: "mask", columns: 4, rows: 5, runs: [5, 3, 1, 1, 1, 1, 1, 3, 4], cell: 8 }, 32, 40);
  assert.equal(loops.length, 2);
  assert.deepEqual(rounded([loops[0]]), [[8, 8, 32, 8, 32, 32, 8, 32]]);
  for (const [x, y, inside] of /** @type {const} */ ([
    [12, 12, true],
    [20, 20, false],
    [28, 28, true],
    [4, 12, false],
  ])) {
    assert.equal(isInside(loops, x, y), inside, `${x}, ${y}`);
  }
});

test("two cells that touch at a corner have outlines that close", () => {
  const loops = loopsOf({ kind: "mask", columns: 2, rows: 2, runs: [0, 1, 2, 1], cell: 4 }, 8, 8);
  assert.equal(isInside(loops, 2, 2), true);
  assert.equal(isInside(loops, 6, 6), true);
  assert.equal(isInside(loops, 6, 2), false);
  assert.equal(isInside(loops, 2, 6), false);
});

const STROKES = /** @type {const} */ ([
  {
    points: [
      [20, 20],
      [80, 20],
    ],
    radius: 8,
  },
  {
    points: [
      [20, 20],
      [80, 20],
      [80, 60],
      [20, 60],
      [20, 24],
    ],
    radius: 6,
  },
  {
    points: [
      [10, 10],
      [90, 70],
      [10, 70],
      [90, 10],
    ],
    radius: 5,
  },
  {
    points: [
      [50, 40],
      [50, 40],
    ],
    radius: 20,
  },
]);

test("a brush's outline separates what the brush covers from what it does not", () => {
  for (const { points, radius } of STROKES) {
    const loops = contourOf(points, radius);
    const [inner, outer] = [0.6, -0.6].map(
      (margin) => /** @type {Region} */ ({ kind: "brush", points, radius: radius - margin }),
    );
    for (let y = 0; y < 80; y += 3) {
      for (let x = 0; x < 100; x += 3) {
        if (contains(inner, x, y)) assert.equal(isInside(loops, x, y), true, `${x}, ${y} of ${points}`);
        if (!contains(outer, x, y)) assert.equal(isInside(loops, x, y), false, `${x}, ${y} of ${points}`);
      }
    }
  }
});

test("a stroke that closes has an inner outline too", () => {
  assert.equal(contourOf(STROKES[0].points, STROKES[0].radius).length, 1);
  assert.equal(contourOf(STROKES[1].points, STROKES[1].radius).length, 2);
});

test("a thin stroke across a huge picture has an outline of bounded size", () => {
  const [loop] = contourOf(
    [
      [0, 0],
      [1e6, 1e6],
    ],
    1e5,
  );
  assert.ok(loop.length > 8 && loop.length < 4000);
});

test("refined outlines have no side longer than asked for and the same corners", () => {
  assert.deepEqual(rounded(refine([Float64Array.of(0, 0, 10, 0, 10, 4)], 5)), [
    [0, 0, 5, 0, 10, 0, 10, 4, 20 / 3, 8 / 3, 10 / 3, 4 / 3].map((value) => Math.round(value * 100) / 100),
  ]);
});
