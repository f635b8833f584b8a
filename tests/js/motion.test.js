/** Layers move as in Python, and as a person would say. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  affineAt,
  anchorOf,
  applyAffine,
  cameraAt,
  composeAffines,
  hasRipple,
  invertAffine,
  movePoints,
  poseAt,
  rippleAt,
  scaleAt,
} from "../../js/model/motion.js";
import { assertClose, documentOf, goldenFile } from "./golden_cases.js";

/** @import { Affine } from "../../js/types.js" */
/** @typedef {{ name: string, document: object, layer: number, progress: number[], affines: number[][][], points: number[][], moved: number[][][] }} Row */
/** @typedef {{ why: string, region: object, motion: object, camera?: object, progress: number, points: number[][], moved: number[][] }} HandRow */

/** @type {{ tolerance: number, cases: Row[] }} */
const { tolerance, cases } = goldenFile("motions");
/** @type {{ tolerance: number, motions: HandRow[] }} */
const HAND = goldenFile("hand");

for (const row of cases) {
  test(`Python's map and places: ${row.name}`, () => {
    const document = documentOf(row.document);
    const layer = document.layers[row.layer];
    const points = Float64Array.from(row.points.flat());
    row.progress.forEach((progress, index) => {
      assertClose(affineAt(document, layer, progress), row.affines[index], tolerance);
      assertClose(movePoints(document, layer, points, progress), row.moved[index], tolerance);
    });
  });
}

for (const row of HAND.motions) {
  test(`worked out by hand: ${row.why}`, () => {
    const camera = row.camera ? [{ region: { kind: "frame" }, motion: row.camera }] : [];
    const layers = [{ region: row.region, motion: row.motion }, ...camera];
    const document = documentOf({ version: 1, width: 200, height: 200, layers });
    const points = Float64Array.from(row.points.flat());
    assertClose(movePoints(document, document.layers[0], points, row.progress), row.moved, HAND.tolerance);
  });
}

const BOX = { kind: "rectangle", box: [40, 30, 24, 32] };
const WAVE = { components: [{ kind: "wave", amplitude: 10, wavelength: 100, cycles: 1 }] };

test("the pose is the change since progress 0", () => {
  const motion = {
    path: {
      points: [
        [3, 4],
        [13, 4],
      ],
    },
    rotation: [
      [0, 30],
      [1, 90],
    ],
    scale: [
      [0, 2],
      [1, 4],
    ],
  };
  const document = documentOf({ version: 1, width: 128, height: 80, layers: [{ region: BOX, motion }] });
  const pose = poseAt(document.layers[0].motion, 1);
  assertClose([pose.x, pose.y, pose.turn, pose.growth], [10, 0, 60, Math.log(2)], 1e-12);
  assert.equal(scaleAt(document, document.layers[0], 0), 1);
  assertClose([scaleAt(document, document.layers[0], 1)], [2], 1e-12);
});

test("a layer turns about its anchor, or else about the middle of its region's box", () => {
  const layers = [{ region: BOX }, { region: BOX, motion: { anchor: [1, 2] } }, { region: { kind: "frame" } }];
  const document = documentOf({ version: 1, width: 128, height: 80, layers });
  assert.deepEqual(
    document.layers.map((layer) => anchorOf(document, layer)),
    [
      [52, 46],
      [1, 2],
      [64, 40],
    ],
  );
});

test("only enabled frames are cameras, the upper after the lower", () => {
  const pan = {
    region: { kind: "frame" },
    motion: {
      path: {
        points: [
          [0, 0],
          [10, 0],
        ],
      },
    },
  };
  const zoom = {
    region: { kind: "frame" },
    motion: {
      scale: [
        [0, 1],
        [1, 2],
      ],
      anchor: [0, 0],
    },
  };
  const off = { ...pan, enabled: false };
  const document = documentOf({ version: 1, width: 100, height: 100, layers: [pan, off, { region: BOX }, zoom] });
  assertClose(cameraAt(document, 1), [2, 0, 20, 0, 2, 0], 1e-12);
  assertClose(affineAt(document, document.layers[2], 1), [2, 0, 20, 0, 2, 0], 1e-12);
  assert.deepEqual(cameraAt(document, 0), [1, 0, 0, 0, 1, 0]);
});

test("a ripple is zero at the start, and of a layer without one always", () => {
  const layers = [
    { region: BOX, motion: WAVE },
    {
      region: BOX,
      motion: {
        rotation: [
          [0, 0],
          [1, 9],
        ],
      },
    },
  ];
  const document = documentOf({ version: 1, width: 128, height: 80, layers });
  const [wave, turn] = document.layers;
  assert.deepEqual([hasRipple(wave), hasRipple(turn)], [true, false]);
  const points = Float64Array.of(52, 46, 77, 46);
  assert.deepEqual([...rippleAt(wave, points, 0)], [0, 0, 0, 0]);
  assert.deepEqual([...rippleAt(turn, points, 0.7)], [0, 0, 0, 0]);
  assertClose(rippleAt(wave, points, 0.25), [0, 10, 0, 10], 1e-9);
});

test("the same layer in a picture of another size turns about that picture's middle", () => {
  const camera = {
    region: { kind: "frame" },
    motion: {
      rotation: [
        [0, 0],
        [1, 180],
      ],
    },
  };
  const small = documentOf({ version: 1, width: 100, height: 100, layers: [camera] });
  const large = { ...small, width: 200 };
  assertClose(affineAt(small, small.layers[0], 1), [-1, 0, 100, 0, -1, 100], 1e-9);
  assertClose(affineAt(large, small.layers[0], 1), [-1, 0, 200, 0, -1, 100], 1e-9);
});

test("an inverse takes a place back, and maps compose from right to left", () => {
  /** @type {Affine} */
  const affine = [2, 1, 5, -1, 3, 7];
  assert.deepEqual(applyAffine(affine, 1, 2), [9, 12]);
  assertClose(applyAffine(invertAffine(affine), 9, 12), [1, 2], 1e-12);
  assert.deepEqual(composeAffines([1, 0, 10, 0, 1, 0], [2, 0, 0, 0, 2, 0]), [2, 0, 10, 0, 2, 0]);
});
