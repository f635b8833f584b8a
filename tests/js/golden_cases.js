/** The golden files that Python writes, for tests of the twins. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseDocument } from "../../js/model/document.js";
import { bake } from "../../js/model/sampling.js";

/** @import { BakedTracks, Clip } from "../../js/types.js" */

/**
 * A golden file's parsed JSON: whatever the test that reads it says it is.
 *
 * @template T
 * @param {string} name
 * @returns {T}
 */
export function goldenFile(name) {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf-8"));
}

/** @param {object} source a document as JSON objects */
export function documentOf(source) {
  return parseDocument(JSON.stringify(source));
}

/**
 * Equal lengths, and numbers equal to within `tolerance`; nested lists are flattened.
 *
 * @param {ArrayLike<number>} found
 * @param {readonly unknown[]} expected
 * @param {number} tolerance
 */
export function assertClose(found, expected, tolerance) {
  const wanted = /** @type {number[]} */ (expected.flat(3));
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, index) => {
    assert.ok(Math.abs(found[index] - value) <= tolerance, `[${index}] is ${found[index]}, not ${value}`);
  });
}

/**
 * Bits of run lengths, first unmarked.
 *
 * @param {readonly number[]} runs
 */
export function bitsOf(runs) {
  return runs.flatMap((run, index) => Array(run).fill(index % 2));
}

/**
 * @typedef {object} GuidanceCase
 * @property {string} name
 * @property {object} document
 * @property {Omit<Clip, "fps">} clip
 * @property {{ positions: number[][][], visibility: number[][], layer: number[] }} [tracks] instead of the document's
 * @property {number[]} source
 * @property {number[][]} owners
 * @property {number} guided
 * @property {number} cells
 * @property {{ kind: string, layer: number | null, count: number, of: number }[]} findings
 */

/** @returns {GuidanceCase[]} */
export function guidanceCases() {
  return /** @type {{ cases: GuidanceCase[] }} */ (goldenFile("guidance")).cases;
}

/**
 * The tracks that a case is about.
 *
 * @param {GuidanceCase} row
 * @returns {BakedTracks}
 */
export function tracksOf({ document, clip, tracks }) {
  if (!tracks) return bake(documentOf(document), { ...clip, fps: 16 });
  return {
    positions: Float32Array.from(tracks.positions.flat(2)),
    visibility: Uint8Array.from(tracks.visibility.flat()),
    layer: Int32Array.from(tracks.layer),
    length: tracks.positions.length,
    count: tracks.layer.length,
    width: clip.width,
    height: clip.height,
  };
}
