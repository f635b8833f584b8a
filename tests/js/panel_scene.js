/** Small documents for tests of the panels. */

/** @import { Layer, Motion, Timing, TrackDocument } from "../../js/types.js" */

/** @type {Timing} */
export const WHOLE = { start: 0, end: 1, easing: "linear", repeat: "hold", cycles: 1, reverse: false };

/**
 * @param {Partial<Layer>} [some]
 * @param {Partial<Omit<Motion, "timing">> & { timing?: Partial<Timing> }} [motion]
 * @returns {Layer}
 */
export function layerOf(some = {}, motion = {}) {
  const still = { path: null, rotation: [], scale: [], anchor: null, components: [] };
  return {
    name: "",
    region: { kind: "rectangle", box: [10, 20, 40, 30] },
    visible: [[0, 1]],
    density: 1,
    enabled: true,
    locked: false,
    colour: "",
    group: "",
    ...some,
    motion: { ...still, ...motion, timing: { ...WHOLE, ...motion.timing } },
  };
}

/**
 * @param {readonly Layer[]} layers
 * @returns {TrackDocument}
 */
export function sceneOf(layers) {
  return { version: 1, width: 320, height: 240, layers };
}
