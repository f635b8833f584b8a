import assert from "node:assert/strict";
import test from "node:test";
import { COMPONENTS, hash32, makeComponent, smoothNoise } from "../../js/model/components.js";
import * as curves from "../../js/model/curves.js";
import * as documents from "../../js/model/document.js";
import * as readers from "../../js/model/readers.js";
import * as regions from "../../js/model/regions_schema.js";
import { EASINGS, REPEATS } from "../../js/model/timing.js";
import { assertClose, goldenRows } from "./golden.js";

/** @typedef {{ seed: number, channel: number, indices: number[], values: number[], places: number[], smooth: number[] }} NoiseRow */
/**
 * @typedef {{ kind: string, values: Record<string, number>, phases: number[], poses?: number[][], places?: number[][],
 *   moved?: number[][][] }} ComponentRow
 */

/** @type {readonly ComponentRow[]} */
const ROWS = goldenRows("components");

test("the noise is Python's, bit for bit", () => {
  /** @type {readonly NoiseRow[]} */
  const rows = goldenRows("noise");
  for (const { seed, channel, indices, values, places, smooth } of rows) {
    assert.deepEqual(
      indices.map((index) => hash32(seed, channel, index)),
      values,
    );
    assertClose(
      places.map((place) => smoothNoise(seed, channel, place)),
      smooth,
      `smooth noise of seed ${seed}`,
    );
  }
});

test("a component poses a layer as Python's does", () => {
  for (const { kind, values, phases, poses } of ROWS) {
    if (!poses) continue;
    const named = makeComponent(kind, values).values;
    const found = phases.map((phase) => COMPONENTS[kind].pose?.(named, phase));
    const numbers = found.flatMap((pose) => (pose ? [pose.x, pose.y, pose.turn, pose.growth] : []));
    assertClose(numbers, poses, `${kind} ${JSON.stringify(values)}`);
  }
});

test("a component ripples places as Python's does", () => {
  for (const { kind, values, phases, places, moved } of ROWS) {
    if (!places || !moved) continue;
    const named = makeComponent(kind, values).values;
    for (const [index, phase] of phases.entries()) {
      const found = COMPONENTS[kind].ripple?.(named, Float64Array.from(places.flat()), phase);
      assertClose(found ?? [], moved[index], `${kind} ${JSON.stringify(values)} at ${phase}`);
    }
  }
});

test("every component is a pose or a ripple, and has a row", () => {
  assert.deepEqual(new Set(ROWS.map((row) => row.kind)), new Set(Object.keys(COMPONENTS)));
  for (const row of Object.values(COMPONENTS)) assert.notEqual(row.pose === undefined, row.ripple === undefined);
});

test("places far off and of no number give numbers as long as the places are", () => {
  for (const [kind, { ripple }] of Object.entries(COMPONENTS)) {
    if (!ripple) continue;
    const { values } = makeComponent(kind);
    assert.equal(ripple(values, new Float64Array(), 0.5).length, 0);
    assert.ok(ripple(values, Float64Array.of(1e6, -1e6, 0, 0), 0.5).every(Number.isFinite), kind);
  }
});

test("the tables of both languages are the same", () => {
  /** @type {Readonly<Record<string, unknown>>} */
  const found = {
    easings: EASINGS,
    repeats: REPEATS,
    paths: curves.PATH_KINDS,
    regions: regions.REGION_KINDS,
    components: Object.entries(COMPONENTS).map(([name, { parameters }]) => ({ name, parameters })),
  };
  /** @type {readonly { table: string, rows: object }[]} */
  const tables = goldenRows("tables");
  for (const { table, rows } of tables) {
    if (table in found) assert.equal(JSON.stringify(found[table]), JSON.stringify(rows), table);
  }
  assert.deepEqual(new Set(tables.map((row) => row.table)), new Set(["limits", "presets", ...Object.keys(found)]));
});

test("the limits of both languages are the same", () => {
  /** @type {Readonly<Record<string, unknown>>} */
  const found = { ...curves, ...documents, ...readers, ...regions };
  /** @type {readonly { table: string, rows: Record<string, number> }[]} */
  const tables = goldenRows("tables");
  const limits = Object.entries(tables.find((row) => row.table === "limits")?.rows ?? {});
  assert.equal(limits.length, 12);
  for (const [name, value] of limits) assert.equal(found[name], value, name);
});
