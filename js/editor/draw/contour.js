/** The outline of a thick line: marching squares over the distance from it. */

/** @import { Pair } from "../../types.js" */

const FINEST = 0.75;
const MOST_NODES = 240;

/**
 * The closed outlines of everything up to `radius` from a line through points, each [N * 2], outer ones and holes.
 *
 * @param {readonly Pair[]} line at least two points
 * @param {number} radius
 * @returns {readonly Float64Array[]}
 */
export function contourOf(line, radius) {
  const xs = line.map(([x]) => x);
  const ys = line.map(([, y]) => y);
  const [left, top] = [least(xs) - radius, least(ys) - radius];
  const [across, down] = [-least(xs.map((x) => -x)) + radius - left, -least(ys.map((y) => -y)) + radius - top];
  const step = Math.max(FINEST, radius / 6, Math.max(across, down) / MOST_NODES);
  const grid = {
    columns: Math.ceil(across / step) + 5,
    rows: Math.ceil(down / step) + 5,
    left: left - 2 * step,
    top: top - 2 * step,
    step,
  };
  return march(depths(line, radius, grid), grid);
}

/** @typedef {{ columns: number, rows: number, left: number, top: number, step: number }} Grid */

/** @param {readonly number[]} values */
function least(values) {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

/**
 * How far inside each node is: radius less its distance from the line, -step where it is far away.
 *
 * @param {readonly Pair[]} line
 * @param {number} radius
 * @param {Grid} grid
 */
function depths(line, radius, grid) {
  const { columns, rows, left, top, step } = grid;
  const depth = new Float64Array(columns * rows).fill(-step);
  const reach = radius + 1.5 * step;
  for (let i = 0; i + 1 < line.length; i++) {
    const [[x0, y0], [x1, y1]] = [line[i], line[i + 1]];
    const [across, down] = [x1 - x0, y1 - y0];
    const squared = across * across + down * down;
    const firstRow = Math.max(Math.floor((Math.min(y0, y1) - reach - top) / step), 0);
    const lastRow = Math.min(Math.ceil((Math.max(y0, y1) + reach - top) / step), rows - 1);
    const first = Math.max(Math.floor((Math.min(x0, x1) - reach - left) / step), 0);
    const last = Math.min(Math.ceil((Math.max(x0, x1) + reach - left) / step), columns - 1);
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = first; column <= last; column++) {
        const [x, y] = [left + column * step - x0, top + row * step - y0];
        const along = squared > 0 ? Math.min(Math.max((x * across + y * down) / squared, 0), 1) : 0;
        const inside = radius - Math.hypot(x - along * across, y - along * down);
        const node = row * columns + column;
        if (inside > depth[node]) depth[node] = inside;
      }
    }
  }
  return depth;
}

/** For the 16 ways in which a square's corners can lie: pairs of sides (0 top, 1 right, 2 bottom, 3 left), inside on the left. */
const SIDES = [
  [],
  [3, 0],
  [0, 1],
  [3, 1],
  [1, 2],
  [3, 2, 1, 0],
  [0, 2],
  [3, 2],
  [2, 3],
  [2, 0],
  [0, 3, 2, 1],
  [2, 1],
  [1, 3],
  [1, 0],
  [0, 3],
  [],
];

/**
 * @param {Float64Array} depth
 * @param {Grid} grid
 */
function march(depth, grid) {
  const { columns, rows } = grid;
  /** From the edge where a piece begins to the one where it ends. @type {Map<number, number>} */
  const next = new Map();
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const node = row * columns + column;
      const inside = [node, node + 1, node + columns + 1, node + columns].map((at) => depth[at] > 0);
      const way = SIDES[Number(inside[0]) + 2 * Number(inside[1]) + 4 * Number(inside[2]) + 8 * Number(inside[3])];
      // An edge is named by its left or upper node: even = to the right, odd = downwards.
      const edges = [2 * node, 2 * (node + 1) + 1, 2 * (node + columns), 2 * node + 1];
      for (let i = 0; i < way.length; i += 2) next.set(edges[way[i]], edges[way[i + 1]]);
    }
  }
  return collect(next, (edge) => crossing(depth, grid, edge));
}

/**
 * @param {Map<number, number>} next
 * @param {(edge: number) => Pair} place
 */
function collect(next, place) {
  /** @type {Float64Array[]} */
  const loops = [];
  for (const first of next.keys()) {
    /** @type {number[]} */
    const loop = [];
    let edge = /** @type {number | undefined} */ (first);
    while (edge !== undefined) {
      const following = next.get(edge);
      if (following === undefined) break;
      loop.push(...place(edge));
      next.delete(edge);
      edge = following;
    }
    if (loop.length >= 6) loops.push(Float64Array.from(loop));
  }
  return loops;
}

/**
 * Where the depth is 0 on an edge of the grid.
 *
 * @param {Float64Array} depth
 * @param {Grid} grid
 * @param {number} edge
 * @returns {Pair}
 */
function crossing(depth, { columns, left, top, step }, edge) {
  const node = edge >> 1;
  const other = edge % 2 ? node + columns : node + 1;
  const share = depth[node] / (depth[node] - depth[other]);
  const [column, row] = [node % columns, Math.floor(node / columns)];
  return edge % 2 ? [left + column * step, top + (row + share) * step] : [left + (column + share) * step, top + row * step];
}
