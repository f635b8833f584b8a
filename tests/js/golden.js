/** The golden files, which drive the tests of both languages. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readJson } from "../../js/model/json.js";
import { Place } from "../../js/model/schema.js";

/** @import { Reader } from "../../js/model/schema.js" */

/**
 * The cases of a file that tests/golden/build.py writes.
 * @template Row
 * @param {string} name
 * @returns {readonly Row[]}
 */
export function goldenRows(name) {
  return readGolden(`${name}.json`).cases;
}

/**
 * The cases of one part of hand.json, worked out by hand.
 * @template Row
 * @param {string} part
 * @returns {readonly Row[]}
 */
export function handRows(part) {
  return readGolden("hand.json")[part];
}

/**
 * What a reader of the document makes of a part of a golden file.
 * @template T
 * @param {Reader<T>} read
 * @param {unknown} source
 * @returns {T}
 */
export function readPart(read, source) {
  return read(readJson(JSON.stringify(source)), new Place("The golden case"));
}

/**
 * Numbers, or rows of them, to within 1e-6.
 * @param {Iterable<number>} found
 * @param {readonly (number | readonly number[])[]} expected
 * @param {string} what
 */
export function assertClose(found, expected, what) {
  const [one, other] = [[...found], expected.flat()];
  assert.equal(one.length, other.length, what);
  const worst = Math.max(...one.map((value, index) => Math.abs(value - other[index])));
  assert.ok(worst <= 1e-6, `${what}: off by ${worst}`);
}

/** @param {string} file */
function readGolden(file) {
  return JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), "utf8"));
}
