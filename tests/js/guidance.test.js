/** The cells that the model is given are exactly Python's. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellEdit, coverageOf } from "../../js/model/guidance.js";
import { bake } from "../../js/model/sampling.js";
import { documentOf, guidanceCases, tracksOf } from "./golden_cases.js";

for (const row of guidanceCases()) {
  test(`Python's cells: ${row.name}`, () => {
    const edit = cellEdit(tracksOf(row));
    assert.deepEqual([...edit.source], row.source);
    assert.equal(edit.latentFrames, row.owners.length);
    row.owners.forEach((runs, frame) => {
      const cells = edit.columns * edit.rows;
      assert.deepEqual([...edit.owner.subarray(frame * cells, (frame + 1) * cells)], repeated(runs), `latent frame ${frame}`);
    });
    const coverage = coverageOf(edit);
    assert.deepEqual([coverage.guided, coverage.cells], [row.guided, row.cells]);
    assert.equal(
      coverage.heat.reduce((sum, heat) => sum + heat, 0),
      row.guided,
    );
  });
}

/** @param {number[]} runs value, how often, ... */
function repeated(runs) {
  return runs.flatMap((value, index) => (index % 2 ? [] : Array(runs[index + 1]).fill(value)));
}

const STRIP = { version: 1, width: 32, height: 16 };
const CLIP = { width: 32, height: 16, length: 9, fps: 16, fit: null };
const point = (/** @type {number[]} */ at, /** @type {object} */ more) => ({ region: { kind: "point", at }, ...more });
const TO_THE_RIGHT = {
  motion: {
    path: {
      points: [
        [0, 0],
        [8, 0],
      ],
    },
    timing: { end: 0.5 },
  },
};

test("of two tracks in a cell the upper wins, and latent frame 0 has no owners", () => {
  const edit = cellEdit(bake(documentOf({ ...STRIP, layers: [point([12, 4], {}), point([4, 4], TO_THE_RIGHT)] }), CLIP));
  assert.deepEqual([...edit.source], [1, 0]);
  assert.deepEqual([...edit.owner.subarray(0, 8)], Array(8).fill(-1));
  assert.deepEqual([...edit.owner.subarray(8, 16)], [-1, 1, -1, -1, -1, -1, -1, -1]);
  assert.deepEqual([...coverageOf(edit).heat], [0, 2, 0, 0, 0, 0, 0, 0]);
});

test("pixels and frames that fill no cell are left out", () => {
  const document = documentOf({ ...STRIP, layers: [point([30.5, 4], {}), point([4, 4], {})] });
  const edit = cellEdit(bake(document, { ...CLIP, width: 31, height: 15, length: 8, fit: "stretch" }));
  assert.deepEqual([edit.columns, edit.rows, edit.latentFrames], [3, 1, 2]);
  assert.deepEqual([...edit.source], [-1, 0]);
  assert.deepEqual([...edit.owner], [-1, -1, -1, 1, -1, -1]);
});

test("a picture smaller than a cell has none", () => {
  const document = documentOf({ version: 1, width: 4, height: 4, layers: [point([1, 1], {})] });
  const edit = cellEdit(bake(document, { ...CLIP, width: 4, height: 4 }));
  assert.deepEqual([edit.columns, edit.rows, coverageOf(edit).cells], [0, 0, 0]);
});
