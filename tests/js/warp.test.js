import assert from "node:assert/strict";
import { test } from "node:test";
import { pullsOf, sourcesOf } from "../../js/editor/warp/ground.js";
import { fillHoles } from "../../js/editor/warp/hole_fill.js";
import { makeMesh, makeTiles, tears } from "../../js/editor/warp/mesh.js";
import { MovedMeshes } from "../../js/editor/warp/moved_meshes.js";
import { buildWarpScene } from "../../js/editor/warp/warp_scene.js";
import { parseDocument } from "../../js/model/document.js";
import { IDENTITY } from "../../js/model/motion.js";

/** @param {...object} layers */
const documentOf = (...layers) => parseDocument(JSON.stringify({ version: 1, width: 160, height: 96, layers }));
const DISC = { region: { kind: "disc", centre: [40, 40], radius: 16 } };
const BOX = { region: { kind: "rectangle", box: [100, 20, 20, 20] } };
const path = (/** @type {number} */ x, /** @type {number} */ y) => ({
  motion: {
    path: {
      points: [
        [0, 0],
        [x, y],
      ],
    },
  },
});

test("at the start, and where nothing moves, the picture is shown as it is", () => {
  const document = documentOf({ ...DISC, ...path(50, 0) });
  assert.equal(buildWarpScene(document, 0).still, true);
  assert.equal(buildWarpScene(document, 0.5).still, false);
  assert.deepEqual(buildWarpScene(documentOf(DISC, BOX), 1).cuts, []);
});

test("cutouts lie in depth order with their way and what lies above them", () => {
  const { cuts, holes } = buildWarpScene(documentOf({ ...DISC, ...path(50, 10) }, BOX, { region: { kind: "rest" } }), 1);
  assert.deepEqual(
    cuts.map((cut) => [cut.region.kind, cut.above.length, cut.left]),
    [
      ["disc", 1, 1],
      ["rectangle", 0, 0],
    ],
  );
  assert.deepEqual(cuts[0].affine, [1, 0, 50, 0, 1, 10]);
  assert.deepEqual(cuts[0].box, [20, 20, 60, 60]);
  assert.deepEqual(
    holes.map((hole) => hole.region.kind),
    ["disc"],
  );
});

test("what is disabled takes no part, what lies outside the picture neither", () => {
  const outside = { region: { kind: "disc", centre: [-90, 40], radius: 16 } };
  const { cuts } = buildWarpScene(documentOf({ ...DISC, enabled: false }, outside, { ...BOX, ...path(5, 5) }), 1);
  assert.deepEqual(
    cuts.map((cut) => cut.region.kind),
    ["rectangle"],
  );
});

test("a hole opens over the first pixels of motion, and at once under what is hidden", () => {
  const left = (/** @type {object} */ layer, /** @type {number} */ at) => buildWarpScene(documentOf(layer), at).cuts[0].left;
  const moving = { ...DISC, ...path(30, 0) };
  assert.deepEqual(
    [0.01, 0.05, 0.5].map((at) => left(moving, at)),
    [0.25, 0.5, 1],
  );
  assert.equal(left({ ...DISC, visible: [[0, 0.4]] }, 0.5), 1);
});

test("a camera carries the cutouts along and opens no hole under them", () => {
  const camera = { region: { kind: "frame" }, ...path(20, 0) };
  const { ground, cuts } = buildWarpScene(documentOf(DISC, camera), 1);
  assert.deepEqual(ground.affine, [1, 0, 20, 0, 1, 0]);
  assert.deepEqual([cuts[0].affine, cuts[0].left], [[1, 0, 20, 0, 1, 0], 0]);
});

test("a point pulls the background along, a pin beside it holds it", () => {
  const point = (/** @type {number[]} */ at, /** @type {object} */ motion = {}) => ({
    region: { kind: "point", at },
    ...motion,
  });
  const document = documentOf(point([60, 48], path(10, 0)), point([90, 48]));
  const pulls = pullsOf(document, 1);
  const ground = { layer: null, affine: IDENTITY, pulls, progress: 1, ripples: false };
  const sources = sourcesOf(Float64Array.of(70, 48, 90, 48, 159, 95), ground);
  assert.ok(Math.abs(sources[0] - 60) < 0.02, "the point's place shows what lay at its start");
  assert.ok(Math.abs(sources[2] - 90) < 0.02, "the pin shows what lay there");
  assert.deepEqual(Array.from(sources.subarray(4)), [159, 95]);
  assert.deepEqual(pullsOf(document, 0), []);
});

