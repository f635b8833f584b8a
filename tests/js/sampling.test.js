/** Baked tracks are Python's, and what cannot be baked is said in the same words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentError } from "../../js/model/errors.js";
import { bake, bakeWhatCan, frameOf, makeFit, progressOf, visibleAt } from "../../js/model/sampling.js";
import { assertClose, documentOf, goldenFile } from "./golden_cases.js";

/** @import { KnownTracks } from "../../js/model/layer_tracks.js" */
/** @import { Clip, Layer, TrackDocument } from "../../js/types.js" */
/** @typedef {{ name: string, document: object, length: number, width: number, height: number, fit: Clip["fit"], positions: number[][][], visibility: number[][], layer: number[] }} Row */

/** @type {{ tolerance: number, cases: Row[] }} */
const { tolerance, cases } = goldenFile("bakes");
/** @type {Clip} */
const CLIP = { width: 128, height: 80, length: 5, fps: 16, fit: null };
const BOX = { kind: "rectangle", box: [40, 30, 24, 32] };
const PAN = {
  path: {
    points: [
      [0, 0],
      [8, 0],
    ],
  },
};

/** @param {object[]} layers */
function picture(...layers) {
  return documentOf({ version: 1, width: 128, height: 80, layers });
}

for (const row of cases) {
  test(`Python's tracks: ${row.name}`, () => {
    const tracks = bake(documentOf(row.document), { ...row, fps: 16 });
    assertClose(tracks.positions, row.positions, tolerance);
    assertClose(tracks.visibility, row.visibility, 0);
    assert.deepEqual([...tracks.layer], row.layer);
    assert.deepEqual([tracks.length, tracks.width, tracks.height], [row.length, row.width, row.height]);
    assert.equal(tracks.count, row.layer.length);
  });
}

const WAVE = { components: [{ kind: "wave" }] };
const AT = (/** @type {number[]} */ at) => ({ name: "p", region: { kind: "point", at } });

/** @type {[string, ReturnType<typeof picture>, Partial<Clip>, number | null, string][]} */
const REFUSALS = [
  [
    "a point outside the picture",
    picture({ region: BOX }, AT([128, 8.25])),
    {},
    1,
    'Layer 2 "p" starts at (128, 8.25), outside the picture (0 <= x < 128, 0 <= y < 80): it has nothing to move. Move its start inside or disable it.',
  ],
  [
    "a point that the crop cuts off",
    picture(AT([4, 40])),
    { width: 80, fit: "crop" },
    0,
    'Layer 1 "p" starts at (4, 40), outside what the crop leaves of the picture (24 <= x < 104, 0 <= y < 80): it has nothing to move. Move its start inside or disable it.',
  ],
  ["no layer", picture(), {}, null, "The document makes no tracks: it has no enabled layer. Draw a layer inside the picture."],
  [
    "no region inside the picture",
    picture({ region: { kind: "disc", centre: [-90, 0], radius: 8 } }),
    {},
    null,
    "The document makes no tracks: all its regions lie outside the picture. Draw a layer inside the picture.",
  ],
  [
    "another shape without a fit",
    picture({ region: BOX }),
    { width: 80 },
    null,
    'The document\'s picture is 128 x 80, the target 80 x 80: another shape. Say fit="stretch" (the picture is squeezed) or fit="crop" (its edges are cut off).',
  ],
  ["no frames", picture({ region: BOX }), { length: 0 }, null, "The length of the tracks is 0; 1 to 4096 is needed."],
  ["too wide", picture({ region: BOX }), { width: 20000 }, null, "The width of the tracks is 20000; 1 to 16384 is needed."],
  [
    "a wave below another camera",
    picture({ region: { kind: "frame" }, motion: WAVE }, { region: { kind: "frame" } }),
    {},
    0,
    "Layer 1 has a wave, but Layer 2 lies above it and carries the background; put the wave there.",
  ],
  [
    "too many tracks",
    picture({ region: BOX, density: 64 }, { region: { kind: "rectangle", box: [0, 0, 128, 80] }, density: 64 }),
    { width: 1280, height: 800 },
    1,
    "The document makes 1024000 tracks; 65536 are allowed. Layer 2 alone makes 1024000: lower its density (now 64) or its scale.",
  ],
  [
    "a grid that memory should not be spent on",
    picture(
      {
        region: BOX,
        motion: {
          scale: [
            [0, 1],
            [1, 100],
          ],
        },
        density: 64,
      },
      AT([4, 4]),
    ),
    {},
    0,
    "Layer 1 is so large and dense that a grid of 2.4e+03 x 3.2e+03 start points would be needed; 65536 tracks are allowed. Lower its density or its scale.",
  ],
  [
    "a scale beyond all bounds",
    picture(
      { region: AT([4, 4]).region },
      { region: BOX, motion: { components: Array(16).fill({ kind: "dolly", travel: 0.9 }) } },
    ),
    { length: 1 },
    1,
    "Layer 2 is so large and dense that a grid of 3e+16 x 4e+16 start points would be needed; 65536 tracks are allowed. Lower its density or its scale.",
  ],
  [
    "a flight off the scale",
    picture({
      region: AT([4, 4]).region,
      motion: {
        scale: [
          [0, 1],
          [1, 100],
        ],
        anchor: [-1000000, 0],
        components: Array(16).fill({ kind: "dolly", travel: 0.9 }),
      },
    }),
    {},
    0,
    "Layer 1 moves farther than 1e+09 px; lower its scale or path.",
  ],
];

