/**
 * The track document: what somebody drew, as frozen values; read from JSON and written back.
 *
 * Positions are pixels of the reference picture (x right, y down), times are clip progress 0…1, angles degrees clockwise,
 * scales factors. docs/document.md describes every field. Python reads and writes the same, word for word.
 */

/** @import { Layer, Motion, Region, Span, Timing, TrackDocument } from "../types.js" */
/** @import { JsonObject } from "./json.js" */
/** @import { Reader } from "./schema.js" */

import { readComponent, writeComponent } from "./components.js";
import { readPath, writePath } from "./curves.js";
import { DocumentError } from "./errors.js";
import { readJson, writeJson } from "./json.js";
import { integer, listOf, number, numbers, readFlag, readPoint, text } from "./readers.js";
import { readRegion, writeRegion } from "./regions_schema.js";
import { field, needs, optionalField, Place, readFields, readObject, requiredField, writeFields } from "./schema.js";
import { checkRising, keyReader, readTiming, writeKeys, writeTiming } from "./timing.js";
import { frozen } from "./values.js";
import { rounded, shown } from "./wording.js";

export const VERSION = 1;
export const MAX_LAYERS = 256;
export const MAX_BYTES = 4 * 1024 * 1024;
export const MAX_SIDE = 16_384;
export const MAX_KEYS = 4096;
export const MAX_COMPONENTS = 16;
export const MAX_SPANS = 256;
export const MAX_NAME = 200;
export const ROTATION_LIMITS = Object.freeze([-36_000, 36_000]);
export const SCALE_LIMITS = Object.freeze([0.01, 100]);
export const DENSITY_LIMITS = Object.freeze([1 / 256, 64]);

/**
 * Once through the clip, evenly.
 * @type {Timing}
 */
export const WHOLE_CLIP = frozen({ start: 0, end: 1, easing: "linear", repeat: "hold", cycles: 1, reverse: false });

/**
 * The motion of what stays in place.
 * @type {Motion}
 */
export const STILL = frozen({ path: null, rotation: [], scale: [], anchor: null, components: [], timing: WHOLE_CLIP });

/** @type {Omit<Layer, "region">} */
const LAYER_DEFAULTS = frozen({
  name: "",
  motion: STILL,
  visible: [[0, 1]],
  density: 1,
  enabled: true,
  locked: false,
  colour: "",
  group: "",
});

/** @typedef {(source: JsonObject) => JsonObject} Migration */

/**
 * Version n → a function that makes the object of version n + 1; version 1 is the first, so there are none yet.
 * @type {ReadonlyMap<number, Migration>}
 */
export const MIGRATIONS = new Map();

/**
 * The document in JSON text.
 * @param {string} source
 * @returns {TrackDocument}
 * @throws {DocumentError} it is not JSON, too large, of an unknown version, or a field is unknown, missing or out of limits
 */
export function parseDocument(source) {
  checkSize(source);
  const found = migrate(readJson(source.startsWith("\ufeff") ? source.slice(1) : source));
  return /** @type {TrackDocument} */ (readFields(found, new Place("The document"), DOCUMENT_FIELDS));
}

/**
 * Compact JSON that `parseDocument` reads back to an equal document; fields at their defaults are left out.
 * @param {TrackDocument} document
 * @returns {string}
 */
export function serialiseDocument(document) {
  const written = writeJson(writeFields(document, DOCUMENT_FIELDS));
  checkSize(written);
  return written;
}

/**
 * The object in the form of version `newest`; refuses versions that this program does not know.
 * @param {unknown} source of `readJson`
 * @param {ReadonlyMap<number, Migration>} [migrations]
 * @param {number} [newest]
 * @returns {JsonObject}
 */
export function migrate(source, migrations = MIGRATIONS, newest = VERSION) {
  const place = new Place("The document");
  let found = /** @type {JsonObject} */ (readObject(source, place));
  const version = found.get("version");
  if (version === undefined) {
    throw new DocumentError(`${place} lacks the field "version"; version ${newest} is the newest known.`);
  }
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1 || version > newest) {
    const known = `${newest} is the newest known. Update this pack to read it.`;
    throw new DocumentError(`${place} has version ${shown(version)}; ${known}`);
  }
  for (let next = version; next < newest; next += 1) {
    const change = /** @type {Migration} */ (migrations.get(next));
    found = new Map([...change(found), ["version", next + 1]]);
  }
  return found;
}

/**
 * What messages call a layer: `Layer 3 "balloon"` (counted from 1).
 * @param {TrackDocument} document
 * @param {number} index
 * @returns {string}
 */
export function layerTitle(document, index) {
  return titleOf(index, document.layers[index].name);
}

/**
 * @param {number} width pixels of the reference picture
 * @param {number} height
 * @param {readonly Layer[]} [layers] bottom to top
 * @returns {TrackDocument}
 */
export function makeDocument(width, height, layers = []) {
  return frozen({ version: /** @type {const} */ (1), width, height, layers });
}

/**
 * A layer with defaults for what is not given.
 * @param {Partial<Layer> & { readonly region: Region }} given
 * @returns {Layer}
 */
