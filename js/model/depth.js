/**
 * Which layer a place belongs to: the topmost one that covers it. A body's layer does not carry the head that lies above it,
 * and the background carries neither. Under all other layers lie the `rest` layers, and under those the `frame` layers.
 */

import { countBelow, countUpTo } from "./fill.js";
import { bounds, coveredGrid } from "./shapes.js";

/** @import { Layer, Pair, TrackDocument } from "../types.js" */

/**
 * Indices of the enabled layers from the bottom to the top: frames, rests, then all others as they are listed.
 *
 * @param {TrackDocument} document
 * @returns {readonly number[]}
 */
export function inDepthOrder(document) {
  let order = ORDERS.get(document);
  if (!order) {
    const enabled = document.layers.flatMap((layer, index) => (layer.enabled ? [index] : []));
    order = enabled.sort((a, b) => storey(document.layers[a]) - storey(document.layers[b]) || a - b);
    ORDERS.set(document, order);
  }
  return order;
}

/**
 * From the bottom to the top.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 */
export function layersAbove(document, layer) {
  const order = inDepthOrder(document).map((index) => document.layers[index]);
  const depth = order.indexOf(layer);
  if (depth >= 0) return order.slice(depth + 1);
  return order.filter((other) => storey(other) > storey(layer));
}

/**
 * Which places of a grid the layer covers and no layer above does. [H * W]
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Pair} cells
 * @param {Pair} origin
 */
export function ownedBy(document, layer, xs, ys, cells, origin) {
  const own = coveredBy(layer, xs, ys, cells, origin);
  for (const above of layersAbove(document, layer)) {
    const [left, top, right, bottom] = bounds(above.region, document.width, document.height);
    const [aside, over] = above.region.kind === "point" ? cells : NO_MARGIN;
    const [x0, x1] = [countBelow(xs, left - aside), countUpTo(xs, right + aside)];
    const [y0, y1] = [countBelow(ys, top - over), countUpTo(ys, bottom + over)];
    if (x0 >= x1 || y0 >= y1) continue;
    const taken = coveredBy(above, xs.subarray(x0, x1), ys.subarray(y0, y1), cells, origin);
    let at = 0;
    for (let row = y0; row < y1; row++) {
      for (let place = row * xs.length + x0; place < row * xs.length + x1; place++, at++) {
        if (taken[at]) own[place] = 0;
      }
    }
  }
  return own;
}

/**
 * Which places of a grid a region takes; a point takes the cell that it lies in. [H * W]
 *
 * @param {Layer} layer
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Pair} cells
 * @param {Pair} origin
 */
export function coveredBy(layer, xs, ys, cells, origin) {
  if (layer.region.kind !== "point") return coveredGrid(layer.region, xs, ys);
  const [column, row] = layer.region.at.map((at, axis) => Math.floor((at - origin[axis]) / cells[axis]));
  const taken = new Uint8Array(xs.length * ys.length);
  ys.forEach((y, down) => {
    if (Math.floor((y - origin[1]) / cells[1]) !== row) return;
    xs.forEach((x, across) => {
      if (Math.floor((x - origin[0]) / cells[0]) === column) taken[down * xs.length + across] = 1;
    });
  });
  return taken;
}

/**
 * Whether the layer lies above the background, in the order of the list.
 *
 * @param {Layer} layer
 */
export function isDrawn(layer) {
  return storey(layer) === DRAWN;
}

/** @type {Pair} */
const NO_MARGIN = [0, 0];
const DRAWN = 2;
/** @type {WeakMap<TrackDocument, readonly number[]>} */
const ORDERS = new WeakMap();

/** @param {Layer} layer */
function storey({ region }) {
  if (region.kind === "frame") return 0;
  return region.kind === "rest" ? 1 : DRAWN;
}
