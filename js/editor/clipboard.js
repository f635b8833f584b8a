/**
 * Layers on the system's clipboard, through its own events: they need no permission and work on pages without https.
 * The events go to the element in focus, and only an editable one gets all of them: `focus_keeper.js` sees to that.
 */

import { makeDocument, parseDocument, serialiseDocument } from "../model/document.js";

/** @import { EditorContext, Layer, Lifetime } from "../types.js" */

/**
 * @param {HTMLElement} sink gets the events
 * @param {EditorContext} context
 * @param {Lifetime} lifetime
 */
export function shareClipboard(sink, { store }, lifetime) {
  for (const type of /** @type {const} */ (["copy", "cut"])) {
    lifetime.listen(sink, type, (event) => {
      claim(event);
      store.dispatch({ type });
      const { document, clipboard } = store.state();
      const text = serialiseDocument(makeDocument(document.width, document.height, [...clipboard]));
      if (clipboard.length) /** @type {ClipboardEvent} */ (event).clipboardData?.setData("text/plain", text);
    });
  }
  lifetime.listen(sink, "paste", (event) => {
    claim(event);
    const text = /** @type {ClipboardEvent} */ (event).clipboardData?.getData("text/plain") ?? "";
    const layers = layersIn(text);
    store.dispatch(layers ? { type: "paste-layers", layers } : { type: "paste" });
  });
}

/**
 * The layers of a document in a text; null if it is something else.
 *
 * @param {string} text
 * @returns {readonly Layer[] | null}
 */
export function layersIn(text) {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    return parseDocument(text).layers;
  } catch {
    return null;
  }
}

/** ComfyUI listens to the same events for nodes. @param {Event} event */
function claim(event) {
  event.preventDefault();
  event.stopPropagation();
}