export function makeLayer(given) {
  return frozen({ ...LAYER_DEFAULTS, ...given });
}

/**
 * A motion with defaults for what is not given.
 * @param {Partial<Motion>} given
 * @returns {Motion}
 */
export function makeMotion(given) {
  return frozen({ ...STILL, ...given });
}

/** @param {string} source */
function checkSize(source) {
  // No text has more bytes than three a UTF-16 unit, so most need no count.
  if (source.length * 3 <= MAX_BYTES) return;
  const size = new TextEncoder().encode(source).length;
  if (size <= MAX_BYTES) return;
  throw new DocumentError(`The document has ${size} bytes; ${MAX_BYTES} are allowed. Use fewer points or coarser masks.`);
}

/**
 * @param {number} index
 * @param {unknown} name
 */
function titleOf(index, name) {
  return typeof name === "string" && name ? `Layer ${index + 1} ${shown(name)}` : `Layer ${index + 1}`;
}

/** @type {Reader<readonly Layer[]>} */
function readLayers(value, place) {
  if (!Array.isArray(value)) throw needs(place, value, "a list of layers");
  if (value.length > MAX_LAYERS) {
    throw new DocumentError(`${place} has ${value.length} layers; ${MAX_LAYERS} are allowed. Merge or delete some.`);
  }
  return Object.freeze(value.map(readLayer));
}

/**
 * @param {unknown} value
 * @param {number} index
 * @returns {Layer}
 */
function readLayer(value, index) {
  const place = new Place(titleOf(index, value instanceof Map ? value.get("name") : null));
  const layer = readFields(value, place, LAYER_FIELDS);
  const { kind } = layer.region;
  const bursts = layer.motion.components.some((component) => component.kind === "burst");
  if (bursts && layer.motion.anchor === null && (kind === "frame" || kind === "rest")) {
    throw new DocumentError(`${place} bursts the whole ${kind}; give motion.anchor, the place that it bursts from.`);
  }
  return layer;
}

/** @type {Reader<Motion>} */
function readMotion(value, place) {
  const motion = readFields(value, place, MOTION_FIELDS);
  for (const [name, keys] of Object.entries({ rotation: motion.rotation, scale: motion.scale })) {
    checkRising(
      keys.map((key) => key.time),
      place.at(name),
    );
  }
  return motion;
}

const readSpanList = listOf(/** @type {Reader<Span>} */ (numbers(2, 0, 1)), 0, MAX_SPANS, "spans");

/** @type {Reader<readonly Span[]>} */
function readSpans(value, place) {
  const spans = readSpanList(value, place);
  for (const [index, [start, end]] of spans.entries()) {
    const from = rounded(start);
    if (start > end) {
      const needed = "a span needs 0 <= start <= end <= 1";
      throw new DocumentError(`${place.item(index)} runs from ${from} to ${rounded(end)}; ${needed}.`);
    }
    if (index && start < spans[index - 1][1]) {
      const mend = "put them in order or merge them";
      throw new DocumentError(`${place.item(index)} starts at ${from}, inside the span before it; ${mend}.`);
    }
  }
  return spans;
}

/** @type {Reader<string>} */
function readColour(value, place) {
  if (typeof value === "string" && /^(#[0-9a-fA-F]{6})?$/.test(value)) return value;
  throw needs(place, value, 'a colour as "#rrggbb"');
}

const MOTION_FIELDS = {
  path: optionalField(readPath, writePath),
  rotation: field(listOf(keyReader(ROTATION_LIMITS[0], ROTATION_LIMITS[1]), 0, MAX_KEYS, "keys"), STILL.rotation, writeKeys),
  scale: field(listOf(keyReader(SCALE_LIMITS[0], SCALE_LIMITS[1]), 0, MAX_KEYS, "keys"), STILL.scale, writeKeys),
  anchor: optionalField(readPoint),
  components: field(listOf(readComponent, 0, MAX_COMPONENTS, "components"), STILL.components, (list) =>
    list.map(writeComponent),
  ),
  timing: field(readTiming, WHOLE_CLIP, writeTiming),
};

const LAYER_FIELDS = {
  name: field(text(MAX_NAME), LAYER_DEFAULTS.name),
  region: requiredField(readRegion, writeRegion),
  motion: field(readMotion, LAYER_DEFAULTS.motion, (motion) => writeFields(motion, MOTION_FIELDS)),
  visible: field(readSpans, LAYER_DEFAULTS.visible),
  density: field(number(DENSITY_LIMITS[0], DENSITY_LIMITS[1]), LAYER_DEFAULTS.density),
  enabled: field(readFlag, LAYER_DEFAULTS.enabled),
  locked: field(readFlag, LAYER_DEFAULTS.locked),
  colour: field(readColour, LAYER_DEFAULTS.colour),
  group: field(text(MAX_NAME), LAYER_DEFAULTS.group),
};

const DOCUMENT_FIELDS = {
  version: requiredField(integer(1, VERSION)),
  width: requiredField(integer(1, MAX_SIDE)),
  height: requiredField(integer(1, MAX_SIDE)),
  layers: requiredField(readLayers, (layers) => layers.map((layer) => writeFields(layer, LAYER_FIELDS))),
};
