/** The golden files that Python writes, for tests of the twins. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseDocument } from "../../js/model/document.js";

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
