import assert from "node:assert/strict";
import { test } from "node:test";
import { flatten } from "../../js/model/curves.js";
import {
  appendPoint,
  insertOnPath,
  moveLastPoint,
  movePathPoints,
  pathPlaces,
  removePathPoints,
  setHandle,
  toBezier,
} from "../../js/model/edits.js";
import { documentOf } from "./gesture_script.js";

/** @import { Path } from "../../js/types.js" */

/**
 * A disc at 100, 100 with a path.
 *
 * @param {unknown} path
 * @param {unknown} [timing]
 */
function documentWith(path, timing = {}) {
  const region = { kind: "disc", centre: [100, 100], radius: 20 };
  return documentOf([{ region, motion: path ? { path, timing } : {} }]);
}

test("a path is drawn from where the layer stands", () => {
  const path = {
    points: [
      [7, 7],
      [27, 7],
    ],
  };
  const [layer] = documentWith(path).layers;
  assert.deepEqual(pathPlaces(documentWith(path), layer), [
    [100, 100],
    [120, 100],
  ]);
  const reversed = documentWith(path, { reverse: true });
  assert.deepEqual(pathPlaces(reversed, reversed.layers[0]), [
    [80, 100],
    [100, 100],
  ]);
  assert.deepEqual(pathPlaces(documentWith(null), documentWith(null).layers[0]), []);
});

test("moved points leave the others where they are drawn", () => {
  const document = documentWith({
    points: [
      [0, 0],
      [50, 0],
      [90, 0],
    ],
  });
  assert.deepEqual(movePathPoints(document, 0, [1, 2], [0, 5]).motion.path?.points, [
    [0, 0],
    [50, 5],
    [90, 5],
  ]);
});

test("the point that the layer stands on takes the region along", () => {
  const document = documentWith({
    points: [
      [0, 0],
      [50, 0],
    ],
  });
  const moved = movePathPoints(document, 0, [0], [10, 5]);
  assert.deepEqual(moved.region, { kind: "disc", centre: [110, 105], radius: 20 });
  assert.deepEqual(pathPlaces(document, moved), [
    [110, 105],
    [150, 100],
  ]);
});

test("appended points are where they were clicked", () => {
  const first = appendPoint(documentWith(null), 0, [150, 120], { kind: "linear" });
  assert.deepEqual(first.motion.path, {
    kind: "linear",
    points: [
      [0, 0],
      [50, 20],
    ],
    handles: [],
    times: [],
  });
  const timed = documentWith({
    points: [
      [0, 0],
      [50, 0],
    ],
    times: [0, 1],
  });
  assert.deepEqual(
    appendPoint(timed, 0, [250, 100], { kind: "linear" }).motion.path?.times.map((time) => +time.toFixed(6)),
    [0, 0.333333, 1],
  );
  assert.deepEqual(moveLastPoint(timed, 0, [100, 130]).motion.path?.points, [
    [0, 0],
    [0, 30],
  ]);
});

test("a path takes 4096 points and no more", () => {
  const points = Array.from({ length: 4096 }, (_, index) => [index, 0]);
  const document = documentWith({ points });
  assert.equal(appendPoint(document, 0, [1, 1], { kind: "linear" }), document.layers[0]);
  assert.equal(insertOnPath(document.layers[0], 0.5).index, -1);
});

test("points that go leave a path that can be read, or none", () => {
  const [layer] = documentWith({
    points: [
      [0, 0],
      [50, 0],
      [90, 0],
    ],
    times: [0, 0.2, 1],
  }).layers;
  assert.deepEqual(removePathPoints(layer, [0]).motion.path, {
    kind: "linear",
    points: [
      [50, 0],
      [90, 0],
    ],
    handles: [],
    times: [0, 1],
  });
  assert.equal(removePathPoints(layer, [0, 2]).motion.path, null);
  assert.equal(removePathPoints(layer, [9]), layer);
});

test("a point put in keeps the way and the times", () => {
  const [timed] = documentWith({
    points: [
      [0, 0],
      [100, 0],
    ],
    times: [0, 1],
  }).layers;
  assert.deepEqual(insertOnPath(timed, 0.25).layer.motion.path, {
    kind: "linear",
    points: [
      [0, 0],
      [25, 0],
      [100, 0],
    ],
    handles: [],
    times: [0, 0.25, 1],
  });
});

test("one end of a smooth handle turns the other with it", () => {
  const [layer] = documentWith({
    kind: "bezier",
    points: [
      [0, 0],
      [50, 0],
    ],
    handles: [
      [-10, 0, 20, 0],
      [0, 0, 0, 0],
    ],
  }).layers;
  assert.deepEqual(setHandle(layer, 0, "out", [0, 30], true).motion.path?.handles[0], [0, -10, 0, 30]);
  assert.deepEqual(setHandle(layer, 0, "in", [0, 30], false).motion.path?.handles[0], [0, 30, 20, 0]);
});

test("a Catmull-Rom path as Bezier curves is the same way", () => {
  const points = /** @type {[number, number][]} */ ([
    [0, 0],
    [80, 20],
    [100, 90],
    [20, 100],
    [20, 100],
  ]);
  /** @type {Path} */
  const path = { kind: "catmull-rom", points, handles: [], times: [] };
  const [curve, bezier] = [flatten(path), flatten(toBezier(path))];
  let off = 0;
  for (let at = 0; at < curve.length; at += 2) {
    let least = Number.POSITIVE_INFINITY;
    for (let to = 0; to < bezier.length; to += 2)
      least = Math.min(least, Math.hypot(curve[at] - bezier[to], curve[at + 1] - bezier[to + 1]));
    off = Math.max(off, least);
  }
  assert.ok(off < 1e-6, String(off));
});
