/** Plays the clip in real time by moving the playhead. */

/** @import { Clip, Lifetime, Store } from "../types.js" */

/** Milliseconds; a longer pause between two frames (a tab in the background) counts as this. */
const LONGEST_STEP = 250;

/**
 * Moves the playhead while the state says that the clip plays, over and over; a recording stays at the end. Asks for frames
 * only while it plays.
 *
 * @param {Store} store
 * @param {Lifetime} lifetime
 */
export function startPlayback(store, lifetime) {
  /** When the page was last drawn; null = it did not play. @type {number | null} */
  let before = null;
  /** Where the clip is: the last frame is shown for a while at one progress. */
  let time = 0;
  let shown = -1;
  const ask = lifetime.onFrame((now) => {
    const { playing, progress, clip, gesture } = store.state();
    if (!playing) {
      before = null;
      shown = -1;
      return;
    }
    // Somebody else has moved the playhead.
    if (progress !== shown) time = timeOf(progress, clip);
    time += before === null ? 0 : Math.min(now - before, LONGEST_STEP);
    time %= gesture.kind === "record" ? Number.POSITIVE_INFINITY : turn(clip);
    before = now;
    shown = progressAt(time, clip, gesture.kind !== "record");
    if (shown !== progress) store.dispatch({ type: "set-progress", progress: shown });
    ask();
  });
  const follow = () => {
    if (store.state().playing) ask();
  };
  lifetime.also(store.subscribe(follow));
  follow();
}

/**
 * What is shown after so long: frame f at progress f / (length - 1), each frame for as long as the next ones, so that a turn takes
 * length / fps seconds.
 *
 * @param {number} time milliseconds since the first frame
 * @param {Clip} clip
 * @param {boolean} loops
 */
export function progressAt(time, clip, loops) {
  const last = clip.length - 1;
  if (last < 1) return 0;
  return Math.min(1, ((loops ? time % turn(clip) : time) * clip.fps) / (1000 * last));
}

/**
 * Milliseconds from the first frame to a moment of the clip.
 *
 * @param {number} progress
 * @param {Clip} clip
 */
export function timeOf(progress, { length, fps }) {
  return (progress * Math.max(length - 1, 0) * 1000) / fps;
}

/** Milliseconds. @param {Clip} clip */
function turn({ length, fps }) {
  return (Math.max(length, 1) * 1000) / fps;
}
