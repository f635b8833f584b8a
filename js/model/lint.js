/** What the user may want to mend before a run: as in wanmove_core/guidance/report.py, and why a document cannot be baked. */

import { layerTitle } from "./document.js";
import { shapesDiffer } from "./fit.js";
import { fixOf } from "./fixes.js";
import { cellEdit, STRIDE } from "./guidance.js";
import { JUMP_CELLS, makeCase, RULES, rivalsOf } from "./rules.js";
import { bakeWhatCan } from "./sampling.js";

/** @import { BakedTracks, CellEdit, Clip, Finding, TrackDocument } from "../types.js" */
/** @import { Case } from "./rules.js" */
/** @import { BakeError } from "./sampling.js" */

/**
 * First what concerns all, then by layer, bottom to top. Where the document cannot be baked, the layers that can are looked at
 * all the same. `values.frame` is the frame at which a thing happens first.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {BakedTracks | null} tracks of the document, null = it cannot be baked
 * @param {CellEdit | null} edit of the tracks
 * @param {string | null} error why it cannot
 * @returns {Finding[]}
 */
export function findingsOf(document, clip, tracks, edit, error) {
  const baked = tracks ? { tracks, errors: [] } : bakeWhatCan(document, clip);
  const found = [...wholeFindings(document, clip, baked.tracks)];
  found.push(...errorFindings(document, clip, baked.errors, error));
  if (baked.tracks) {
    const cells = tracks && edit ? edit : cellEdit(baked.tracks);
    found.push(...trackFindings(document, clip, makeCase(baked.tracks, cells)));
  }
  return found.sort((one, other) => (one.layer ?? -1) - (other.layer ?? -1));
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {BakedTracks | null} tracks
 * @returns {Finding[]}
 */
function wholeFindings(document, clip, tracks) {
  const { length } = clip;
  const all = { layer: null, count: tracks?.count ?? 0, of: tracks?.count ?? 0 };
  /** @type {Finding[]} */
  const found = [];
  if (clip.fit === null && shapesDiffer(document, clip)) {
    const values = { width: document.width, height: document.height, targetWidth: clip.width, targetHeight: clip.height };
    found.push({ kind: "source-size", ...all, values, fix: null });
  }
  if (length >= 1 && (length - 1) % STRIDE.time) {
    const below = Math.floor((length - 1) / STRIDE.time) * STRIDE.time + 1;
    const nearest = Math.max(Math.round((length - 1) / STRIDE.time), 1) * STRIDE.time + 1;
    const values = { length, below, above: below + STRIDE.time, nearest };
    found.push({ kind: "length", ...all, values, fix: { length: nearest } });
  }
  return found;
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {readonly BakeError[]} errors
 * @param {string | null} error
 * @returns {Finding[]}
 */
function errorFindings(document, clip, errors, error) {
  const named = errors.filter(({ layer }) => layer !== null);
  const others = errors.filter(({ layer, kind }) => layer === null && kind !== "source-size");
  const told = named.length ? named : others;
  if (error !== null && !errors.length) told.push({ kind: "cannot-bake", layer: null, message: error });
  return told.map(({ kind, layer, message }) => {
    const count = layer === null ? 0 : 1;
    /** @type {Finding["values"]} */
    const title = layer === null ? {} : { layer: layerTitle(document, layer) };
    const values = { ...title, count, of: count, error: message, frame: 0 };
    return { kind, layer, count, of: count, values, fix: layer === null ? null : fixOf(kind, document, clip, layer, ALONE) };
  });
}

/** What `fixOf` is told of a layer that has no tracks. */
const ALONE = { all: true, rival: -1, cameraToo: false };

/**
 * By layer, and within a layer in the order of the rules.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {Case} known
 * @returns {Finding[]}
 */
function trackFindings(document, clip, known) {
  const { tracks } = known;
  const sizes = byLayer(document, tracks, new Int32Array(tracks.count)).counts;
  /** @type {Finding[]} */
  const found = [];
  for (const [kind, rule] of RULES) {
    const { counts, frames } = byLayer(document, tracks, rule(known));
    const cameraToo = document.layers.some(({ region }, index) => region.kind === "frame" && counts[index] > 0);
    const rivals = kind === "collision-lost" ? rivalsOf(known, document.layers.length) : null;
    counts.forEach((count, layer) => {
      if (!count) return;
      const of = sizes[layer];
      const details = { all: count === of, rival: rivals?.[layer] ?? -1, cameraToo };
      const title = layerTitle(document, layer);
      const values = { count, of, layer: title, frame: frames[layer], cell: STRIDE.width, cells: JUMP_CELLS };
      found.push({ kind, layer, count, of, values, fix: fixOf(kind, document, clip, layer, details) });
    });
  }
  return found;
}

/**
 * How many tracks of each layer a rule concerns, and from which frame on.
 *
 * @param {TrackDocument} document
 * @param {BakedTracks} tracks
 * @param {Int32Array} first [N], of a rule
 */
function byLayer(document, { layer, count }, first) {
  const counts = new Int32Array(document.layers.length);
  const frames = new Int32Array(document.layers.length).fill(2 ** 31 - 1);
  for (let track = 0; track < count; track++) {
    if (first[track] < 0) continue;
    const index = layer[track];
    counts[index] += 1;
    if (first[track] < frames[index]) frames[index] = first[track];
  }
  return { counts, frames };
}
