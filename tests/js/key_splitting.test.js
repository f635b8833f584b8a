import assert from "node:assert/strict";
import { test } from "node:test";
import { holdKey } from "../../js/model/edits.js";
import { poseAt } from "../../js/model/motion.js";
import { addKey } from "../../js/model/timeline_keys.js";
import { layerOf } from "./panel_scene.js";

/** @import { Easing, Key, Layer } from "../../js/types.js" */

/** @type {(time: number, value: number, easing?: Easing) => Key} */
const key = (time, value, easing = "linear") => ({ time, value, easing });

/** Turn and growth at a hundred moments. @param {Layer} layer */
function course(layer) {
  return Array.from({ length: 101 }, (_, frame) => poseAt(layer.motion, frame / 100)).map(({ turn, growth }) => turn + growth);
}

/**
 * @param {Layer} one
 * @param {Layer} other
 */
function farthest(one, other) {
  const after = course(other);
  return Math.max(...course(one).map((value, frame) => Math.abs(value - after[frame])));
}

test("a key added between two scale keys takes the value that is there: equal factors in equal times", () => {
  const layer = layerOf({}, { scale: [key(0, 1), key(1, 16)] });
  const added = addKey(layer, "scale", 0.5).layer;
  assert.ok(Math.abs(added.motion.scale[1].value - 4) < 1e-12);
  assert.ok(farthest(layer, added) < 1e-9);
});

test("a key added anywhere changes nothing of the motion, whatever easing it falls into", () => {
  /** @type {Easing[]} */
  const easings = ["linear", "step", "ease", "ease-in-out-cubic", "accelerate", [0.2, 1.4, 0.7, -0.3]];
  for (const easing of easings) {
    for (const phase of [0.1, 0.3, 0.5, 0.62, 0.9, 0.95]) {
      const turning = layerOf({}, { rotation: [key(0.1, -30, easing), key(0.8, 90)] });
      const growing = layerOf({}, { scale: [key(0.1, 0.5, easing), key(0.8, 3)] });
      const turned = farthest(turning, addKey(turning, "rotation", phase).layer);
      const grown = farthest(growing, addKey(growing, "scale", phase).layer);
      assert.ok(turned < 1e-6 && grown < 1e-6, `${easing} ${phase}: ${turned} ${grown}`);
    }
  }
});

test("keys that a drag makes split the easing too", () => {
  const keys = [key(0, 0, "ease-in"), key(1, 90)];
  const split = holdKey(keys, "rotation", 0.5);
  assert.equal(split.length, 3);
  const before = layerOf({}, { rotation: keys });
  assert.ok(farthest(before, layerOf({}, { rotation: [...split] })) < 1e-6);
});

test("where the value is nearly that of the next key already, the rest is held as well as a curve of a document can", () => {
  for (const easing of /** @type {Easing[]} */ (["overshoot", "anticipate"])) {
    for (const phase of [0.3, 0.5, 0.62]) {
      const turning = layerOf({}, { rotation: [key(0.1, -30, easing), key(0.8, 90)] });
      assert.ok(farthest(turning, addKey(turning, "rotation", phase).layer) < 3);
    }
  }
});

test("where no curve can hold a half's shape the values at its ends stay", () => {
  // The value is back where it began: no factor of nothing makes the dip between.
  const dipping = layerOf({}, { rotation: [key(0, 0, [0, -2, 1, 3]), key(1, 10)] });
  const { rotation } = addKey(dipping, "rotation", 0.5).layer.motion;
  assert.deepEqual([rotation[0].value, rotation[1].value, rotation[2].value], [0, 5, 10]);
  for (const { easing } of rotation) {
    if (typeof easing === "string") continue;
    assert.ok(easing.every((value, at) => (at % 2 ? value >= -2 && value <= 3 : value >= 0 && value <= 1)));
  }
});

test("a point added to a Bezier path never leaves what a document can hold", () => {
  const path = /** @type {const} */ ({
    kind: "bezier",
    points: [
      [1e6, 0],
      [1e6, 10],
    ],
    handles: [
      [0, 0, 1e6, 0],
      [0, 0, 1e6, 0],
    ],
    times: [],
  });
  const layer = layerOf({}, { path });
  assert.deepEqual(addKey(layer, "path", 0.5), { layer, index: -1 });
});

test("no key is added where no more fit", () => {
  const full = layerOf(
    {},
    { rotation: Array.from({ length: 4096 }, (_, index) => key(index < 2048 ? index / 1e4 : 1 - (4095 - index) / 1e4, 1)) },
  );
  assert.deepEqual(addKey(full, "rotation", 0.5), { layer: full, index: -1 });
});