test("a lone point's pull never folds the picture", () => {
  const document = documentOf({ region: { kind: "point", at: [20, 48] }, ...path(120, 0) });
  const row = Float64Array.from({ length: 322 }, (_, index) => (index % 2 ? 48 : index / 2));
  const sources = sourcesOf(row, { layer: null, affine: IDENTITY, pulls: pullsOf(document, 1), progress: 1, ripples: false });
  for (let i = 2; i < sources.length; i += 2) assert.ok(sources[i] > sources[i - 2], `at ${i / 2}`);
});

test("the background's places are found through the camera and the ripple", () => {
  const zoom = { layer: null, affine: /** @type {const} */ ([2, 0, -80, 0, 2, -48]), pulls: [], progress: 1, ripples: false };
  assert.deepEqual(Array.from(sourcesOf(Float64Array.of(80, 48, 0, 0), zoom)), [80, 48, 40, 24]);
});

test("a mesh covers its box and has a bounded number of points", () => {
  const mesh = makeMesh([10, 20, 30, 28], 8);
  assert.deepEqual([mesh.columns, mesh.rows, mesh.triangles.length], [4, 2, 18]);
  assert.deepEqual(Array.from(mesh.places.subarray(0, 2)), [10, 20]);
  assert.deepEqual(Array.from(mesh.places.subarray(-2)), [30, 28]);
  assert.deepEqual(
    [makeMesh([0, 0, 100, 50], Number.POSITIVE_INFINITY).places.length, makeMesh([0, 0, 0, 0], 8).columns],
    [8, 2],
  );
  assert.ok(makeMesh([0, 0, 8000, 6000], 8).places.length / 2 < 5300);
});

test("tiles have corners of their own", () => {
  const { mesh, middles } = makeTiles([0, 0, 16, 8], 8);
  assert.deepEqual(Array.from(middles), [4, 4, 12, 4]);
  assert.deepEqual(Array.from(mesh.places), [0, 0, 8, 0, 0, 8, 8, 8, 8, 0, 16, 0, 8, 8, 16, 8]);
  assert.deepEqual(Array.from(mesh.triangles), [0, 1, 2, 1, 3, 2, 4, 5, 6, 5, 7, 6]);
});

test("a wave bends a mesh, a burst tears it", () => {
  const mesh = makeMesh([0, 0, 16, 8], 8);
  assert.equal(tears(mesh, Float64Array.of(0, 0, 3, 0, 6, 0, 0, 0, 3, 0, 6, 0)), false);
  assert.equal(tears(mesh, Float64Array.of(0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0)), true);
  const cutOf = (/** @type {string} */ kind) =>
    buildWarpScene(
      documentOf({ region: { kind: "rectangle", box: [16, 16, 96, 64] }, motion: { components: [{ kind }] } }),
      0.4,
    ).cuts[0];
  const meshes = new MovedMeshes();
  assert.equal(meshes.cutout(cutOf("wave"), 0.4).mesh.columns, 14);
  const burst = meshes.cutout(cutOf("burst"), 0.4);
  assert.equal(burst.mesh.columns, 26);
  assert.equal(burst.moved.length, burst.mesh.places.length);
});

test("a hole takes the colours around it, from both sides", () => {
  const [width, height] = [16, 8];
  const pixels = new Uint8ClampedArray(width * height * 4);
  const hole = new Uint8Array(width * height);
  for (let i = 0; i < hole.length; i++) {
    const x = i % width;
    pixels.set([x < 8 ? 200 : 40, 100, x * 10, 255], 4 * i);
    if (x >= 5 && x < 11) hole[i] = 1;
    if (hole[i]) pixels.set([255, 255, 255, 255], 4 * i);
  }
  const filled = fillHoles(pixels, hole, width, height);
  const row = Array.from({ length: width }, (_, x) => filled[4 * (4 * width + x)]);
  assert.deepEqual(row.slice(0, 5), [200, 200, 200, 200, 200]);
  assert.deepEqual(row.slice(11), [40, 40, 40, 40, 40]);
  for (let x = 5; x < 11; x++) assert.ok(row[x] < row[x - 1] && row[x] > 40, `falls at ${x}: ${row}`);
  assert.ok(Math.abs(filled[4 * (4 * width + 7) + 1] - 100) <= 1);
});

test("a picture that is all hole becomes grey, one without a hole stays as it is", () => {
  const pixels = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255);
  assert.deepEqual(Array.from(fillHoles(pixels, Uint8Array.of(0, 0), 2, 1)), Array.from(pixels));
  assert.deepEqual(Array.from(fillHoles(pixels, Uint8Array.of(1, 1), 2, 1)).slice(0, 3), [128, 128, 128]);
  assert.deepEqual(Array.from(fillHoles(pixels, Uint8Array.of(0, 1), 2, 1)), [1, 2, 3, 255, 1, 2, 3, 255]);
  assert.deepEqual(Array.from(fillHoles(pixels.subarray(0, 4), Uint8Array.of(0), 1, 1)), [1, 2, 3, 255]);
});
