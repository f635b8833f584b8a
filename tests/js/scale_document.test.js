import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument, serialiseDocument } from "../../js/model/document.js";
import { isOtherShape, scaleDocument } from "../../js/model/scale_document.js";
import { isSame } from "../../js/model/values.js";
import { documentOf, layersOf } from "./gesture_script.js";

const EACH = [
  {
    region: { kind: "point", at: [10, 20] },
    motion: {
      path: {
        points: [
          [0, 0],
          [30, -8],
        ],
      },
      anchor: [100, 50],
    },
  },
  { region: { kind: "disc", centre: [100, 100], radius: 30 } },
  { region: { kind: "rectangle", box: [300, 100, 60, 40] } },
  {
    region: {
      kind: "polygon",
      points: [
        [0, 0],
        [10, 0],
        [0, 10],
      ],
    },
    motion: {
      path: {
        kind: "bezier",
        points: [
          [0, 0],
          [10, 5],
        ],
        handles: [
          [0, 0, 4, 2],
          [-4, 2, 0, 0],
        ],
        times: [0, 1],
      },
    },
  },
  {
    region: {
      kind: "brush",
      points: [
        [5, 5],
        [9, 9],
      ],
      radius: 4,
    },
  },
  { region: { kind: "mask", columns: 104, rows: 60, runs: [1000, 4, 5236] } },
  {
    region: { kind: "frame" },
    motion: {
      rotation: [
        [0, 0],
        [1, 30],
      ],
      components: [
        { kind: "gravity", floor: 100, speed_x: 10, speed_y: -20 },
        { kind: "sway", amplitude: 8, cycles: 3 },
      ],
    },
  },
];

test("in the same shape every length in pixels grows alike and times, angles and densities stay", () => {
  const scaled = scaleDocument(documentOf(EACH), 1664, 960);
  assert.deepEqual([scaled.width, scaled.height], [1664, 960]);
  assert.deepEqual(layersOf(scaled), [
    {
      region: { kind: "point", at: [20, 40] },
      motion: {
        path: {
          points: [
            [0, 0],
            [60, -16],
          ],
        },
        anchor: [200, 100],
      },
    },
    { region: { kind: "disc", centre: [200, 200], radius: 60 } },
    { region: { kind: "rectangle", box: [600, 200, 120, 80] } },
    {
      region: {
        kind: "polygon",
        points: [
          [0, 0],
          [20, 0],
          [0, 20],
        ],
      },
      motion: {
        path: {
          kind: "bezier",
          points: [
            [0, 0],
            [20, 10],
          ],
          handles: [
            [0, 0, 8, 4],
            [-8, 4, 0, 0],
          ],
          times: [0, 1],
        },
      },
    },
    {
      region: {
        kind: "brush",
        points: [
          [10, 10],
          [18, 18],
        ],
        radius: 8,
      },
    },
    { region: { kind: "mask", columns: 104, rows: 60, runs: [1000, 4, 5236], cell: 16 } },
    {
      region: { kind: "frame" },
      motion: {
        rotation: [
          [0, 0],
          [1, 30],
        ],
        components: [
          { kind: "gravity", gravity: 3200, speed_x: 20, speed_y: -40 },
          { kind: "sway", cycles: 3 },
        ],
      },
    },
  ]);
});

test("in another shape places go each their way, what is round grows by the mean of both", () => {
  const scaled = scaleDocument(documentOf(EACH), 3328, 480);
  const [point, disc, box, , , mask, camera] = scaled.layers;
  assert.deepEqual(point.region, { kind: "point", at: [40, 20] });
  assert.deepEqual(disc.region, { kind: "disc", centre: [400, 100], radius: 60 });
  assert.deepEqual(box.region, { kind: "rectangle", box: [1200, 100, 240, 40] });
  assert.equal(mask.region.kind === "mask" && mask.region.cell, 16);
  const [gravity, sway] = camera.motion.components;
  assert.deepEqual([gravity.values.speed_x, gravity.values.speed_y, gravity.values.floor], [40, -20, 100]);
  assert.equal(sway.values.amplitude, 16);
});

test("whatever it is scaled to, the document stays readable; to its own size it stays the same object", () => {
  const document = documentOf(EACH);
  for (const [width, height] of [
    [1, 1],
    [16384, 16384],
    [1, 16384],
    [832, 481],
  ]) {
    const scaled = scaleDocument(document, width, height);
    assert.ok(isSame(parseDocument(serialiseDocument(scaled)), scaled), `${width} x ${height}`);
  }
  assert.equal(scaleDocument(document, 832, 480), document);
});

test("sizes that rounding makes of one shape are no other shape", () => {
  const document = documentOf(EACH);
  const rows = /** @type {const} */ ([
    [832, 480, false],
    [1664, 960, false],
    [416, 240, false],
    [1280, 738, false],
    [640, 369, false],
    [1280, 720, true],
    [480, 832, true],
  ]);
  for (const [width, height, other] of rows) assert.equal(isOtherShape(document, [width, height]), other, `${width}`);
});
