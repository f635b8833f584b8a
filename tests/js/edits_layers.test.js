import assert from "node:assert/strict";
import { test } from "node:test";
import { makeLayer } from "../../js/model/document.js";
import {
  addLayers,
  copiesBeside,
  groupLayers,
  groupOf,
  pinRest,
  removeLayers,
  setLayer,
  toggleVisible,
} from "../../js/model/edits.js";
import { documentOf } from "./gesture_script.js";

const POINTS = [0, 1, 2].map((x) => ({ region: { kind: "point", at: [x, 0] } }));

test("unchanged layers keep their identity", () => {
  const document = documentOf(POINTS);
  const changed = setLayer(document, 1, { density: 2 });
  assert.equal(changed.layers[0], document.layers[0]);
  assert.equal(changed.layers[2], document.layers[2]);
  assert.equal(removeLayers(document, [9]), document);
  assert.equal(addLayers(document, []), document);
});

test("a document takes 256 layers and no more", () => {
  const layer = makeLayer({ region: { kind: "point", at: [0, 0] } });
  const full = addLayers(
    documentOf([]),
    Array.from({ length: 256 }, () => layer),
  );
  assert.equal(full.layers.length, 256);
  assert.equal(addLayers(full, [layer]), full);
});

test("layers are grouped under a name that is free", () => {
  const grouped = groupLayers(groupLayers(documentOf(POINTS), [0, 1]), [1, 2]);
  assert.deepEqual(
    grouped.layers.map((layer) => layer.group),
    ["group 1", "group 2", "group 2"],
  );
  assert.deepEqual(groupOf(grouped, 2), [1, 2]);
  assert.equal(groupLayers(grouped, [0]), grouped);
});

test("copies lie 16 px beside and in groups of their own", () => {
  const document = groupLayers(documentOf(POINTS), [0, 1]);
  const copies = copiesBeside(document, document.layers);
  assert.deepEqual(
    copies.map((layer) => layer.group),
    ["group 2", "group 2", ""],
  );
  assert.deepEqual(copies[2].region, { kind: "point", at: [18, 16] });
});

test("the rest is pinned once, at the bottom", () => {
  const pinned = pinRest(documentOf(POINTS));
  assert.equal(pinned.layers[0].region.kind, "rest");
  assert.equal(pinRest(pinned), pinned);
  assert.equal(pinRest(setLayer(pinned, 0, { enabled: false })).layers[0].enabled, true);
});

test("visibility changes halfway between two frames, up to the next change", () => {
  const rows = /** @type {const} */ ([
    [[[0, 1]], 0.5, [[0, 0.45]]],
    [[[0, 0.45]], 0.5, [[0, 1]]],
    [[[0, 1]], 0, []],
    [[], 0, [[0, 1]]],
    [[], 1, [[0.95, 1]]],
    [
      [
        [0, 0.2],
        [0.6, 1],
      ],
      0.4,
      [
        [0, 0.2],
        [0.35, 1],
      ],
    ],
    [
      [
        [0, 0.2],
        [0.6, 1],
      ],
      0.1,
      [
        [0, 0.05],
        [0.6, 1],
      ],
    ],
  ]);
  for (const [visible, progress, expected] of rows) {
    const layer = { ...documentOf(POINTS).layers[0], visible };
    assert.deepEqual(toggleVisible(layer, { progress, length: 11 }).visible, expected);
  }
});

test("in a clip of one frame visibility is all or nothing", () => {
  const [layer] = documentOf(POINTS).layers;
  const hidden = toggleVisible(layer, { progress: 0, length: 1 });
  assert.deepEqual(hidden.visible, []);
  assert.deepEqual(toggleVisible(hidden, { progress: 0, length: 1 }).visible, [[0, 1]]);
});
