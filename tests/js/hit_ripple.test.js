import assert from "node:assert/strict";
import { test } from "node:test";
import { hitTest } from "../../js/model/hit.js";
import { movePoints } from "../../js/model/motion.js";
import { at, editor } from "./gesture_script.js";

const BOX = { kind: "rectangle", box: [300, 200, 100, 40] };

/**
 * @param {object} component
 * @param {number} progress
 * @param {object} [region]
 */
function shown(component, progress, region = BOX) {
  return at(editor([{ region, motion: { components: [component] } }]), progress);
}

test("a layer that waves or bursts is hit where its places are shown", () => {
  const rows = [
    shown({ kind: "wave", amplitude: 60, wavelength: 200, cycles: 1 }, 0.3),
    shown({ kind: "wave", amplitude: 12, wavelength: 40, cycles: 3 }, 0.77),
    shown({ kind: "burst", distance: 200, spread: 0.8, grain: 16 }, 1),
    shown({ kind: "burst", distance: 90, gravity: 300 }, 0.5, { kind: "disc", centre: [400, 240], radius: 60 }),
  ];
  for (const state of rows) {
    const [layer] = state.document.layers;
    for (const [x, y] of [
      [350, 220],
      [380, 230],
      [395, 235],
      [360, 225],
    ]) {
      const [right, down] = movePoints(state.document, layer, Float64Array.of(x, y), state.progress);
      assert.deepEqual(hitTest(state, [right, down], 7), { kind: "layer", layer: 0 }, `${x} ${y}`);
    }
  }
});

test("it is not hit where it was, once all of it has gone, nor far from what is shown", () => {
  const wave = shown({ kind: "wave", amplitude: 200, wavelength: 10_000, cycles: 1 }, 0.25);
  assert.equal(hitTest(wave, [350, 220], 7).kind, "nothing");
  assert.equal(hitTest(wave, [350, 420], 7).kind, "layer");
  assert.equal(hitTest(wave, [250, 420], 7).kind, "nothing");
});
