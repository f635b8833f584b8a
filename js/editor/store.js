/** The state of one editor and who is told of its changes. */

import { reduce } from "./reducer.js";

/** @import { Action, EditorState, Store } from "../types.js" */

/**
 * An action that is dispatched by a listener waits until all listeners know of the change before it.
 *
 * @param {EditorState} initial
 * @returns {Store}
 */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<(state: EditorState, previous: EditorState) => void>} */
  const listeners = new Set();
  /** @type {Action[]} */
  const waiting = [];
  let busy = false;

  /** @param {Action} action */
  const step = (action) => {
    const previous = state;
    state = reduce(state, action);
    if (state === previous) return;
    for (const listener of [...listeners]) listener(state, previous);
  };

  return {
    state: () => state,
    dispatch(action) {
      waiting.push(action);
      if (busy) return;
      busy = true;
      try {
        for (let next = waiting.shift(); next; next = waiting.shift()) step(next);
      } finally {
        waiting.length = 0;
        busy = false;
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
