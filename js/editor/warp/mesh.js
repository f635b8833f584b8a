/** Grids of points that textures are stretched over. */

/** @import { Box } from "../../types.js" */

/**
 * @typedef {object} Mesh
 * @property {Float64Array} places [N * 2] reference pixels, in reading order
 * @property {Uint32Array} triangles [M * 3]
 * @property {number} columns of points
 * @property {number} rows
 */

const MOST_POINTS = 5000;

/**
 * A grid over a box, of cells of about the size given; larger where there would be too many.
 *
 * @param {Box} box
 * @param {number} cell reference pixels
 * @returns {Mesh}
 */
export function makeMesh([left, top, right, bottom], cell) {
  const [across, down] = [Math.max(right - left, 1e-6), Math.max(bottom - top, 1e-6)];
  const step = Math.max(cell, Math.sqrt((across * down) / MOST_POINTS));
  const columns = Math.min(Math.max(Math.ceil(across / step), 1), MOST_POINTS) + 1;
  const rows = Math.min(Math.max(Math.ceil(down / step), 1), MOST_POINTS) + 1;
  const places = new Float64Array(columns * rows * 2);
  for (let i = 0; i < columns * rows; i++) {
    places[2 * i] = left + (across * (i % columns)) / (columns - 1);
    places[2 * i + 1] = top + (down * Math.floor(i / columns)) / (rows - 1);
  }
  return { places, triangles: trianglesOf(columns, rows), columns, rows };
}

/**
 * @param {number} columns of points
 * @param {number} rows
 */
function trianglesOf(columns, rows) {
  const triangles = new Uint32Array((columns - 1) * (rows - 1) * 6);
  let at = 0;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const first = row * columns + column;
      triangles.set([first, first + 1, first + columns, first + 1, first + columns + 1, first + columns], at);
      at += 6;
    }
  }
  return triangles;
}
