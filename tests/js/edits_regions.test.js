import assert from "node:assert/strict";
import { test } from "node:test";
import { moveRegion, moveRegionPoints, scaleAbout, setRadius, transformRegion, turnAbout } from "../../js/model/edits.js";
import { documentOf, layersOf } from "./gesture_script.js";

/** @import { Affine, Layer, Pair } from "../../js/types.js" */

/**
 * @param {unknown} region
 * @param {unknown} [motion]
 */
function layerOf(region, motion = {}) {
  return documentOf([{ region, motion }]).layers[0];
}

/** @param {Layer} layer */
function regionOf(layer) {
  const [written] = /** @type {{ region: unknown }[]} */ (layersOf({ version: 1, width: 832, height: 480, layers: [layer] }));
  return written.region;
}

const REGIONS = {
  point: { kind: "point", at: [10, 20] },
  disc: { kind: "disc", centre: [10, 20], radius: 5 },
  rectangle: { kind: "rectangle", box: [10, 20, 30, 40] },
  polygon: {
    kind: "polygon",
    points: [
      [0, 0],
      [10, 0],
      [0, 10],
    ],
  },
  brush: {
    kind: "brush",
    points: [
      [0, 0],
      [10, 0],
    ],
    radius: 4,
  },
  frame: { kind: "frame" },
  rest: { kind: "rest" },
};

test("moving shifts every kind of region that has a place", () => {
  const rows = {
    point: { kind: "point", at: [13, 16] },
    disc: { kind: "disc", centre: [13, 16], radius: 5 },
    rectangle: { kind: "rectangle", box: [13, 16, 30, 40] },
    polygon: {
      kind: "polygon",
      points: [
        [3, -4],
        [13, -4],
        [3, 6],
      ],
    },
    brush: {
      kind: "brush",
      points: [
        [3, -4],
        [13, -4],
      ],
      radius: 4,
    },
    frame: REGIONS.frame,
    rest: REGIONS.rest,
  };
  for (const [kind, moved] of Object.entries(rows)) {
    assert.deepEqual(regionOf(moveRegion(layerOf(Reflect.get(REGIONS, kind)), [3, -4])), moved, kind);
  }
});

test("a mask moves by whole cells, as far as its grid goes, and loses none", () => {
  const mask = layerOf({ kind: "mask", columns: 4, rows: 3, runs: [5, 2, 5] });
  const rows = /** @type {[Pair, number[]][]} */ ([
    [
      [8, 0],
      [6, 2, 4],
    ],
    [
      [3, 3],
      [5, 2, 5],
    ],
    [
      [-800, -800],
      [0, 2, 10],
    ],
    [
      [800, 800],
      [10, 2],
    ],
  ]);
  for (const [by, runs] of rows) assert.deepEqual(Reflect.get(moveRegion(mask, by).region, "runs"), runs, String(by));
});

test("scaling keeps discs round and turns no rectangle", () => {
  const twice = scaleAbout([0, 0], [4, 1]);
  assert.deepEqual(regionOf(transformRegion(layerOf(REGIONS.disc), twice)), { kind: "disc", centre: [40, 20], radius: 10 });
  assert.deepEqual(regionOf(transformRegion(layerOf(REGIONS.rectangle), twice)), { kind: "rectangle", box: [40, 20, 120, 40] });
  assert.deepEqual(regionOf(transformRegion(layerOf(REGIONS.brush), twice)), {
    kind: "brush",
    points: [
      [0, 0],
      [40, 0],
    ],
    radius: 8,
  });
});

test("a rectangle that turns becomes a polygon", () => {
  assert.deepEqual(regionOf(transformRegion(layerOf({ kind: "rectangle", box: [0, 0, 10, 20] }), turnAbout([0, 0], 90))), {
    kind: "polygon",
    points: [
      [0, 0],
      [0, 10],
      [-20, 10],
      [-20, 0],
    ],
  });
});

test("an anchor goes along", () => {
  const moved = moveRegion(layerOf(REGIONS.disc, { anchor: [100, 0] }), [1, 2]);
  assert.deepEqual(moved.motion.anchor, [101, 2]);
});

test("what a document cannot hold is refused", () => {
  const layer = layerOf(REGIONS.disc);
  for (const by of /** @type {Pair[]} */ ([
    [1e7, 0],
    [0, Number.NaN],
    [Number.POSITIVE_INFINITY, 0],
  ])) {
    assert.equal(moveRegion(layer, by), layer);
  }
  for (const affine of /** @type {Affine[]} */ ([scaleAbout([0, 0], [0, 0]), scaleAbout([0, 0], [1e9, 1e9])])) {
    assert.equal(transformRegion(layer, affine), layer);
  }
  assert.equal(setRadius(layer, 1e9), layer);
  assert.deepEqual(regionOf(setRadius(layer, -4)), { kind: "disc", centre: [10, 20], radius: 1 });
});

test("single corners move", () => {
  assert.deepEqual(regionOf(moveRegionPoints(layerOf(REGIONS.polygon), [1], [10, 5])), {
    kind: "polygon",
    points: [
      [0, 0],
      [20, 5],
      [0, 10],
    ],
  });
  const layer = layerOf(REGIONS.polygon);
  assert.equal(moveRegionPoints(layer, [1], [1e6, 0]), layer);
  assert.equal(moveRegionPoints(layerOf(REGIONS.disc), [0], [1, 1]).region.kind, "disc");
});
