import assert from "node:assert/strict";
import test from "node:test";
import { makeDocument, makeLayer, parseDocument, serialiseDocument } from "../../js/model/document.js";
import { movePoints } from "../../js/model/motion.js";
import { applyPreset, PRESETS } from "../../js/model/presets.js";
import { readRegion } from "../../js/model/regions_schema.js";
import { isSame } from "../../js/model/values.js";
import { assertClose, goldenRows, handRows, readPart } from "./golden.js";

/** @typedef {{ preset: string, region: object, width: number, height: number, motion: object }} PresetRow */
/** @typedef {{ preset: string, values: Record<string, number>, progress: number, points: number[][], moved: number[][] }} HandRow */

/** @type {readonly PresetRow[]} */
const ROWS = goldenRows("presets");
/** @type {readonly HandRow[]} */
const HAND = handRows("presets");

test("a preset writes the motion that Python's writes", () => {
  for (const { preset, region, width, height, motion } of ROWS) {
    const layer = makeLayer({ region: readPart(readRegion, region) });
    const changed = applyPreset(makeDocument(width, height, [layer]), layer, preset);
    const [written] = JSON.parse(serialiseDocument(makeDocument(width, height, [changed]))).layers;
    assert.deepEqual(written.motion ?? {}, motion, preset);
  }
});

test("a preset takes points where a person would say", () => {
  for (const { preset, values, progress, points, moved } of HAND) {
    const document = makeDocument(200, 200, [makeLayer({ region: { kind: "disc", centre: [50, 50], radius: 10 } })]);
    const layer = applyPreset(document, document.layers[0], preset, values);
    assertClose(movePoints(document, layer, Float64Array.from(points.flat()), progress), moved, preset);
  }
});

test("every preset has rows, and the tables of both languages are the same", () => {
  const names = new Set(PRESETS.map((preset) => preset.name));
  assert.deepEqual(new Set(ROWS.map((row) => row.preset)), names);
  assert.deepEqual(new Set(HAND.map((row) => row.preset)), names);
  /** @type {readonly { table: string, rows: object }[]} */
  const tables = goldenRows("tables");
  const rows = PRESETS.map(({ name, label, parameters }) => ({ name, label, parameters }));
  assert.equal(JSON.stringify(rows), JSON.stringify(tables.find((row) => row.table === "presets")?.rows));
});

test("presets add up, and one applied twice counts once", () => {
  const document = makeDocument(64, 48, [makeLayer({ region: { kind: "frame" } })]);
  const [layer] = document.layers;
  const shaken = applyPreset(document, applyPreset(document, layer, "pan"), "shake");
  const again = applyPreset(document, shaken, "shake", { seed: 9 });
  assert.deepEqual(again.motion.path, shaken.motion.path);
  assert.deepEqual(
    again.motion.components.map(({ kind, values }) => [kind, values.seed]),
    [["shake", 9]],
  );
  assert.equal(layer.motion.path, null);
});

test("what a preset makes can be written and read back, and is frozen", () => {
  for (const { name } of PRESETS) {
    const document = makeDocument(64, 48, [makeLayer({ region: { kind: "rest" } })]);
    const changed = makeDocument(64, 48, [applyPreset(document, document.layers[0], name)]);
    assert.ok(isSame(parseDocument(serialiseDocument(changed)), changed), name);
    assert.ok(Object.isFrozen(changed.layers[0].motion.components), name);
  }
});

test("a preset refuses what it does not know", () => {
  const document = makeDocument(64, 48, [makeLayer({ region: { kind: "frame" } })]);
  const rows = /** @type {[string, Record<string, number>, string][]} */ ([
    [
      "fly",
      {},
      'There is no motion preset "fly"; there are pan, zoom, dolly, roll, orbit, pendulum, sway, wave, gravity, spring, breathe, explode, shake.',
    ],
    ["pan", { z: 1 }, 'The preset "pan" has the unknown field "z"; known are x, y.'],
    ["zoom", { scale: 0 }, 'The preset "zoom": scale is 0; a number from 0.01 to 100 is needed.'],
    ["zoom", { scale: Number.NaN }, 'The preset "zoom": scale is not finite; a number from 0.01 to 100 is needed.'],
    ["shake", { seed: 1.5 }, 'The preset "shake": seed is 1.5; a whole number from 0 to 2147483647 is needed.'],
  ]);
  for (const [name, values, message] of rows) {
    assert.throws(() => applyPreset(document, document.layers[0], name, values), { name: "DocumentError", message });
  }
});
