import assert from "node:assert/strict";
import test from "node:test";
import { flatten } from "../../js/model/curves.js";
import { addKey, keyPhases, moveKey, removeKey, setKey } from "../../js/model/timeline_keys.js";
import { layerOf } from "./panel_scene.js";

/** @import { Key, Path } from "../../js/types.js" */

/** @type {(time: number, value: number) => Key} */
const key = (time, value) => ({ time, value, easing: "linear" });

/** @type {(points: Path["points"], some?: Partial<Path>) => import("../../js/types.js").Layer} */
const onPath = (points, some = {}) => layerOf({}, { path: { kind: "linear", points, handles: [], times: [], ...some } });

test("points of a path at constant speed lie where it passes them", () => {
  const rows = /** @type {[Path["points"], number[]][]} */ ([
    [
      [
        [0, 0],
        [30, 0],
        [30, 10],
      ],
      [0, 0.75, 1],
    ],
    [
      [
        [5, 5],
        [5, 5],
        [5, 5],
      ],
      [0, 0.5, 1],
    ],
  ]);
  for (const [points, phases] of rows) assert.deepEqual(keyPhases(onPath(points), "path"), phases);
});

test("a rotation key moves between its neighbours only", () => {
  const layer = layerOf({}, { rotation: [key(0, 0), key(0.5, 90), key(1, 0)] });
  const rows = [
    [0.25, 0.25],
    [-3, 0.001],
    [7, 0.999],
  ];
  for (const [wish, time] of rows) assert.equal(moveKey(layer, "rotation", 1, wish).motion.rotation[1].time, time);
  assert.equal(moveKey(layer, "rotation", 0, 0.25).motion.rotation[0].time, 0.25);
});

test("moving a point of a path in time gives the path times; its ends stay", () => {
  const layer = onPath([
    [0, 0],
    [10, 0],
    [40, 0],
  ]);
  assert.deepEqual(moveKey(layer, "path", 1, 0.5).motion.path?.times, [0, 0.5, 1]);
  assert.equal(moveKey(layer, "path", 0, 0.5), layer);
  assert.equal(moveKey(layer, "path", 2, 0.5), layer);
  const standing = onPath([
    [0, 0],
    [0, 0],
    [10, 0],
    [10, 0],
  ]);
  assert.deepEqual(moveKey(standing, "path", 1, 0.5).motion.path?.times, [0, 0.5, 0.999, 1]);
});

test("a first key brings one at the start, because only differences count", () => {
  const { layer, index } = addKey(layerOf(), "rotation", 0.5);
  assert.deepEqual(layer.motion.rotation, [key(0, 0), key(0.5, 0)]);
  assert.equal(index, 1);
  assert.deepEqual(addKey(layerOf(), "scale", 0).layer.motion.scale, [key(0, 1)]);
});

test("a key between two others takes the value that is there; where one is, none is added", () => {
  const layer = layerOf({}, { rotation: [key(0, 0), key(1, 80)] });
  const added = addKey(layer, "rotation", 0.25);
  assert.deepEqual(added.layer.motion.rotation[1], key(0.25, 20));
  assert.deepEqual(addKey(layer, "rotation", 1), { layer, index: 1 });
});

test("a point added to a path lies on it, and a Bezier keeps its shape", () => {
  const straight = addKey(
    onPath([
      [0, 0],
      [40, 0],
    ]),
    "path",
    0.25,
  );
  assert.deepEqual(straight.layer.motion.path?.points, [
    [0, 0],
    [10, 0],
    [40, 0],
  ]);
  const curved = onPath(
    [
      [0, 0],
      [100, 0],
    ],
    {
      kind: "bezier",
      handles: [
        [0, 0, 0, 100],
        [0, 100, 0, 0],
      ],
    },
  );
  const { path } = addKey(curved, "path", 0.5).layer.motion;
  assert.ok(path);
  assert.equal(path.points.length, 3);
  assert.ok(Math.abs(path.points[1][0] - 50) < 0.01 && Math.abs(path.points[1][1] - 75) < 0.01);
  const highest = (/** @type {Float64Array} */ corners) => Math.max(...corners.filter((_, at) => at % 2 === 1));
  assert.ok(Math.abs(highest(flatten(path)) - 75) < 0.05);
  assert.equal(addKey(layerOf(), "path", 0.5).index, -1);
});

test("a path that loses its second last point is no path; times run from 0 to 1 again", () => {
  const two = onPath([
    [0, 0],
    [40, 0],
  ]);
  assert.equal(removeKey(two, "path", 0).motion.path, null);
  const three = onPath(
    [
      [0, 0],
      [10, 0],
      [40, 0],
    ],
    { times: [0, 0.25, 1] },
  );
  assert.deepEqual(removeKey(three, "path", 2).motion.path?.times, [0, 1]);
});

test("a key's value is held in its limits", () => {
  const layer = layerOf({}, { scale: [key(0, 1)] });
  assert.equal(setKey(layer, "scale", 0, { value: -4 }).motion.scale[0].value, 0.01);
});
