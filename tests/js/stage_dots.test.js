import assert from "node:assert/strict";
import { test } from "node:test";
import { dotPlaces, followedPlace, hasDots } from "../../js/editor/draw/dots.js";
import { keyMoments } from "../../js/editor/draw/moments.js";
import { colourOf, faint } from "../../js/editor/draw/palette.js";
import { arrivalAngle, dotStep } from "../../js/editor/draw/paths.js";
import { isSeen } from "../../js/editor/draw/scene.js";
import { somePlaces } from "../../js/editor/draw/track_points.js";
import { parseDocument } from "../../js/model/document.js";

/** @param {...object} layers */
const documentOf = (...layers) => parseDocument(JSON.stringify({ version: 1, width: 160, height: 96, layers }));
const DISC = { region: { kind: "disc", centre: [40, 40], radius: 16 } };
const RIGHT = {
  path: {
    points: [
      [0, 0],
      [80, 0],
    ],
  },
};
const CAMERA = {
  region: { kind: "frame" },
  motion: {
    path: {
      points: [
        [0, 0],
        [0, 40],
      ],
    },
  },
};

test("there is a dot at each frame, evenly spaced at constant speed", () => {
  const document = documentOf({ ...DISC, motion: RIGHT });
  assert.deepEqual(Array.from(dotPlaces(document, document.layers[0], 5)), [40, 40, 60, 40, 80, 40, 100, 40, 120, 40]);
});

test("dots move with the camera", () => {
  const document = documentOf({ ...DISC, motion: RIGHT }, CAMERA);
  assert.deepEqual(Array.from(dotPlaces(document, document.layers[0], 3)), [40, 40, 80, 60, 120, 80]);
});

test("dots are made anew only when the layer, the length or a camera is another one", () => {
  const before = documentOf({ ...DISC, motion: RIGHT }, CAMERA);
  const places = dotPlaces(before, before.layers[0], 9);
  assert.equal(dotPlaces({ ...before }, before.layers[0], 9), places);
  assert.notEqual(dotPlaces(before, before.layers[0], 17), places);
  const stopped = { ...before, layers: [before.layers[0], { ...before.layers[1], enabled: false }] };
  assert.deepEqual(Array.from(dotPlaces(stopped, stopped.layers[0], 2)), [40, 40, 120, 40]);
});

test("dots follow the path's anchor, and without a path the region, not a pivot far away", () => {
  const anchored = documentOf({ ...DISC, motion: { ...RIGHT, anchor: [40, 0] } });
  assert.deepEqual(followedPlace(anchored, anchored.layers[0]), [40, 0]);
  const pendulum = documentOf({ ...DISC, motion: { anchor: [40, 0], components: [{ kind: "pendulum" }] } });
  assert.deepEqual(followedPlace(pendulum, pendulum.layers[0]), [40, 40]);
});

test("what never moves has no dots", () => {
  const document = documentOf(DISC, { ...DISC, motion: RIGHT, enabled: false });
  assert.deepEqual(
    document.layers.map((layer) => hasDots(document, layer)),
    [false, false],
  );
  const withCamera = documentOf(DISC, CAMERA);
  assert.equal(hasDots(withCamera, withCamera.layers[0]), true);
});

test("the arrow points where the path arrives, past a stop at its end", () => {
  assert.equal(arrivalAngle([0, 0, 10, 0, 20, 0]), 0);
  assert.equal(arrivalAngle([0, 0, 0, 50, 0, 50, 0, 50]), Math.PI / 2);
  assert.equal(arrivalAngle([5, 5, 5, 5, 6, 5]), null);
});

test("dots that would lie on each other are left out, latent frames last", () => {
  const rows = /** @type {const} */ ([
    [10, 1, 1],
    [2, 1, 4],
    [10, 4, 4],
    [0.6, 1, 8],
    [0.3, 4, 16],
  ]);
  for (const [spacing, least, step] of rows) {
    const view = Float32Array.from({ length: 162 }, (_, index) => (index % 2 ? 0 : (index / 2) * spacing));
    assert.equal(dotStep(view, least), step, `${spacing} px`);
  }
});

test("ghosts stand at the keys, in clip progress", () => {
  const timing = { start: 0.5, end: 1 };
  const motion = {
    rotation: [
      [0, 0],
      [0.5, 10],
      [1, 0],
    ],
    timing,
  };
  const document = documentOf({ ...DISC, motion });
  assert.deepEqual(keyMoments(document.layers[0]), [0.5, 0.75, 1]);
  assert.deepEqual(keyMoments(documentOf(DISC).layers[0]), []);
});

test("track points lie on the cells' centres inside the region, without what layers above cover", () => {
  const square = { region: { kind: "rectangle", box: [0, 0, 32, 16] } };
  const alone = documentOf(square);
  assert.deepEqual(
    Array.from(somePlaces(alone, alone.layers[0], 8)),
    [4, 4, 12, 4, 20, 4, 28, 4, 4, 12, 12, 12, 20, 12, 28, 12],
  );
  const covered = documentOf(square, { region: { kind: "rectangle", box: [0, 0, 16, 96] } });
  assert.deepEqual(Array.from(somePlaces(covered, covered.layers[0], 8)), [20, 4, 28, 4, 20, 12, 28, 12]);
});

test("a large region has some of its track points only", () => {
  const document = parseDocument(
    JSON.stringify({ version: 1, width: 1600, height: 960, layers: [{ region: { kind: "rest" } }] }),
  );
  const count = somePlaces(document, document.layers[0], 8).length / 2;
  assert.ok(count > 200 && count <= 430, String(count));
});

test("a layer is seen in its spans, ends included", () => {
  const [layer] = documentOf({
    ...DISC,
    visible: [
      [0, 0.25],
      [0.5, 1],
    ],
  }).layers;
  assert.deepEqual(
    [0, 0.25, 0.3, 0.5, 1].map((progress) => isSeen(layer, progress)),
    [true, true, false, true, true],
  );
});

test("a layer has its own colour, else the palette's in turn", () => {
  const [plain, red] = documentOf(DISC, { ...DISC, colour: "#ff0000" }).layers;
  assert.equal(colourOf(red, 1), "#ff0000");
  assert.equal(colourOf(plain, 0), colourOf(plain, 8));
  assert.notEqual(colourOf(plain, 0), colourOf(plain, 1));
  assert.equal(faint("#112233", 0.5), "#11223380");
});
