/** Between the host's text and the store's document. */

import { makeDocument, parseDocument, serialiseDocument } from "../model/document.js";

/** @import { Clip, EditorContext, Lifetime, TrackDocument } from "../types.js" */

/**
 * The document of a text; an empty one of the clip's size where there is none or it cannot be read.
 *
 * @param {string} text
 * @param {Clip} clip
 * @returns {{ document: TrackDocument, error: string | null }}
 */
export function readDocument(text, clip) {
  if (text.trim() === "") return { document: makeDocument(clip.width, clip.height), error: null };
  try {
    return { document: parseDocument(text), error: null };
  } catch (error) {
    return { document: makeDocument(clip.width, clip.height), error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Gives the host one text a finished gesture. What the host gave is never given back to it: a text that cannot be read
 * stays with the host until somebody draws.
 *
 * @param {EditorContext} context
 * @param {Lifetime} lifetime
 * @returns {{ take: (text: string) => void, load: (document: TrackDocument) => void }} load a text of the host, unless it is the
 *   one that it has; load a document that the host need not be told of
 */
export function keepCommitted({ store, host, texts }, lifetime) {
  let known = host.document;
  /** @type {TrackDocument | null} what is being loaded: asked for by a listener, it is loaded only after all listeners */
  let loading = null;
  lifetime.also(
    store.subscribe((state, previous) => {
      if (state.committed.document === previous.committed.document) return;
      if (state.committed.document === loading) {
        loading = null;
        return;
      }
      const text = serialiseDocument(state.committed.document);
      if (text === known) return;
      known = text;
      host.commit(text);
    }),
  );

  const load = (/** @type {TrackDocument} */ document) => {
    loading = document;
    store.dispatch({ type: "load", document });
  };
  const take = (/** @type {string} */ text) => {
    if (text === known) return;
    known = text;
    const { document, error } = readDocument(text, store.state().clip);
    load(document);
    if (error !== null) store.dispatch({ type: "notice", text: texts("notice.unreadable", { reason: error }), kind: "error" });
  };
  return { take, load };
}
