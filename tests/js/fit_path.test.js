import assert from "node:assert/strict";
import { test } from "node:test";
import { flatten } from "../../js/model/curves.js";
import { fitBrush, fitLasso, fitPencil, fitRecording } from "../../js/model/fit_path.js";
import { simplify, simplifyOutline } from "../../js/model/simplify.js";

/** @typedef {[number, number]} Place */

/**
 * @param {number} count
 * @param {(share: number) => Place} placeOf
 */
function strokeOf(count, placeOf) {
  return Array.from({ length: count }, (_, index) => placeOf(index / (count - 1)));
}

/**
 * The largest distance of places from the corners of chords.
 *
 * @param {readonly (readonly [number, number])[]} places
 * @param {ArrayLike<number>} chords
 */
function offBy(places, chords) {
  return Math.max(...places.map(([x, y]) => nearest(x, y, chords)));
}

/**
 * @param {number} x
 * @param {number} y
 * @param {ArrayLike<number>} chords
 */
function nearest(x, y, chords) {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + 3 < chords.length; at += 2) {
    const [left, top, across, down] = [
      chords[at],
      chords[at + 1],
      chords[at + 2] - chords[at],
      chords[at + 3] - chords[at + 1],
    ];
    const squared = across ** 2 + down ** 2;
    const along = squared ? Math.max(0, Math.min(1, ((x - left) * across + (y - top) * down) / squared)) : 0;
    least = Math.min(least, Math.hypot(left + along * across - x, top + along * down - y));
  }
  return least;
}

const SHAPES = /** @type {const} */ ({
  wave: strokeOf(300, (s) => [600 * s, 80 * Math.sin(9 * s)]),
  circle: strokeOf(400, (s) => [100 * Math.cos(2 * Math.PI * s), 100 * Math.sin(2 * Math.PI * s)]),
  corner: [...strokeOf(50, (s) => [200 * s, 0]), ...strokeOf(50, (s) => [200, 150 * s])],
  zigzag: strokeOf(9, (s) => [400 * s, (s * 8) % 2 ? 60 : 0]),
});

test("a straight stroke is a straight path", () => {
  const path = fitPencil(strokeOf(100, (s) => [10 + 200 * s, 20 + 0.4 * Math.sin(40 * s)]));
  assert.deepEqual(path, {
    kind: "linear",
    points: [
      [0, 0],
      [200, 0.298],
    ],
    handles: [],
    times: [],
  });
});

test("a pencilled path is at most 2 px off the stroke and has few points", () => {
  for (const [name, most] of /** @type {const} */ ([
    ["wave", 8],
    ["circle", 8],
    ["corner", 8],
    ["zigzag", 40],
  ])) {
    const stroke = SHAPES[name];
    const path = fitPencil(stroke);
    assert.ok(path, name);
    const relative = stroke.map(([x, y]) => /** @type {const} */ ([x - stroke[0][0], y - stroke[0][1]]));
    assert.ok(offBy(relative, flatten(path)) <= 2, name);
    assert.ok(path.points.length <= most, `${name}: ${path.points.length}`);
    assert.deepEqual(path.points[0], [0, 0]);
  }
});

test("strokes that go nowhere make no path", () => {
  assert.equal(fitPencil([]), null);
  assert.equal(fitPencil([[5, 5]]), null);
  assert.equal(
    fitPencil([
      [5, 5],
      [5, 5],
      [5, 5],
    ]),
    null,
  );
});

test("strokes of huge coordinates and of very many points are fitted inside the document's limits", () => {
  const huge = fitPencil([
    [0, 0],
    [1e9, -1e9],
    [5, 1e12],
  ]);
  assert.ok(huge?.points.every(([x, y]) => Math.abs(x) <= 1e6 && Math.abs(y) <= 1e6));
  const jagged = fitPencil(strokeOf(20_000, (s) => [800 * s, 200 * ((s * 9973) % 1)]));
  assert.ok(jagged && jagged.points.length <= 4096);
});

test("simplified lines are at most the tolerance off and keep their ends", () => {
  const line = simplify(SHAPES.wave, 1);
  assert.ok(offBy(SHAPES.wave, line.flat()) <= 1);
  assert.ok(line.length < 40, String(line.length));
  assert.deepEqual([line[0], line[line.length - 1]], [SHAPES.wave[0], SHAPES.wave[299]]);
  assert.deepEqual(simplify([], 1), []);
  assert.deepEqual(simplify([[1, 2]], 1), [[1, 2]]);
  assert.deepEqual(
    simplify(
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      1,
    ),
    [
      [1, 2],
      [1, 2],
    ],
  );
});

test("a closed outline has no corner where it was begun", () => {
  const square = [...strokeOf(11, (s) => [50 + 50 * s, 0]), [100, 100], [0, 100], [0, 0], [25, 0]];
  const outline = simplifyOutline(/** @type {Place[]} */ (square), 1);
  assert.deepEqual(
    outline.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
    [
      [0, 0],
      [0, 100],
      [100, 0],
      [100, 100],
    ],
  );
});

test("a lasso around nothing is no region", () => {
  const rows = /** @type {Place[][]} */ ([
    [],
    [[1, 1]],
    [
      [1, 1],
      [90, 1],
    ],
    [
      [0, 0],
      [50, 0],
      [100, 0],
      [50, 0],
    ],
    [
      [0, 0],
      [1.5, 0],
      [1.5, 1.5],
      [0, 1.5],
    ],
  ]);
  for (const stroke of rows) assert.equal(fitLasso(stroke), null);
});

test("a lasso that crosses itself is around both of its halves", () => {
  const eight = /** @type {Place[]} */ ([
    [0, 0],
    [100, 100],
    [100, 0],
    [0, 100],
  ]);
  assert.equal(fitLasso(eight)?.length, 4);
});

test("a lasso closes itself and is at most 1 px off", () => {
  const outline = fitLasso(SHAPES.circle.slice(0, 380));
  assert.ok(outline);
  assert.ok(offBy(SHAPES.circle.slice(0, 380), [...outline, outline[0]].flat()) <= 1.001);
  assert.ok(outline.length < 40, String(outline.length));
});

test("a dab of the brush is one point", () => {
  assert.deepEqual(fitBrush([[5, 6]]), [[5, 6]]);
  assert.deepEqual(
    fitBrush([
      [5, 6],
      [5, 6],
    ]),
    [[5, 6]],
  );
});

test("a recording keeps where the pointer was when, and rests after its end", () => {
  const path = fitRecording(
    [
      [10, 10],
      [20, 10],
      [30, 10],
      [30, 10],
      [60, 10],
    ],
    [0, 0.1, 0.2, 0.4, 0.5],
  );
  assert.deepEqual(path, {
    kind: "linear",
    points: [
      [0, 0],
      [20, 0],
      [20, 0],
      [50, 0],
      [50, 0],
    ],
    handles: [],
    times: [0, 0.2, 0.4, 0.5, 1],
  });
});

test("a recording of events at one time, or of one event, is refused or has rising times", () => {
  assert.equal(fitRecording([[1, 1]], [0]), null);
  assert.equal(
    fitRecording(
      [
        [1, 1],
        [5, 5],
      ],
      [0, 0],
    ),
    null,
  );
  assert.deepEqual(
    fitRecording(
      [
        [0, 0],
        [5, 0],
        [9, 0],
        [9, 9],
      ],
      [0, 0.5, 0.5, 2],
    )?.times,
    [0, 0.5, 1],
  );
});
