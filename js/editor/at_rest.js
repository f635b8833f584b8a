/** What is worked out of the document while nobody draws. */

/** @import { Derived, EditorContext, EditorState, Lifetime } from "../types.js" */

/** Milliseconds after the last change: long enough that a series of key presses is worked out once. */
const PAUSE = 150;
/** Worked out one by one, each in a turn of its own: of a large document all at once would hold up the next press. */
const PARTS = /** @type {const} */ (["tracks", "cells"]);

/**
 * Calls `show` some time after the document or the clip changed, never during a gesture, a scrub or while the clip plays.
 *
 * @param {EditorContext} context
 * @param {Lifetime} lifetime
 * @param {(derived: Derived, state: EditorState) => void} show
 */
export function whenAtRest({ store, derive }, lifetime, show) {
  /** @type {unknown[]} */
  let shown = [];
  let turn = 0;

  const due = () => {
    const { committed, clip } = store.state();
    return shown[0] !== committed.document || shown[1] !== clip;
  };
  const ask = () => {
    if (!due()) return;
    turn += 1;
    const mine = turn;
    lifetime.later(PAUSE, () => proceed(mine, 0));
  };
  const proceed = (/** @type {number} */ mine, /** @type {number} */ part) => {
    const state = store.state();
    if (mine !== turn || !due() || !isAtRest(state)) return;
    const { document } = state.committed;
    const derived = derive(document, state.clip);
    if (part < PARTS.length) {
      void derived[PARTS[part]];
      lifetime.later(0, () => proceed(mine, part + 1));
      return;
    }
    shown = [document, state.clip];
    show(derived, state);
  };

  ask();
  lifetime.also(
    store.subscribe((state, previous) => {
      const settled = isAtRest(state) && !isAtRest(previous);
      if (settled || state.committed !== previous.committed || state.clip !== previous.clip) ask();
    }),
  );
}

/** @param {EditorState} state */
function isAtRest(state) {
  return state.gesture.kind === "none" && !state.playing && state.document === state.committed.document;
}
