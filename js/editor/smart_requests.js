/** Asks the host for the outline of what was marked, each time something more is marked. */

/** @import { EditorContext, EditorState, Lifetime, SmartSelect } from "../types.js" */

/**
 * Without a host that selects, it does nothing. A newer question ends the one before.
 *
 * @param {EditorContext} context
 * @param {Lifetime} lifetime
 */
export function driveSmartSelect({ store, host }, lifetime) {
  const { selectSmartly } = host;
  if (!selectSmartly) return;
  /** @type {SmartSelect | null} */
  let asked = null;
  let abort = new AbortController();

  /** @param {EditorState} state */
  const look = ({ smart, gesture }) => {
    if (!smart) {
      if (asked) abort.abort();
      asked = null;
      return;
    }
    if (gesture.kind !== "none" || sameMarks(smart, asked) || !(smart.box || smart.click)) return;
    asked = smart;
    abort.abort();
    abort = new AbortController();
    ask(smart, abort.signal);
  };

  /**
   * @param {SmartSelect} smart
   * @param {AbortSignal} signal
   */
  const ask = async ({ box, click, strokes }, signal) => {
    store.dispatch({ type: "smart-started" });
    try {
      const outline = await selectSmartly({ box, click, strokes }, signal);
      if (!signal.aborted) store.dispatch({ type: "smart-answered", outline });
    } catch (error) {
      if (!signal.aborted)
        store.dispatch({ type: "smart-failed", error: error instanceof Error ? error.message : String(error) });
    }
  };

  lifetime.also(store.subscribe(look));
  lifetime.also(() => abort.abort());
}

/**
 * @param {SmartSelect} smart
 * @param {SmartSelect | null} asked
 */
function sameMarks(smart, asked) {
  return asked !== null && smart.box === asked.box && smart.click === asked.click && smart.strokes === asked.strokes;
}
