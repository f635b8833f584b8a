/**
 * What the model is given of tracks: which cell of the start picture goes where. The twin of
 * wanmove_core/guidance/latent_tracks.py and of `winning_tracks` in latent_edit.py.
 *
 * Latent frame k is frame `time` * k, as in Wan-Move; latent frame 0 is the start picture and never written.
 */

/** @import { BakedTracks, CellEdit, Coverage } from "../types.js" */
/** @typedef {{ readonly time: number, readonly height: number, readonly width: number }} Stride */

/** Frames and pixels of one latent cell of Wan 2.1. @type {Stride} */
export const STRIDE = Object.freeze({ time: 4, height: 8, width: 8 });

/**
 * Frames that do not fill a latent frame, and pixels that do not fill a cell, are left out.
 *
 * @param {BakedTracks} tracks
 * @param {Stride} stride
 * @returns {CellEdit}
 */
export function cellEdit(tracks, stride = STRIDE) {
  const { columns, rows, latentFrames } = gridOf(tracks, stride);
  const { count } = tracks;
  const [cells, source] = [trackCells(tracks, stride), sourceCells(tracks, stride)];
  const owner = new Int32Array(latentFrames * columns * rows).fill(-1);
  for (let frame = 1; frame < latentFrames; frame++) {
    const start = frame * columns * rows;
    for (let track = 0; track < count; track++) {
      const cell = cells[frame * count + track];
      if (cell >= 0 && source[track] >= 0) owner[start + cell] = track;
    }
  }
  return { columns, rows, latentFrames, owner, source };
}

/**
 * How much of the clip is guided, latent frame 0 left out.
 *
 * @param {CellEdit} edit
 * @returns {Coverage}
 */
export function coverageOf({ columns, rows, latentFrames, owner }) {
  const heat = new Uint16Array(columns * rows);
  let guided = 0;
  for (let frame = 1; frame < latentFrames; frame++) {
    for (let cell = 0; cell < heat.length; cell++) {
      if (owner[frame * heat.length + cell] < 0) continue;
      heat[cell] += 1;
      guided += 1;
    }
  }
  return { guided, cells: heat.length * Math.max(latentFrames - 1, 0), heat };
}

/**
 * The cell that each track is in where it is visible and inside the picture, else -1. [T', N], not to be written to
 *
 * @param {BakedTracks} tracks
 * @param {Stride} stride
 */
export function trackCells(tracks, stride = STRIDE) {
  const known = stride === STRIDE ? CELLS.get(tracks) : undefined;
  if (known) return known;
  const cells = findCells(tracks, stride);
  if (stride === STRIDE) CELLS.set(tracks, cells);
  return cells;
}

/** The cells of tracks at the usual stride: the edit and the findings both ask. @type {WeakMap<BakedTracks, Int32Array>} */
const CELLS = new WeakMap();

/**
 * @param {BakedTracks} tracks
 * @param {Stride} stride
 */
function findCells(tracks, stride) {
  const { latentFrames, ...grid } = gridOf(tracks, stride);
  const { count, visibility } = tracks;
  const cells = new Int32Array(latentFrames * count);
  for (let frame = 0; frame < latentFrames; frame++) {
    const start = frame * stride.time * count;
    for (let track = 0; track < count; track++) {
      cells[frame * count + track] = visibility[start + track] ? cellAt(tracks, start + track, grid, stride) : -1;
    }
  }
  return cells;
}

/**
 * @param {BakedTracks} tracks
 * @param {Stride} stride
 */
function sourceCells(tracks, stride) {
  const grid = gridOf(tracks, stride);
  return Int32Array.from({ length: tracks.count }, (_, track) => cellAt(tracks, track, grid, stride));
}

/**
 * The right and lower borders are outside.
 *
 * @param {BakedTracks} tracks
 * @param {number} at frame * count + track
 * @param {{ columns: number, rows: number }} grid
 * @param {Stride} stride
 */
function cellAt({ positions }, at, { columns, rows }, stride) {
  const x = positions[2 * at];
  const y = positions[2 * at + 1];
  if (!(x >= 0 && y >= 0 && x < columns * stride.width && y < rows * stride.height)) return -1;
  return Math.floor(y / stride.height) * columns + Math.floor(x / stride.width);
}

/**
 * @param {BakedTracks} tracks
 * @param {Stride} stride
 */
function gridOf({ width, height, length }, stride) {
  return {
    columns: Math.floor(width / stride.width),
    rows: Math.floor(height / stride.height),
    latentFrames: Math.floor((length - 1) / stride.time) + 1,
  };
}
