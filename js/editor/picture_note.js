/** What is said about the picture: where it comes from when that is a guess, that there is none, or that it has another shape. */

import { isOtherShape, scaleDocument } from "../model/scale_document.js";
import { h } from "./dom.js";

/** @import { EditorState, Pair, Picture } from "../types.js" */
/** @import { Shell } from "./shell.js" */
/** @typedef {{ element: HTMLElement, show: (picture: Picture | null) => void, measured: (size: Pair | null) => void }} PictureNote */

/**
 * A picture of another shape than the drawing's is said to be one, with a way out: the drawing is scaled to it, in one step.
 *
 * @param {Shell} shell
 * @returns {PictureNote}
 */
export function createPictureNote({ context: { store, texts, host }, lifetime }) {
  const words = h("span", { role: "status" });
  const open = smallButton(texts("command.open"));
  const fit = smallButton(texts("shape.fit"));
  const keep = smallButton(texts("shape.keep"));
  const element = h("div", { class: "wanmove-picture-note" }, words, open, fit, keep);
  /** @type {Picture | null} */
  let shown = null;
  /** The picture's size while nobody has said that the drawing is to stay as it is. @type {Pair | null} */
  let size = null;

  const update = () => {
    const { committed } = store.state();
    const { document } = committed;
    const isOther = size !== null && document.layers.length > 0 && isOtherShape(document, size);
    const told = isOther && size ? otherWords(size, document) : "";
    words.textContent = shown ? [shown.note, told].filter(Boolean).join(" ") : texts("shell.no-picture");
    open.hidden = shown !== null || host.openPicture === undefined;
    fit.hidden = !isOther;
    keep.hidden = !isOther;
    element.hidden = shown !== null && !shown.note && !isOther;
  };
  const otherWords = (/** @type {Pair} */ [width, height], /** @type {EditorState["document"]} */ document) =>
    texts("shape.other", { picture: `${width} × ${height}`, drawing: `${document.width} × ${document.height}` });

  lifetime.listen(open, "click", () => host.openPicture?.());
  lifetime.listen(fit, "click", () => {
    const { document } = store.state().committed;
    if (size) store.dispatch({ type: "edit", document: scaleDocument(document, size[0], size[1]) });
  });
  lifetime.listen(keep, "click", () => {
    size = null;
    update();
  });
  lifetime.also(
    store.subscribe((state, previous) => {
      const [now, before] = [state.committed.document, previous.committed.document];
      const emptied = now.layers.length === 0 || before.layers.length === 0;
      if (now !== before && (emptied || now.width !== before.width || now.height !== before.height)) update();
    }),
  );

  return {
    element,
    show(picture) {
      shown = picture;
      update();
    },
    measured(now) {
      size = now;
      update();
    },
  };
}

/** @param {string} words */
function smallButton(words) {
  return h("button", { type: "button", class: "wanmove-small-button" }, words);
}
