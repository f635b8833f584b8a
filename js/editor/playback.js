/** Plays the clip in real time by moving the playhead. */

/** @import { Clip, Lifetime, Store } from "../types.js" */

/** Milliseconds; a longer pause between two frames (a tab in the background) counts as this. */
const LONGEST_STEP = 250;

/**
 * Moves the playhead while the state says that the clip plays: from 0 to 1 in length / fps seconds, over and over; a
 * recording stays at the end. Asks for frames only while it plays.
 *
 * @param {Store} store
 * @param {Lifetime} lifetime
 */
export function startPlayback(store, lifetime) {
  /** @type {number | null} */
  let before = null;
  const ask = lifetime.onFrame((now) => {
    const { playing, progress, clip, gesture } = store.state();
    if (!playing) {
      before = null;
      return;
    }
    const step = before === null ? 0 : Math.min(now - before, LONGEST_STEP);
    before = now;
    const next = progressAfter(progress, step, clip, gesture.kind !== "record");
    if (next !== progress) store.dispatch({ type: "set-progress", progress: next });
    ask();
  });
  const follow = () => {
    if (store.state().playing) ask();
  };
  lifetime.also(store.subscribe(follow));
  follow();
}

/**
 * @param {number} progress
 * @param {number} milliseconds since then
 * @param {Clip} clip
 * @param {boolean} loops
 */
export function progressAfter(progress, milliseconds, { length, fps }, loops) {
  const next = progress + (milliseconds * fps) / (1000 * Math.max(length, 1));
  if (next <= 1) return next;
  return loops ? next % 1 : 1;
}
