import assert from "node:assert/strict";
import test from "node:test";
import { EASINGS, ease, keyReader, phaseAt, REPEATS, readEasing, readTiming, STEP, valueAt } from "../../js/model/timing.js";
import { assertClose, goldenRows, handRows, readPart } from "./golden.js";

/** @import { Key, Timing } from "../../js/types.js" */

/** @typedef {{ name: string, fractions: number[], values: number[] }} EasingRow */
/** @typedef {{ easing: string | number[], fractions: number[], values: number[] }} HandEasingRow */
/** @typedef {{ name?: string, timing: Partial<Timing>, progress: number[], phases: number[] }} TimingRow */

/** @type {readonly EasingRow[]} */
const EASING_ROWS = goldenRows("easings");
/** @type {readonly HandEasingRow[]} */
const HAND_EASINGS = handRows("easings");
/** @type {readonly TimingRow[]} */
const TIMING_ROWS = [...goldenRows("timings"), ...handRows("timings")];

test("an easing has Python's values", () => {
  for (const { name, fractions, values } of EASING_ROWS) {
    const easing = readPart(readEasing, name);
    assertClose(
      fractions.map((fraction) => ease(easing, fraction)),
      values,
      name,
    );
  }
});

test("an easing has the values of its formula", () => {
  for (const { easing, fractions, values } of HAND_EASINGS) {
    const read = readPart(readEasing, easing);
    assertClose(
      fractions.map((fraction) => ease(read, fraction)),
      values,
      String(easing),
    );
  }
});

test("a timing is at the phase that Python and a person would say", () => {
  for (const { name, timing, progress, phases } of TIMING_ROWS) {
    const read = readPart(readTiming, timing);
    assertClose(
      progress.map((moment) => phaseAt(read, moment)),
      phases,
      name ?? JSON.stringify(timing),
    );
  }
});

test("every easing and repeat has a row", () => {
  const easings = [...Object.keys(EASINGS), STEP];
  assert.deepEqual(new Set(EASING_ROWS.map((row) => row.name)), new Set(easings));
  assert.deepEqual(
    new Set(HAND_EASINGS.map((row) => row.easing).filter((easing) => typeof easing === "string")),
    new Set(easings),
  );
  assert.deepEqual(new Set(TIMING_ROWS.map((row) => row.timing.repeat ?? "hold")), new Set(REPEATS));
});

test("keys are eased between two and held outside", () => {
  const keys = keysOf([
    [0.2, 10],
    [0.6, 30, "step"],
    [0.8, 50],
  ]);
  const rows = [
    [-1, 10],
    [0, 10],
    [0.2, 10],
    [0.4, 20],
    [0.6, 30],
    [0.7, 30],
    [0.8, 50],
    [1, 50],
    [2, 50],
  ];
  for (const [phase, value] of rows) assertClose([valueAt(keys, phase)], [value], `phase ${phase}`);
});

test("a phase beyond 0 or 1 carries the outer pair on where a key stands exactly there", () => {
  const keys = keysOf([
    [0, 0],
    [0.5, 10],
    [1, 30],
  ]);
  const rows = [
    [-0.1, -2],
    [0, 0],
    [1, 30],
    [1.1, 34],
  ];
  for (const [phase, value] of rows) assertClose([valueAt(keys, phase)], [value], `phase ${phase}`);
});

test("one key holds everywhere", () => {
  for (const phase of [-1, 0, 0.5, 1, 2]) assert.equal(valueAt(keysOf([[0.5, 7]]), phase), 7);
});

/**
 * @param {(string | number)[][]} rows
 * @returns {readonly Key[]}
 */
function keysOf(rows) {
  return rows.map((row) => readPart(keyReader(-100, 100), row));
}
