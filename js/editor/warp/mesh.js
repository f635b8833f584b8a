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
/** As in wanmove_core/rendering/source_map.py. */
const TEAR = 0.8;

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
 * A grid over a box in which each cell has its own four corners, so that cells can part.
 *
 * @param {Box} box
 * @param {number} cell reference pixels
 * @returns {{ mesh: Mesh, middles: Float64Array }} middles of the cells [M * 2]
 */
export function makeTiles(box, cell) {
  const grid = makeMesh(box, cell);
  const [across, down] = [grid.columns - 1, grid.rows - 1];
  const places = new Float64Array(across * down * 8);
  const middles = new Float64Array(across * down * 2);
  const triangles = new Uint32Array(across * down * 6);
  for (let tile = 0; tile < across * down; tile++) {
    const first = Math.floor(tile / across) * grid.columns + (tile % across);
    const corners = [first, first + 1, first + grid.columns, first + grid.columns + 1];
    corners.forEach((corner, index) => {
      places[8 * tile + 2 * index] = grid.places[2 * corner];
      places[8 * tile + 2 * index + 1] = grid.places[2 * corner + 1];
    });
    middles[2 * tile] = (grid.places[2 * corners[0]] + grid.places[2 * corners[3]]) / 2;
    middles[2 * tile + 1] = (grid.places[2 * corners[0] + 1] + grid.places[2 * corners[3] + 1]) / 2;
    triangles.set(
      [0, 1, 2, 1, 3, 2].map((corner) => 4 * tile + corner),
      6 * tile,
    );
  }
  return { mesh: { places, triangles, columns: 2 * across, rows: 2 * down }, middles };
}

/**
 * Whether a ripple [N * 2] moves neighbours of a grid such different ways that what lies between them would be torn.
 *
 * @param {Mesh} mesh
 * @param {Float64Array} ripple
 */
export function tears({ places, columns, rows }, ripple) {
  const step = Math.max(places[2] - places[0], 1e-6);
  for (let i = 0; i + 1 < columns * rows; i++) {
    for (const next of [i + 1, i + columns]) {
      if (next >= columns * rows || (next === i + 1 && next % columns === 0)) continue;
      const [across, down] = [ripple[2 * next] - ripple[2 * i], ripple[2 * next + 1] - ripple[2 * i + 1]];
      if (Math.abs(across) > TEAR * step || Math.abs(down) > TEAR * step) return true;
    }
  }
  return false;
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
