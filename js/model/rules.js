/**
 * What in tracks is lost on the way to the model, track by track. The twin of the rules in wanmove_core/guidance/report.py.
 *
 * A rule gives for each track the first frame at which it is concerned, -1 = it is not. [N]
 */

import { STRIDE, trackCells } from "./guidance.js";

/** @import { BakedTracks, CellEdit, FindingKind } from "../types.js" */
/**
 * @typedef {object} Case
 * @property {BakedTracks} tracks
 * @property {CellEdit} edit
 * @property {Int32Array} cells [T', N], as of `trackCells`
 * @property {number} frames that fill latent frames
 * @property {Int32Array} writes [N], the first latent frame to which a track carries its source; 0 = none
 */

/** A track that never gets further than this from its start counts as a pin, not as motion. Pixels. */
const STILL_PIXELS = 0.5;
/** Between two latent frames (a quarter of a second): from more than this on a move is called a jump. */
export const JUMP_CELLS = 8;

/** @type {readonly (readonly [FindingKind, (known: Case) => Int32Array])[]} */
export const RULES = Object.freeze([
  ["start-outside", startsOutside],
  ["hidden-start", startsHidden],
  ["far-edge", touchesFarEdge],
  ["collision-lost", losesCollisions],
  ["motion-under-a-cell", movesLessThanACell],
  ["jump", jumps],
]);

/**
 * What all rules look at.
 *
 * @param {BakedTracks} tracks
 * @param {CellEdit} edit of these tracks
 * @returns {Case}
 */
export function makeCase(tracks, edit) {
  const cells = trackCells(tracks);
  const writes = new Int32Array(tracks.count);
  for (let latent = edit.latentFrames - 1; latent > 0; latent--) {
    for (let track = 0; track < tracks.count; track++) {
      if (cells[latent * tracks.count + track] >= 0 && edit.source[track] >= 0) writes[track] = latent;
    }
  }
  return { tracks, edit, cells, frames: (edit.latentFrames - 1) * STRIDE.time + 1, writes };
}

/**
 * The topmost layer that takes a cell from each layer, -1 = none does. [layers]
 *
 * @param {Case} known
 * @param {number} layers
 */
export function rivalsOf(known, layers) {
  const { layer } = known.tracks;
  const rivals = new Int32Array(layers).fill(-1);
  eachLoss(known, (track, owner) => {
    if (layer[owner] !== layer[track]) rivals[layer[track]] = Math.max(rivals[layer[track]], layer[owner]);
  });
  return rivals;
}

/** @param {Case} known */
function startsOutside({ tracks, edit }) {
  return perTrack(tracks, (track) => (edit.source[track] < 0 && !isOnFarEdge(tracks, track) ? 0 : -1));
}

/** @param {Case} known */
function startsHidden({ tracks, edit, writes }) {
  return perTrack(tracks, (track) => (!tracks.visibility[track] && edit.source[track] >= 0 && writes[track] ? 0 : -1));
}

/**
 * Visible or starting exactly on x = W or y = H, and not beyond the other border.
 *
 * @param {Case} known
 */
function touchesFarEdge({ tracks, frames }) {
  const first = new Int32Array(tracks.count).fill(-1);
  for (let frame = frames - 1; frame >= 0; frame--) {
    for (let track = 0; track < tracks.count; track++) {
      const at = frame * tracks.count + track;
      if ((frame === 0 || tracks.visibility[at]) && isOnFarEdge(tracks, at)) first[track] = frame;
    }
  }
  return first;
}

/**
 * Tracks that lose a cell to another layer, or every one of their cells to their own. Inside a layer tracks meet whenever it
 * turns or shrinks, and a neighbour's feature is as good, so that only a track that is never heard counts.
 *
 * @param {Case} known
 */
