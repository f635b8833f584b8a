/** Views that look at a part of the state. */

/** @import { EditorState, Lifetime, Store } from "../types.js" */

/**
 * Shows what `pick` takes of the state now and whenever one of the picked values is another one (`===`).
 *
 * @template {readonly unknown[]} P
 * @param {Store} store
 * @param {Lifetime} lifetime
 * @param {(state: EditorState) => readonly [...P]} pick
 * @param {(...picked: NoInfer<P>) => void} show
 */
export function watch(store, lifetime, pick, show) {
  let last = pick(store.state());
  show(...last);
  lifetime.also(
    store.subscribe((state) => {
      const next = pick(state);
      if (next.every((value, index) => value === last[index])) return;
      last = next;
      show(...next);
    }),
  );
}
