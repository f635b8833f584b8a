/** A document for the same picture at another size. */

import { COMPONENTS } from "./components.js";
import { COORDINATE_LIMIT } from "./readers.js";
import { tidy } from "./tidy.js";
import { frozen } from "./values.js";

/** @import { Component, Layer, Motion, Pair, Region, TrackDocument } from "../types.js" */
/** Factors across, down and of what has no direction. @typedef {{ across: number, down: number, both: number }} Factors */

const LEAST = 0.001;
const CELLS = [1, 1024];
/** Parameters in pixels that count along one side; the others have a direction of their own or none. */
const ACROSS = new Set(["x", "speed_x"]);
const DOWN = new Set(["y", "speed_y", "floor", "gravity"]);

/**
 * The document with every place and length scaled to a picture of another size. Where the shape differs too, places go each
 * side's way; radii, the cells of masks and what has no direction grow by the geometric mean of both.
 *
 * @param {TrackDocument} document
 * @param {number} width
 * @param {number} height
 * @returns {TrackDocument}
 */
export function scaleDocument(document, width, height) {
  const [across, down] = [width / document.width, height / document.height];
  if (across === 1 && down === 1) return document;
  const by = { across, down, both: Math.sqrt(across * down) };
  return frozen({ ...document, width, height, layers: document.layers.map((layer) => scaledLayer(layer, by)) });
}

/**
 * Whether a picture has another shape than the document's: more than rounding to whole pixels would explain.
 *
 * @param {TrackDocument} document
 * @param {Pair} size width and height of the picture
 */
export function isOtherShape({ width, height }, size) {
  const wanted = (height * size[0]) / width;
  const across = (width * size[1]) / height;
  return Math.abs(wanted - size[1]) >= 1 && Math.abs(across - size[0]) >= 1;
}

/**
 * @param {Layer} layer
 * @param {Factors} by
 * @returns {Layer}
 */
function scaledLayer(layer, by) {
  return { ...layer, region: scaledRegion(layer.region, by), motion: scaledMotion(layer.motion, by) };
}

/**
 * @param {Region} region
 * @param {Factors} by
 * @returns {Region}
 */
function scaledRegion(region, by) {
  const grown = (/** @type {number} */ size) => Math.max(hold(size * by.both), LEAST);
  switch (region.kind) {
    case "point":
      return { ...region, at: scaledPlace(region.at, by) };
    case "disc":
      return { ...region, centre: scaledPlace(region.centre, by), radius: grown(region.radius) };
    case "rectangle": {
      const [left, top, width, height] = region.box;
      const size = [Math.max(hold(width * by.across), LEAST), Math.max(hold(height * by.down), LEAST)];
      return { ...region, box: [...scaledPlace([left, top], by), size[0], size[1]] };
    }
    case "polygon":
      return { ...region, points: region.points.map((point) => scaledPlace(point, by)) };
    case "brush":
      return { ...region, points: region.points.map((point) => scaledPlace(point, by)), radius: grown(region.radius) };
    case "mask":
      return { ...region, cell: Math.max(CELLS[0], Math.min(CELLS[1], tidy(region.cell * by.both))) };
    default:
      return region;
  }
}

/**
 * @param {Motion} motion
 * @param {Factors} by
 * @returns {Motion}
 */
function scaledMotion(motion, by) {
  const { path, anchor, components } = motion;
  return {
    ...motion,
    path: path && {
      ...path,
      points: path.points.map((point) => scaledPlace(point, by)),
      handles: path.handles.map(([a, b, c, d]) => [...scaledPlace([a, b], by), ...scaledPlace([c, d], by)]),
    },
    anchor: anchor && scaledPlace(anchor, by),
    components: components.map((component) => scaledComponent(component, by)),
  };
}

/**
 * @param {Component} component
 * @param {Factors} by
 * @returns {Component}
 */
function scaledComponent({ kind, values }, by) {
  const scaled = { ...values };
  for (const { name, unit, low, high } of COMPONENTS[kind].parameters) {
    if (!unit.startsWith("px")) continue;
    const factor = ACROSS.has(name) ? by.across : DOWN.has(name) ? by.down : by.both;
    scaled[name] = Math.max(low, Math.min(high, tidy(values[name] * factor)));
  }
  return { kind, values: scaled };
}

/**
 * @param {Pair} place
 * @param {Factors} by
 * @returns {Pair}
 */
function scaledPlace([x, y], { across, down }) {
  return [hold(x * across), hold(y * down)];
}

/** @param {number} value */
function hold(value) {
  return tidy(Math.max(-COORDINATE_LIMIT, Math.min(COORDINATE_LIMIT, value)));
}
