/** Affine maps of the plane, six numbers each. */

/** @import { Affine, Pair } from "../types.js" */

/** @type {Affine} */
export const IDENTITY = [1, 0, 0, 0, 1, 0];

/**
 * The map back. A map that flattens everything has none; its inverse is not finite.
 *
 * @param {Affine} affine
 * @returns {Affine}
 */
export function invertAffine([a, b, x, c, d, y]) {
  const determinant = a * d - b * c;
  const [e, f, g, h] = [d / determinant, -b / determinant, -c / determinant, a / determinant];
  return [e, f, -(e * x + f * y), g, h, -(g * x + h * y)];
}

/**
 * @param {Affine} affine
 * @param {number} x
 * @param {number} y
 * @returns {Pair}
 */
export function applyAffine(affine, x, y) {
  return [x * affine[0] + y * affine[1] + affine[2], x * affine[3] + y * affine[4] + affine[5]];
}

/**
 * The map that does `second` after `first`.
 *
 * @param {Affine} second
 * @param {Affine} first
 * @returns {Affine}
 */
export function composeAffines(second, first) {
  const [a, b, x, c, d, y] = second;
  const [e, f, u, g, h, v] = first;
  return [a * e + b * g, a * f + b * h, a * u + b * v + x, c * e + d * g, c * f + d * h, c * u + d * v + y];
}
