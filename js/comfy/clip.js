/** The clip that a node is set to make, read from its widgets. */

/** @import { Clip } from "../types.js" */
/** @import { ComfyNode } from "./host.js" */

/** Frames a second of Wan 2.1; the node does not know what the video will be saved with. */
const FRAMES_PER_SECOND = 16;
/** @type {Clip} */
const USUAL = { width: 832, height: 480, length: 81, fps: FRAMES_PER_SECOND, fit: "crop" };

/**
 * @param {ComfyNode} node with the widgets width, height, length and fit; a missing one counts as usual
 * @returns {Clip}
 */
export function readClip(node) {
  return {
    width: wholeOf(node, "width", USUAL.width),
    height: wholeOf(node, "height", USUAL.height),
    length: wholeOf(node, "length", USUAL.length),
    fps: FRAMES_PER_SECOND,
    fit: widgetValue(node, "fit") === "stretch" ? "stretch" : "crop",
  };
}

/**
 * @param {Clip} a
 * @param {Clip} b
 */
export function sameClip(a, b) {
  return a.width === b.width && a.height === b.height && a.length === b.length && a.fps === b.fps && a.fit === b.fit;
}

/**
 * @param {ComfyNode} node
 * @param {string} name
 * @param {number} usual
 */
function wholeOf(node, name, usual) {
  const value = widgetValue(node, name);
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : usual;
}

/**
 * @param {ComfyNode} node
 * @param {string} name
 */
function widgetValue(node, name) {
  return node.widgets?.find((widget) => widget.name === name)?.value;
}
