/** Numbers as a hand makes them: no more decimals than anybody could mean, so that documents stay short. */

/** @import { Pair } from "../types.js" */

/**
 * A coordinate, a length in pixels or an angle in degrees, to a thousandth.
 *
 * @param {number} value
 */
export function tidy(value) {
  return Math.round(value * 1000) / 1000 + 0;
}

/**
 * @param {Pair} place
 * @returns {Pair}
 */
export function tidyPair([x, y]) {
  return [tidy(x), tidy(y)];
}
