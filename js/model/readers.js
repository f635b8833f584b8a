/** Readers of single values and lists of JSON: each returns the checked, frozen value or throws DocumentError. */

/** @import { Pair } from "../types.js" */
/** @import { Reader } from "./schema.js" */

import { DocumentError } from "./errors.js";
import { needs } from "./schema.js";
import { hasSurrogates, rounded } from "./wording.js";

export const COORDINATE_LIMIT = 1e6;
export const POINT_LIMIT = 4096;

/** @type {Reader<boolean>} */
export function readFlag(value, place) {
  if (typeof value !== "boolean") throw needs(place, value, "true or false");
  return value;
}

/**
 * A reader of finite numbers from `low` to `high`.
 * @param {number} low
 * @param {number} high
 * @returns {Reader<number>}
 */
export function number(low, high) {
  const bounds = `a number from ${rounded(low, 10)} to ${rounded(high, 10)}`;
  return (value, place) => {
    const found = asNumber(value);
    if (!(low <= found && found <= high)) throw needs(place, value, bounds);
    return found;
  };
}

/**
 * A reader of finite numbers over `low` up to `high`.
 * @param {number} low
 * @param {number} high
 * @returns {Reader<number>}
 */
export function numberAbove(low, high) {
  const bounds = `a number over ${rounded(low, 10)} up to ${rounded(high, 10)}`;
  return (value, place) => {
    const found = asNumber(value);
    if (!(low < found && found <= high)) throw needs(place, value, bounds);
    return found;
  };
}

/**
 * A reader of whole numbers from `low` to `high`.
 * @param {number} low
 * @param {number} high
 * @returns {Reader<number>}
 */
export function integer(low, high) {
  return (value, place) => {
    const found = asNumber(value);
    if (!(low <= found && found <= high && Number.isInteger(found))) {
      throw needs(place, value, `a whole number from ${low} to ${high}`);
    }
    return found;
  };
}

/**
 * A reader of text of at most `longest` characters (code points), without control characters and half surrogates.
 * @param {number} longest
 * @returns {Reader<string>}
 */
export function text(longest) {
  return (value, place) => {
    if (typeof value !== "string" || value.length > 2 * longest || [...value].length > longest) {
      throw needs(place, value, `text of at most ${longest} characters`);
    }
    if (hasSurrogates(value) || [...value].some((letter) => letter < " ")) {
      throw needs(place, value, "text without control characters or broken Unicode");
    }
    return value;
  };
}

/**
 * A reader of one of `names`.
 * @template {string} N
 * @param {readonly N[]} names
 * @returns {Reader<N>}
 */
export function choice(names) {
  return (value, place) => {
    const found = names.find((name) => name === value);
    if (found === undefined) throw needs(place, value, `one of ${names.join(", ")}`);
    return found;
  };
}

/**
 * A reader of a list of exactly `count` finite numbers.
 * @param {number} count
 * @param {number} low
 * @param {number} high
 * @returns {Reader<readonly number[]>}
 */
export function numbers(count, low, high) {
  const readOne = number(low, high);
  return (value, place) => {
    if (!Array.isArray(value) || value.length !== count) throw needs(place, value, `a list of ${count} numbers`);
    return Object.freeze(value.map((item, index) => readOne(item, place.item(index))));
  };
}

/**
 * A reader of a list of `fewest` to `most` items.
 * @template T
 * @param {Reader<T>} readOne
 * @param {number} fewest
 * @param {number} most
 * @param {string} what the items in a message
 * @returns {Reader<readonly T[]>}
 */
export function listOf(readOne, fewest, most, what) {
  return (value, place) => {
    if (!Array.isArray(value)) throw needs(place, value, `a list of ${what}`);
    if (value.length < fewest || value.length > most) {
      throw new DocumentError(`${place} has ${value.length} ${what}; ${fewest} to ${most} are allowed.`);
    }
    return Object.freeze(value.map((item, index) => readOne(item, place.item(index))));
  };
}

/** A reader of a point [x, y]. */
export const readPoint = /** @type {Reader<Pair>} */ (numbers(2, -COORDINATE_LIMIT, COORDINATE_LIMIT));

/**
 * A reader of a list of at least `fewest` points [x, y].
 * @param {number} fewest
 */
export function points(fewest) {
  return listOf(readPoint, fewest, POINT_LIMIT, "points");
}

/**
 * NaN for everything that is not a finite number, so that every comparison with a limit fails; 0 for -0, which a document
 * does not tell apart.
 * @param {unknown} value
 */
function asNumber(value) {
  const found = typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
  return Number.isFinite(found) ? found + 0 : Number.NaN;
}
