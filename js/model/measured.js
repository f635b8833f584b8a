/** What a run achieved of what was asked: read from the host, and where its points are at a moment. */

import { makeFit } from "./fit.js";

/** @import { Clip, Measured, Pair, TrackDocument } from "../types.js" */

/** The size of video for which `STEPS` are meant, others in proportion to their diagonals (rendering/error_colours.py). */
const REFERENCE_DIAGONAL = Math.hypot(832, 480);
/** Pixels of error up to which a point is green, at which it is yellow, and from which it is red. */
const STEPS = /** @type {const} */ ([2, 8, 16]);
/** Bluish green, yellow, vermillion: also told apart by people who see no red or no green. */
const STOPS = /** @type {const} */ ([
  [30, 200, 150],
  [255, 228, 70],
  [240, 74, 30],
]);
export const LOST_COLOUR = "#c854ff";

const MOST_TRACKS = 4096;
const MOST_FRAMES = 4096;
const MOST_NUMBERS = 4_000_000;
const LONGEST_SIDE = 16384;

/**
 * What a node that measures has sent, or null where that is nothing that can be drawn.
 *
 * @param {unknown} sent {width, height, length, requested, achieved: [track][2 * frame], followed: [track][frame], summary}
 * @returns {Measured | null}
 */
export function readMeasured(sent) {
  if (typeof sent !== "object" || sent === null) return null;
  const { width, height, length, requested, achieved, followed, summary } = /** @type {Record<string, unknown>} */ (sent);
  if (!isCount(width, LONGEST_SIDE) || !isCount(height, LONGEST_SIDE) || !isCount(length, MOST_FRAMES)) return null;
  const wishes = readRows(requested, 2 * length);
  const facts = readRows(achieved, 2 * length);
  const seen = readRows(followed, length);
  if (!wishes || !facts || !seen) return null;
  const count = seen.length / length;
  if (wishes.length !== 2 * count * length || facts.length !== wishes.length) return null;
  return {
    ...{ width, height, length, count, requested: wishes, achieved: facts },
    followed: Uint8Array.from(seen, (value) => (value > 0 ? 1 : 0)),
    ...readSummary(summary),
  };
}

/**
 * The frame of the measured clip that a moment shows.
 *
 * @param {Measured} measured
 * @param {number} progress
 */
export function measuredFrame({ length }, progress) {
  return Math.round(Math.min(Math.max(progress, 0), 1) * (length - 1));
}

/**
 * The frame up to this one in which a track was last followed, -1 = never yet.
 *
 * @param {Measured} measured
 * @param {number} track
 * @param {number} frame
 */
export function lastFollowed({ followed, length }, track, frame) {
  let at = frame;
  while (at >= 0 && !followed[track * length + at]) at -= 1;
  return at;
}

/**
 * How far a track is from where it should be in a frame, in pixels of the measured clip.
 *
 * @param {Measured} measured
 * @param {number} track
 * @param {number} frame
 */
export function errorAt({ requested, achieved, length }, track, frame) {
  const at = 2 * (track * length + frame);
  return Math.hypot(achieved[at] - requested[at], achieved[at + 1] - requested[at + 1]);
}

/**
 * From pixels of the measured clip to pixels of the reference picture: x' = x * scale[0] + shift[0].
 *
 * @param {Measured} measured
 * @param {TrackDocument} document
 * @param {Clip["fit"]} fit
 * @returns {{ scale: Pair, shift: Pair }}
 */
export function measuredToImage({ width, height }, document, fit) {
  const { scale, corner } = makeFit(document, width, height, fit ?? "stretch");
  return { scale: [1 / scale[0], 1 / scale[1]], shift: [corner[0] / scale[0], corner[1] / scale[1]] };
}

/**
 * "#rrggbb" of an error in pixels of a clip of this size.
 *
 * @param {number} error
 * @param {{ readonly width: number, readonly height: number }} clip
 */
export function errorColour(error, { width, height }) {
  const usual = (error * REFERENCE_DIAGONAL) / Math.hypot(width, height);
  const [low, middle, high] = STEPS;
  const along =
    usual < middle ? Math.max(usual - low, 0) / (middle - low) : 1 + Math.min((usual - middle) / (high - middle), 1);
  const below = Math.min(Math.floor(along), 1);
  const share = along - below;
  const bytes = STOPS[below].map((from, channel) => Math.round(from + (STOPS[below + 1][channel] - from) * share));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {unknown} value
 * @param {number} most
 * @returns {value is number}
 */
function isCount(value, most) {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= most;
}

/**
 * Rows of so many finite numbers each, one after another; null where they are not that.
 *
 * @param {unknown} rows
 * @param {number} across
 * @returns {Float32Array | null}
 */
function readRows(rows, across) {
  if (!Array.isArray(rows) || rows.length > MOST_TRACKS || rows.length * across > MOST_NUMBERS) return null;
  const numbers = new Float32Array(rows.length * across);
  for (const [index, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== across || !row.every((value) => Number.isFinite(value))) return null;
    numbers.set(row, index * across);
  }
  return numbers;
}

/**
 * @param {unknown} summary
 * @returns {Pick<Measured, "meanError" | "withinPercent" | "lostPercent" | "tracker">}
 */
function readSummary(summary) {
  const said = typeof summary === "object" && summary !== null ? /** @type {Record<string, unknown>} */ (summary) : {};
  const figure = (/** @type {string} */ name) => {
    const value = said[name];
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  return {
    meanError: figure("mean_px_at_832x480"),
    withinPercent: figure("within_8_px_percent"),
    lostPercent: figure("lost_percent"),
    tracker: typeof said.tracker === "string" ? said.tracker : "",
  };
}