for (const [title, document, some, layer, message] of REFUSALS) {
  test(`${title} is refused in Python's words, and named`, () => {
    const clip = { ...CLIP, ...some };
    assert.throws(
      () => bake(document, clip),
      (error) => error instanceof DocumentError && error.message === message,
    );
    const [found] = bakeWhatCan(document, clip).errors;
    assert.deepEqual([found.layer, found.message], [layer, message]);
  });
}

test("what can be baked is baked while another layer cannot", () => {
  const document = picture(AT([-5, 5]), { region: BOX, motion: PAN }, AT([200, 5]));
  const { tracks, errors } = bakeWhatCan(document, CLIP);
  assert.deepEqual(new Set(tracks?.layer), new Set([1]));
  assert.equal(tracks?.count, 12);
  assert.deepEqual(
    errors.map(({ kind, layer }) => [kind, layer]),
    [
      ["start-outside", 0],
      ["start-outside", 2],
    ],
  );
});

test("without a fit another shape is shown stretched", () => {
  const { tracks, errors } = bakeWhatCan(picture({ region: { kind: "frame" } }), { ...CLIP, width: 80 });
  assert.equal(tracks?.count, 100);
  assert.deepEqual(
    errors.map(({ kind }) => kind),
    ["source-size"],
  );
});

test("a crop keeps the middle, a stretch all", () => {
  const document = picture();
  assert.deepEqual(makeFit(document, 80, 80, "crop"), { scale: [1, 1], corner: [24, 0], width: 80, height: 80 });
  assert.deepEqual(makeFit(document, 64, 80, "stretch"), { scale: [0.5, 1], corner: [0, 0], width: 64, height: 80 });
  assert.deepEqual(makeFit(document, 256, 160, null), { scale: [2, 2], corner: [0, 0], width: 256, height: 160 });
});

test("spans hold their ends", () => {
  const spans = /** @type {const} */ ([
    [0.25, 0.5],
    [0.75, 0.75],
  ]);
  assert.deepEqual(
    [0, 0.25, 0.5, 0.6, 0.75, 1].map((progress) => visibleAt(spans, progress)),
    [false, true, true, false, true, false],
  );
});

test("frames and clip progress lead to each other", () => {
  assert.deepEqual(
    [0, 20, 80].map((frame) => progressOf(frame, 81)),
    [0, 0.25, 1],
  );
  assert.deepEqual(
    [-1, 0, 0.25, 0.256, 1, 2].map((progress) => frameOf(progress, 81)),
    [0, 0, 20, 20, 80, 80],
  );
  assert.deepEqual([progressOf(0, 1), frameOf(0.7, 1)], [0, 0]);
});

const FAR = 1e6;
const SPOT = { region: { kind: "point", at: [1, 1] } };
const CROWD = Array.from({ length: 256 }, (_, index) => ({
  region: { kind: "disc", centre: [10 + (index % 10) * 4, 10 + Math.floor(index / 10) * 2], radius: 3 },
}));

/** Title, layers, and as Python has them: how many tracks, where the first and the last of them end. */
/** @type {[string, object[], number, number[], number[]][]} */
const EXTREMES = [
  [
    "a huge disc that only touches the picture",
    [{ region: { kind: "disc", centre: [FAR, FAR], radius: FAR } }, SPOT],
    1,
    [1, 1],
    [1, 1],
  ],
  ["a huge disc over all", [{ region: { kind: "disc", centre: [0, 0], radius: FAR } }], 160, [4, 4], [124, 76]],
  ["a huge polygon over all", [polygon([-FAR, -FAR], [FAR, -FAR], [FAR, FAR], [-FAR, FAR])], 160, [4, 4], [124, 76]],
  ["a polygon of one place", [polygon([40, 40], [40, 40], [40, 40]), SPOT], 1, [1, 1], [1, 1]],
  ["a polygon that is a line", [polygon([40, 40], [80, 40], [60, 40]), SPOT], 1, [1, 1], [1, 1]],
  [
    "a brush across the world",
    [
      {
        region: {
          kind: "brush",
          points: [
            [-FAR, -FAR],
            [FAR, FAR],
          ],
          radius: 3,
        },
      },
    ],
    10,
    [4, 4],
    [76, 76],
  ],
  ["a speck", [{ region: { kind: "rectangle", box: [10, 10, 0.001, 0.001] } }], 1, [10, 10], [10, 10]],
  [
    "a path to the end of the world",
    [
      away([
        [0, 0],
        [-FAR, FAR],
      ]),
    ],
    1,
    [-999996, 1000004],
    [-999996, 1000004],
  ],
  [
    "a path that stays where it is",
    [
      away([
        [7, 7],
        [7, 7],
        [7, 7],
      ]),
    ],
    1,
    [4, 4],
    [4, 4],
  ],
  ["256 layers", CROWD, 95, [12, 12], [28, 60]],
];

