/** What is worked out of a document and a clip: each part once, when somebody asks for it. */

import { cellEdit, coverageOf, STRIDE } from "../model/guidance.js";
import { findingsOf } from "../model/lint.js";
import { bake } from "../model/sampling.js";

/** @import { BakedTracks, CellEdit, Clip, Coverage, Derived, EditorContext, Finding, TrackDocument } from "../types.js" */
/** @import { KnownTracks } from "../model/layer_tracks.js" */

/** So that a step of undo and its redo, or two views that look at different moments, work nothing out twice. */
const KEPT = 3;

/**
 * Asking for `tracks` costs a bake; nothing here knows of gestures, so that who draws while one lasts asks for the committed
 * document.
 *
 * @returns {EditorContext["derive"]}
 */
export function createDerived() {
  /** @type {{ document: TrackDocument, clip: Clip, derived: Derived }[]} */
  const kept = [];
  /** @type {KnownTracks} */
  const known = new Map();
  return (document, clip) => {
    const at = kept.findIndex((one) => one.document === document && one.clip === clip);
    const [found] = at < 0 ? [{ document, clip, derived: lazily(document, clip, known) }] : kept.splice(at, 1);
    kept.unshift(found);
    kept.length = Math.min(kept.length, KEPT);
    return found.derived;
  };
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {KnownTracks} known
 * @returns {Derived}
 */
function lazily(document, clip, known) {
  const baked = once(() => tryToBake(document, clip, known));
  /** @type {() => CellEdit | null} */
  const cells = once(() => {
    const { tracks } = baked();
    return tracks && cellEdit(tracks);
  });
  /** @type {() => Coverage | null} */
  const coverage = once(() => {
    const edit = cells();
    return edit && coverageOf(edit);
  });
  /** @type {() => Finding[]} */
  const findings = once(() => findingsOf(document, clip, baked().tracks, cells(), baked().error));
  return {
    get tracks() {
      return baked().tracks;
    },
    get error() {
      return baked().error;
    },
    get cells() {
      return cells();
    },
    get coverage() {
      return coverage();
    },
    get findings() {
      return findings();
    },
  };
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {KnownTracks} known
 * @returns {{ tracks: BakedTracks | null, error: string | null }}
 */
function tryToBake(document, clip, known) {
  try {
    return { tracks: bake(document, clip, STRIDE.width, known), error: null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { tracks: null, error: error.message };
  }
}

/**
 * @template T
 * @param {() => T} make
 * @returns {() => T}
 */
function once(make) {
  /** @type {{ value: T } | null} */
  let made = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
