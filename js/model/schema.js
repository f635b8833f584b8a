/**
 * Objects of JSON, by tables of fields that drive both reading and writing, with errors that say where and what instead.
 *
 * A reader (those of single values are in readers.js) takes a value of json.js and its Place and returns the checked, frozen
 * value or throws DocumentError.
 */

import { DocumentError } from "./errors.js";
import { isSame } from "./values.js";
import { shown } from "./wording.js";

/** Where a value stands: whose it is (`Layer 3 "balloon"`) and the path of field names below that. */
export class Place {
  /**
   * @param {string} owner
   * @param {string} [path]
   */
  constructor(owner, path = "") {
    this.owner = owner;
    this.path = path;
  }

  /**
   * The field of this name below this place.
   * @param {string} name
   */
  at(name) {
    return new Place(this.owner, this.path ? `${this.path}.${name}` : name);
  }

  /**
   * The item of this index (from 0, as in JSON) of the list at this place.
   * @param {number} index
   */
  item(index) {
    return new Place(this.owner, `${this.path}[${index}]`);
  }

  toString() {
    return this.path ? `${this.owner}: ${this.path}` : this.owner;
  }
}

/**
 * @template T
 * @typedef {(value: unknown, place: Place) => T} Reader
 */

/**
 * One field of a JSON object. A value equal to the default is not written.
 * @template T
 * @typedef {{ readonly read: Reader<T>, readonly required: boolean, readonly default: T | undefined, write(value: T): unknown }} Field
 */

/** @typedef {Readonly<Record<string, Field<unknown>>>} Fields */

/**
 * @template {Fields} F
 * @typedef {{ readonly [K in keyof F]: ReturnType<F[K]["read"]> }} FieldValues
 */

/**
 * @template T
 * @param {Reader<T>} read
 * @param {(value: T) => unknown} [write] makes what JSON can hold; by default the value is written as it is
 * @returns {Field<T>}
 */
export function requiredField(read, write = asItIs) {
  return { read, required: true, default: undefined, write };
}

/**
 * @template T
 * @param {Reader<T>} read
 * @param {NoInfer<T>} standard what the field is when it is left out
 * @param {(value: T) => unknown} [write]
 * @returns {Field<T>}
 */
export function field(read, standard, write = asItIs) {
  return { read, required: false, default: standard, write };
}

/**
 * A field that is null when it is left out.
 * @template T
 * @param {Reader<T>} read
 * @param {(value: T) => unknown} [write]
 * @returns {Field<T | null>}
 */
export function optionalField(read, write = asItIs) {
  return { read, required: false, default: null, write: (value) => value && write(value) };
}

/**
 * The checked values of an object's fields, defaults filled in; refuses what is missing or unknown.
 * @template {Fields} F
 * @param {unknown} value
 * @param {Place} place
 * @param {F} fields
 * @returns {FieldValues<F>}
 */
export function readFields(value, place, fields) {
  const found = readObject(value, place);
  for (const name of found.keys()) {
    if (Object.hasOwn(fields, name)) continue;
    throw new DocumentError(`${place} has the unknown field ${shown(name)}; known are ${Object.keys(fields).join(", ")}.`);
  }
  const rows = Object.entries(fields).map(([name, row]) => [name, readField(found, place, name, row)]);
  return /** @type {FieldValues<F>} */ (Object.freeze(Object.fromEntries(rows)));
}

/**
 * The object that `readFields` reads back, defaults left out.
 * @template {Fields} F
 * @param {FieldValues<F>} value
 * @param {F} fields
 * @returns {Record<string, unknown>}
 */
export function writeFields(value, fields) {
  /** @type {Record<string, unknown>} */
  const written = {};
  for (const [name, row] of Object.entries(fields)) {
    const item = value[name];
    if (row.required || !isSame(item, row.default)) written[name] = row.write(item);
  }
  return written;
}

/**
 * The error for a value that is not `what`.
 * @param {Place} place
 * @param {unknown} value
 * @param {string} what
 */
export function needs(place, value, what) {
  return new DocumentError(`${place} is ${shown(value)}; ${what} is needed.`);
}

/**
 * A JSON object, not to be written to.
 * @param {unknown} value
 * @param {Place} place
 * @returns {Map<string, unknown>}
 */
export function readObject(value, place) {
  if (!(value instanceof Map)) throw needs(place, value, "an object {…}");
  return value;
}

/**
 * @param {Map<string, unknown>} found
 * @param {Place} place
 * @param {string} name
 * @param {Field<unknown>} row
 */
function readField(found, place, name, row) {
  if (found.has(name)) return row.read(found.get(name), place.at(name));
  if (row.required) throw new DocumentError(`${place} lacks the field "${name}".`);
  return row.default;
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function asItIs(value) {
  return value;
}