/** @param {...number[]} points */
function polygon(...points) {
  return { region: { kind: "polygon", points } };
}

/** @param {number[][]} points */
function away(points) {
  return { region: { kind: "point", at: [4, 4] }, motion: { path: { points } } };
}

for (const [title, layers, count, first, last] of EXTREMES) {
  test(`${title} is baked as in Python`, () => {
    const { positions, ...tracks } = bake(picture(...layers), CLIP);
    const end = 4 * tracks.count * 2;
    assert.equal(tracks.count, count);
    assertClose(positions.subarray(end, end + 2), first, 1e-3);
    assertClose(positions.subarray(positions.length - 2), last, 1e-3);
  });
}

test("40,960 tracks over 81 frames are baked", () => {
  const layers = [{ region: { kind: "rectangle", box: [0, 0, 128, 80] }, density: 64 }];
  const { count, positions } = bake(picture(...layers), { ...CLIP, width: 256, height: 160, length: 81 });
  assert.equal(count, 40960);
  assertClose(positions.subarray(positions.length - 2), [255.5, 159.5], 0);
});

const LEFT = { region: { kind: "rectangle", box: [8, 8, 32, 32] }, motion: { components: [{ kind: "wave" }] } };
const RIGHT = {
  region: { kind: "disc", centre: [90, 40], radius: 20 },
  motion: {
    path: {
      points: [
        [0, 0],
        [20, 10],
      ],
    },
  },
};
const CAMERA = {
  region: { kind: "frame" },
  density: 0.1,
  motion: {
    rotation: [
      [0, 0],
      [1, 20],
    ],
  },
};

/** What is changed between two bakes of left, right and a camera: the layers, the clip. @type {[string, object[], object][]} */
const CHANGES = [
  ["nothing", [LEFT, RIGHT, CAMERA], {}],
  ["the motion of a layer", [LEFT, { ...RIGHT, motion: {} }, CAMERA], {}],
  ["the camera", [LEFT, RIGHT, { ...CAMERA, motion: {} }], {}],
  ["the camera, which goes", [LEFT, RIGHT], {}],
  ["a region that covers a part of another", [LEFT, { ...RIGHT, region: { ...RIGHT.region, centre: [40, 40] } }, CAMERA], {}],
  ["the order", [RIGHT, LEFT, CAMERA], {}],
  ["the length of the clip", [LEFT, RIGHT, CAMERA], { length: 9 }],
  ["the size of the clip", [LEFT, RIGHT, CAMERA], { width: 256, height: 160 }],
];

for (const [title, layers, clip] of CHANGES) {
  test(`a bake that knows the one before gives the same tracks when this was changed: ${title}`, () => {
    const before = picture(LEFT, RIGHT, CAMERA);
    const raw = picture(...layers);
    // Layers that are equal are the same, as in the editor.
    const kept = raw.layers.map((layer) => before.layers.find((one) => JSON.stringify(one) === JSON.stringify(layer)) ?? layer);
    const after = { ...raw, layers: kept };
    /** @type {KnownTracks} */
    const known = new Map();
    bake(before, CLIP, 8, known);
    assert.deepEqual(bake(after, { ...CLIP, ...clip }, 8, known), bake(raw, { ...CLIP, ...clip }));
    assert.deepEqual([...known.keys()].sort(byPlace(after)), after.layers);
  });
}

test("only layers that have changed are baked again", () => {
  const before = picture(LEFT, RIGHT);
  /** @type {KnownTracks} */
  const known = new Map();
  bake(before, CLIP, 8, known);
  const [left, right] = before.layers.map((layer) => known.get(layer)?.tracks.positions);
  const after = { ...before, layers: [before.layers[0], { ...before.layers[1], name: "moved" }] };
  bake(after, CLIP, 8, known);
  assert.equal(known.get(after.layers[0])?.tracks.positions, left);
  assert.notEqual(known.get(after.layers[1])?.tracks.positions, right);
});

/** @param {TrackDocument} document */
function byPlace({ layers }) {
  /** @type {(one: Layer, other: Layer) => number} */
  return (one, other) => layers.indexOf(one) - layers.indexOf(other);
}
