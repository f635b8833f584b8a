/**
 * JSON without the liberties of other readers: no field twice, a limit to depth, and objects as Maps, so that fields keep
 * their order and none has a special name. Messages as in Python.
 */

import { DocumentError } from "./errors.js";
import { shown, shownExponent } from "./wording.js";

/**
 * Whole numbers of ten digits and more are bigint, so that messages can show them as written.
 * @typedef {null | boolean | number | bigint | string | JsonList | JsonObject} Json
 * @typedef {Json[]} JsonList
 * @typedef {Map<string, Json>} JsonObject
 */

const MAX_DEPTH = 200;
/** As many digits as Python reads in one whole number. */
const MAX_DIGITS = 4300;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const WORD = /true|false|null|NaN|-?Infinity/y;
const SPACE = /[ \t\n\r]*/y;
/** Letters of a string up to its end, an escape or a control character. */
const LETTERS = /[ !#-[\]-\uffff]*/y;
const FOUR_DIGITS = /[0-9a-fA-F]{4}/y;

/** @type {ReadonlyMap<string, boolean | null>} */
const WORDS = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);
/** @type {ReadonlyMap<string, string>} */
const ESCAPES = new Map(Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }));

/**
 * The value in JSON text.
 * @param {string} source
 * @returns {Json}
 * @throws {DocumentError} it is not JSON, nested too deeply, or has a field twice or a number that is none
 */
export function readJson(source) {
  const reader = new JsonReader(source);
  const value = reader.value(0);
  reader.end();
  return value;
}

/**
 * Compact JSON of plain objects, arrays, texts, truth values and finite numbers, numbers written as Python writes them.
 * @param {unknown} value
 * @returns {string}
 */
export function writeJson(value) {
  if (typeof value === "number") return writeNumber(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${writeJson(item)}`);
  return `{${fields.join(",")}}`;
}

/** @param {number} value */
function writeNumber(value) {
  if (!Number.isFinite(value)) {
    const name = String(value).replace("Infinity", "inf").replace("NaN", "nan");
    const why = `Out of range float values are not JSON compliant: ${name}`;
    throw new DocumentError(`The document holds a number that JSON has no word for: ${why}.`);
  }
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  const [mantissa, power] = value.toExponential().split("e");
  return mantissa + shownExponent(Number(power));
}

class JsonReader {
  /** @param {string} source */
  constructor(source) {
    this.source = source;
    this.at = 0;
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  value(depth) {
    this.take(SPACE);
    const letter = this.source[this.at];
    if (letter === '"') return this.text();
    if (letter !== "{" && letter !== "[") return this.number() ?? this.word();
    if (depth >= MAX_DEPTH) {
      throw new DocumentError("The document is nested too deeply; a track document has about eight levels.");
    }
    this.at += 1;
    return letter === "{" ? this.object(depth + 1) : this.list(depth + 1);
  }

  end() {
    this.take(SPACE);
    if (this.at < this.source.length) throw this.error("Extra data", this.at);
  }

  /**
   * @param {number} depth
   * @returns {JsonObject}
   */
  object(depth) {
    /** @type {JsonObject} */
    const fields = new Map();
    /** @type {string | null} */
    let twice = null;
    if (!this.ends("}")) {
      do {
        const name = this.fieldName();
        if (fields.has(name)) twice ??= name;
        fields.set(name, this.value(depth));
      } while (this.goesOn("}"));
    }
    if (twice !== null)
      throw new DocumentError(`The document has the field ${shown(twice)} twice in one object; once is needed.`);
    return fields;
  }

  /**
   * @param {number} depth
   * @returns {JsonList}
   */
  list(depth) {
    /** @type {JsonList} */
    const items = [];
    if (this.ends("]")) return items;
    do {
      items.push(this.value(depth));
    } while (this.goesOn("]"));
    return items;
  }

  fieldName() {
    this.take(SPACE);
    if (this.source[this.at] !== '"') throw this.error("Expecting property name enclosed in double quotes", this.at);
    const name = this.text();
    this.take(SPACE);
    if (this.source[this.at] !== ":") throw this.error("Expecting ':' delimiter", this.at);
    this.at += 1;
    return name;
  }

  /** @param {string} closing */
  ends(closing) {
    this.take(SPACE);
    if (this.source[this.at] !== closing) return false;
    this.at += 1;
    return true;
  }

  /** @param {string} closing */
  goesOn(closing) {
    if (this.ends(closing)) return false;
    if (this.source[this.at] !== ",") throw this.error("Expecting ',' delimiter", this.at);
    this.at += 1;
    return true;
  }

  /** @returns {string} */
  text() {
    const start = this.at;
    this.at += 1;
    let found = "";
    for (;;) {
      found += this.take(LETTERS);
      const letter = this.source[this.at];
      if (letter === undefined) throw this.error("Unterminated string starting at", start);
      if (letter !== '"' && letter !== "\\") throw this.error("Invalid control character at", this.at);
      this.at += 1;
      if (letter === '"') return found;
      found += this.escape(start);
    }
  }

  /** @param {number} start */
  escape(start) {
    const letter = this.source[this.at];
    if (letter === undefined) throw this.error("Unterminated string starting at", start);
    this.at += 1;
    if (letter === "u") {
      const code = this.take(FOUR_DIGITS);
      if (!code) throw this.error("Invalid \\uXXXX escape", this.at - 1);
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const meant = ESCAPES.get(letter);
    if (meant === undefined) throw this.error("Invalid \\escape", this.at - 2);
    return meant;
  }

  /** @returns {number | bigint | null} */
  number() {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.source);
    if (!match) return null;
    this.at = NUMBER.lastIndex;
    const [written, whole, decimals, exponent] = match;
    if (decimals || exponent) return Number(written);
    if (whole.length < 10) return Number(whole) + 0;
    if (whole.replace("-", "").length <= MAX_DIGITS) return BigInt(whole);
    throw new DocumentError("The document holds a whole number of thousands of digits; coordinates end at 1000000.");
  }

  /** @returns {boolean | null} */
  word() {
    const start = this.at;
    const word = this.take(WORD);
    const value = WORDS.get(word);
    if (value !== undefined) return value;
    if (!word) throw this.error("Expecting value", start);
    throw new DocumentError(`The document holds the number ${word}; every number must be finite.`);
  }

  /**
   * What a sticky pattern matches here; "" = nothing.
   * @param {RegExp} pattern
   */
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  /**
   * @param {string} what
   * @param {number} at
   */
  error(what, at) {
    const before = this.source.slice(0, at).split("\n");
    const column = [...before[before.length - 1]].length + 1;
    return new DocumentError(`The document is not JSON: ${what} at line ${before.length}, column ${column}.`);
  }
}
