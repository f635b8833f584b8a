import assert from "node:assert/strict";
import test from "node:test";
import { flatten, PATH_KINDS, pathLength, readPath, STEPS, walk, walkInto } from "../../js/model/curves.js";
import { assertClose, goldenRows, handRows, readPart } from "./golden.js";

/** @import { Pair, Path } from "../../js/types.js" */

/** @typedef {{ name: string, path: { kind?: string }, length: number, phases: number[], places: number[][] }} CurveRow */
/** @typedef {{ why: string, path: { kind?: string }, phases: number[], places: number[][] }} HandRow */

/** @type {readonly CurveRow[]} */
const ROWS = goldenRows("curves");
/** @type {readonly HandRow[]} */
const HAND = handRows("curves");

/**
 * @param {readonly Pair[]} points
 * @param {Partial<Path>} [some]
 * @returns {Path}
 */
function pathOf(points, some = {}) {
  return { kind: "linear", points, handles: [], times: [], ...some };
}

test("a path leads where Python's leads, and is as long", () => {
  for (const { name, path, length, phases, places } of ROWS) {
    const read = readPart(readPath, path);
    assertClose(walk(read, phases), places, name);
    assertClose([pathLength(read)], [length], `length of ${name}`);
  }
});

test("a path leads where a person would say", () => {
  for (const { why, path, phases, places } of HAND) assertClose(walk(readPart(readPath, path), phases), places, why);
});

test("every kind of path has rows by Python and by hand", () => {
  for (const rows of [ROWS, HAND]) {
    assert.deepEqual(new Set(rows.map((row) => row.path.kind ?? "linear")), new Set(PATH_KINDS));
  }
});

test("a curve is flattened to chords through its own points, once a path", () => {
  const points = /** @type {const} */ ([
    [0, 0],
    [10, 20],
    [30, 5],
  ]);
  for (const kind of PATH_KINDS) {
    const path = pathOf(points, { kind });
    const chords = flatten(path);
    const stride = kind === "linear" ? 1 : STEPS;
    assert.equal(chords.length, (2 * stride + 1) * 2, kind);
    const ownPoints = [0, stride, 2 * stride].map((corner) => [chords[corner * 2], chords[corner * 2 + 1]]);
    assertClose(ownPoints.flat(), points, kind);
    assert.equal(flatten(path), chords);
  }
});

test("one phase is walked into an array that is there", () => {
  const places = new Float64Array(4);
  walkInto(
    pathOf([
      [0, 0],
      [8, 4],
    ]),
    0.25,
    places,
    2,
  );
  assert.deepEqual([...places], [0, 0, 2, 1]);
});

test("degenerate and huge paths give finite places", () => {
  const rows = /** @type {[string, readonly Pair[], Partial<Path>][]} */ ([
    ["one point", [[3, 4]], {}],
    ["one point of a spline", [[3, 4]], { kind: "catmull-rom" }],
    ["one point of a Bezier curve", [[3, 4]], { kind: "bezier" }],
    [
      "all points in one place",
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      {},
    ],
    [
      "a spline in one place",
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      { kind: "catmull-rom" },
    ],
    [
      "a Bezier curve in one place",
      [
        [3, 4],
        [3, 4],
      ],
      { kind: "bezier" },
    ],
  ]);
  for (const [name, points, some] of rows)
    assertClose(walk(pathOf(points, some), [-1, 0, 0.5, 1, 2]), Array(5).fill([3, 4]), name);
  for (const kind of PATH_KINDS) {
    const far = pathOf(
      [
        [-1e6, 1e6],
        [1e6, -1e6],
        [1e6, -1e6],
        [1e6 - 1e-9, 0],
      ],
      { kind },
    );
    assert.ok(walk(far, [-1, 0, 0.3, 1, 2]).every(Number.isFinite), kind);
  }
  assert.deepEqual(
    walk(
      pathOf([
        [0, 0],
        [1, 1],
      ]),
      [],
    ),
    new Float64Array(),
  );
});
