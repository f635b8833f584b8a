/** Regions in JSON: a table of fields for each kind. What a region covers is in shapes.js. */

/** @import { Region } from "../types.js" */
/** @import { Fields, Place, Reader } from "./schema.js" */

import { DocumentError } from "./errors.js";
import { COORDINATE_LIMIT, choice, integer, listOf, number, numberAbove, numbers, points, readPoint } from "./readers.js";
import { field, readFields, readObject, requiredField, writeFields } from "./schema.js";
import { rounded } from "./wording.js";

export const MASK_SIDE = 16_384;
export const MASK_CELLS = 4_194_304;
export const MASK_RUNS = 65_536;

/** @typedef {Extract<Region, { kind: "mask" }>} Mask */
/** @typedef {Extract<Region, { kind: "rectangle" }>["box"]} RectangleBox */

const readRadius = numberAbove(0, COORDINATE_LIMIT);
const readBox = /** @type {Reader<RectangleBox>} */ (numbers(4, -COORDINATE_LIMIT, COORDINATE_LIMIT));

/**
 * The fields of each kind, in the order in which messages list the kinds.
 * @satisfies {Readonly<Record<Region["kind"], Fields>>}
 */
const REGION_FIELDS = {
  point: { at: requiredField(readPoint) },
  disc: { centre: requiredField(readPoint), radius: requiredField(readRadius) },
  rectangle: { box: requiredField(readBox) },
  polygon: { points: requiredField(points(3)) },
  brush: { points: requiredField(points(1)), radius: requiredField(readRadius) },
  mask: {
    columns: requiredField(integer(1, MASK_SIDE)),
    rows: requiredField(integer(1, MASK_SIDE)),
    runs: requiredField(listOf(integer(0, MASK_CELLS), 2, MASK_RUNS, "runs")),
    cell: field(number(1, 1024), 8),
  },
  frame: {},
  rest: {},
};

export const REGION_KINDS = /** @type {readonly Region["kind"][]} */ (Object.freeze(Object.keys(REGION_FIELDS)));

/** @type {Reader<Region>} */
export function readRegion(value, place) {
  const found = readObject(value, place);
  if (!found.has("kind")) {
    throw new DocumentError(`${place} lacks the field "kind"; known kinds are ${REGION_KINDS.join(", ")}.`);
  }
  const kind = choice(REGION_KINDS)(found.get("kind"), place.at("kind"));
  const rest = new Map(found);
  rest.delete("kind");
  const region = /** @type {Region} */ (Object.freeze({ kind, ...readFields(rest, place, fieldsOf(kind)) }));
  if (region.kind === "rectangle") checkBox(region.box, place);
  if (region.kind === "mask") checkMask(region, place);
  return region;
}

/**
 * The object that `readRegion` reads back.
 * @param {Region} region
 */
export function writeRegion(region) {
  return { kind: region.kind, ...writeFields(region, fieldsOf(region.kind)) };
}

/**
 * @param {Region["kind"]} kind
 * @returns {Fields}
 */
function fieldsOf(kind) {
  return REGION_FIELDS[kind];
}

/**
 * @param {RectangleBox} box
 * @param {Place} place
 */
function checkBox([, , width, height], place) {
  if (Math.min(width, height) > 0) return;
  const found = `${rounded(width)} wide and ${rounded(height)} high`;
  throw new DocumentError(`${place.at("box")} is ${found}; both must be over 0.`);
}

/**
 * @param {Mask} mask
 * @param {Place} place
 */
function checkMask({ columns, rows, runs }, place) {
  const cells = columns * rows;
  const size = `${columns} x ${rows}`;
  if (cells > MASK_CELLS) {
    throw new DocumentError(`${place} has ${size} cells; ${MASK_CELLS} are allowed. Use larger cells.`);
  }
  const [covered, marked] = [sum(runs), sum(runs.filter((_, index) => index % 2))];
  if (covered !== cells) {
    throw new DocumentError(`${place.at("runs")} add up to ${covered}; ${size} = ${cells} is needed.`);
  }
  if (!marked) throw new DocumentError(`${place.at("runs")} mark no cell; mark at least one.`);
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
