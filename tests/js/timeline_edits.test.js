import assert from "node:assert/strict";
import test from "node:test";
import {
  changeLayers,
  hiddenSpans,
  hideBetween,
  moveLayers,
  moveSpanEdge,
  shiftTimings,
  showAround,
  trimTiming,
} from "../../js/model/timeline_edits.js";
import { layerOf, sceneOf } from "./panel_scene.js";

/** @import { Span } from "../../js/types.js" */

/** @param {...readonly [number, number]} bars */
const withBars = (...bars) => sceneOf(bars.map(([start, end]) => layerOf({}, { timing: { start, end } })));

/** @param {import("../../js/types.js").TrackDocument} document */
const barsOf = (document) => document.layers.map(({ motion }) => [motion.timing.start, motion.timing.end]);

test("bars shift together as far as the clip allows all of them and keep their lengths", () => {
  const scene = withBars([0, 0.5], [0.25, 0.75]);
  assert.deepEqual(barsOf(shiftTimings(scene, [0, 1], 0.125)), [
    [0.125, 0.625],
    [0.375, 0.875],
  ]);
  assert.deepEqual(barsOf(shiftTimings(scene, [0, 1], 9)), [
    [0.25, 0.75],
    [0.5, 1],
  ]);
  assert.deepEqual(barsOf(shiftTimings(scene, [1], -9)), [
    [0, 0.5],
    [0, 0.5],
  ]);
  assert.equal(shiftTimings(scene, [], 0.5), scene);
});

test("a layer that an edit does not change keeps its identity, and the edited document is frozen", () => {
  const scene = withBars([0, 0.5], [0.25, 0.75]);
  const shifted = shiftTimings(scene, [1], 0.125);
  assert.equal(shifted.layers[0], scene.layers[0]);
  assert.ok(Object.isFrozen(shifted.layers[1].motion.timing));
  assert.equal(
    changeLayers(scene, [0, 1], (layer) => layer),
    scene,
  );
});

test("a trimmed edge stays in the clip and before the other edge", () => {
  const layer = layerOf({}, { timing: { start: 0.25, end: 0.75 } });
  const rows = /** @type {const} */ ([
    ["start", 0.5, [0.5, 0.75]],
    ["start", -1, [0, 0.75]],
    ["start", 0.9, [0.625, 0.75]],
    ["end", 0, [0.25, 0.375]],
    ["end", 2, [0.25, 1]],
    ["end", Number.NaN, [0.25, 0.75]],
  ]);
  for (const [edge, at, bar] of rows) {
    const { start, end } = trimTiming(layer, edge, at, 0.125).motion.timing;
    assert.deepEqual([start, end], bar, `${edge} to ${at}`);
  }
});

test("what is hidden lies between the spans that are seen", () => {
  /** @type {[Span[], number[][]][]} */
  const rows = [
    [[[0, 1]], []],
    [[], [[0, 1, -1, -1]]],
    [
      [[0.25, 0.5]],
      [
        [0, 0.25, -1, 0],
        [0.5, 1, 0, -1],
      ],
    ],
    [
      [
        [0, 0.25],
        [0.75, 1],
      ],
      [[0.25, 0.75, 0, 1]],
    ],
  ];
  for (const [visible, gaps] of rows) {
    const found = hiddenSpans(visible).map(({ from, to, before, after }) => [from, to, before, after]);
    assert.deepEqual(found, gaps);
  }
});

test("the edge of a span is stopped by its neighbours and spans that touch become one", () => {
  /** @type {Span[]} */
  const visible = [
    [0, 0.25],
    [0.5, 1],
  ];
  assert.deepEqual(moveSpanEdge(visible, 0, 1, 0.375), [
    [0, 0.375],
    [0.5, 1],
  ]);
  assert.deepEqual(moveSpanEdge(visible, 0, 1, 0.9), [[0, 1]]);
  assert.deepEqual(moveSpanEdge(visible, 1, 0, -5), [[0, 1]]);
  assert.deepEqual(moveSpanEdge(visible, 1, 1, 0.25), [
    [0, 0.25],
    [0.5, 0.5],
  ]);
});

test("hiding cuts spans and showing closes the gap around a moment", () => {
  assert.deepEqual(hideBetween([[0, 1]], 0.25, 0.5), [
    [0, 0.25],
    [0.5, 1],
  ]);
  assert.deepEqual(hideBetween([[0, 1]], -0.1, 0.1), [[0.1, 1]]);
  assert.deepEqual(hideBetween([[0.25, 0.5]], 0, 1), []);
  const cut = hideBetween([[0, 1]], 0.25, 0.5);
  assert.deepEqual(showAround(cut, 0.375), [[0, 1]]);
  assert.equal(showAround(cut, 0.75), cut);
  assert.deepEqual(showAround([], 0.5), [[0, 1]]);
});

test("layers move in depth as a block and it is said where they went", () => {
  const scene = sceneOf(["a", "b", "c", "d"].map((name) => layerOf({ name })));
  const rows = /** @type {const} */ ([
    [[0], 4, "bcda", [3]],
    [[0, 2], 4, "bdac", [2, 3]],
    [[3], 0, "dabc", [0]],
    [[1], 1, "abcd", [1]],
    [[1], 2, "abcd", [1]],
    [[1], 3, "acbd", [2]],
    [[], 0, "abcd", []],
  ]);
  for (const [chosen, to, order, places] of rows) {
    const moved = moveLayers(scene, chosen, to);
    assert.equal(moved.document.layers.map((layer) => layer.name).join(""), order);
    assert.deepEqual([...moved.indices], [...places]);
  }
  assert.equal(moveLayers(scene, [1], 2).document, scene);
});
