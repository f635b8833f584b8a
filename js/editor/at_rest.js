/** What is worked out of the document while nobody draws. */

/** @import { Derived, EditorContext, EditorState, Lifetime } from "../types.js" */

/** Milliseconds after the last change: long enough that a series of key presses is worked out once. */
const PAUSE = 150;

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
    lifetime.later(PAUSE, () => {
      if (mine === turn && due() && isAtRest(store.state())) run();
    });
  };
  const run = () => {
    const state = store.state();
    shown = [state.committed.document, state.clip];
    show(derive(state.committed.document, state.clip), state);
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