function losesCollisions(known) {
  const { tracks, edit, cells, writes } = known;
  const { layer } = tracks;
  const first = new Int32Array(tracks.count).fill(-1);
  const heard = new Uint8Array(tracks.count);
  eachWrite(edit, cells, tracks.count, (track, owner, latent) => {
    if (edit.source[owner] === edit.source[track]) heard[track] = 1;
    else if (layer[owner] !== layer[track] && first[track] < 0) first[track] = latent * STRIDE.time;
  });
  for (let track = 0; track < tracks.count; track++) {
    if (first[track] < 0 && writes[track] && !heard[track]) first[track] = writes[track] * STRIDE.time;
  }
  return first;
}

/** @param {Case} known */
function movesLessThanACell({ tracks, edit, cells, frames, writes }) {
  const leaves = new Uint8Array(tracks.count);
  eachWrite(edit, cells, tracks.count, (track, _, latent) => {
    if (cells[latent * tracks.count + track] !== edit.source[track]) leaves[track] = 1;
  });
  return perTrack(tracks, (track) => (writes[track] && !leaves[track] ? firstMove(tracks, track, frames) : -1));
}

/** @param {Case} known */
function jumps({ tracks, edit, cells }) {
  const { count } = tracks;
  const first = new Int32Array(count).fill(-1);
  for (let latent = edit.latentFrames - 1; latent > 0; latent--) {
    for (let track = 0; track < count; track++) {
      const before = cells[(latent - 1) * count + track];
      const after = cells[latent * count + track];
      if (before === after || before < 0 || after < 0 || edit.source[track] < 0) continue;
      const across = Math.abs((before % edit.columns) - (after % edit.columns));
      const down = Math.abs(Math.floor(before / edit.columns) - Math.floor(after / edit.columns));
      if (Math.max(across, down) > JUMP_CELLS) first[track] = latent * STRIDE.time;
    }
  }
  return first;
}

/**
 * @param {BakedTracks} tracks
 * @param {(track: number) => number} rule
 */
function perTrack({ count }, rule) {
  const first = new Int32Array(count);
  for (let track = 0; track < count; track++) first[track] = rule(track);
  return first;
}

/**
 * Each cell that a track carries its source to, in order of time, with the track that the cell belongs to.
 *
 * @param {CellEdit} edit
 * @param {Int32Array} cells
 * @param {number} count
 * @param {(track: number, owner: number, latent: number) => void} visit
 */
function eachWrite({ columns, rows, latentFrames, owner, source }, cells, count, visit) {
  const area = columns * rows;
  for (let latent = 1; latent < latentFrames; latent++) {
    for (let track = 0; track < count; track++) {
      const cell = cells[latent * count + track];
      if (cell >= 0 && source[track] >= 0) visit(track, owner[latent * area + cell], latent);
    }
  }
}

/**
 * Each cell that a track loses to another with another source.
 *
 * @param {Case} known
 * @param {(track: number, owner: number, latent: number) => void} visit
 */
function eachLoss({ tracks, edit, cells }, visit) {
  eachWrite(edit, cells, tracks.count, (track, owner, latent) => {
    if (edit.source[owner] !== edit.source[track]) visit(track, owner, latent);
  });
}

/**
 * The first frame at which a visible track is away from its start; -1 = it stands.
 *
 * @param {BakedTracks} tracks
 * @param {number} track
 * @param {number} frames
 */
function firstMove({ positions, visibility, count }, track, frames) {
  for (let frame = 1; frame < frames; frame++) {
    const at = frame * count + track;
    const x = Math.fround(positions[2 * at] - positions[2 * track]);
    const y = Math.fround(positions[2 * at + 1] - positions[2 * track + 1]);
    if (visibility[at] && Math.sqrt(x * x + y * y) > STILL_PIXELS) return frame;
  }
  return -1;
}

/**
 * @param {BakedTracks} tracks
 * @param {number} at frame * count + track
 */
function isOnFarEdge({ positions, width, height }, at) {
  const x = positions[2 * at];
  const y = positions[2 * at + 1];
  return (x === width && y >= 0 && y <= height) || (y === height && x >= 0 && x <= width);
}
