/** The size of a document in which nothing is drawn yet: that of the picture, else that of the clip. */

import { makeDocument } from "../model/document.js";

/** @import { Lifetime, Pair, Picture, Store, TrackDocument } from "../types.js" */

/** The largest side of a document; docs/document.md. */
const LARGEST = 16_384;

/**
 * @param {Store} store
 * @param {(document: TrackDocument) => void} load
 * @param {Lifetime} lifetime
 * @param {(size: Pair | null) => void} told of the picture's size, null while it is not known
 * @returns {(picture: Picture | null) => void} to be told of each picture
 */
export function fitEmptyDocument(store, load, lifetime, told) {
  /** @type {Pair | null} */
  let measured = null;
  let turn = 0;

  const fit = () => {
    const { document, history, clip, gesture, notice } = store.state();
    if (document.layers.length || history.past.length || history.future.length || gesture.kind !== "none") return;
    const [width, height] = measured ?? [clip.width, clip.height];
    if (width === document.width && height === document.height) return;
    load(makeDocument(width, height));
    // Such as that the stored text cannot be read.
    if (notice) store.dispatch({ type: "notice", ...notice });
  };

  lifetime.also(
    store.subscribe((state, previous) => {
      if (state.clip !== previous.clip) fit();
    }),
  );
  lifetime.also(() => {
    turn += 1;
  });

  return (picture) => {
    turn += 1;
    const mine = turn;
    measured = null;
    told(null);
    if (!picture) return fit();
    const image = new Image();
    image.src = picture.url;
    // The stage says what cannot be loaded.
    image.decode().then(
      () => {
        if (mine !== turn || Math.max(image.naturalWidth, image.naturalHeight) > LARGEST) return;
        measured = [image.naturalWidth, image.naturalHeight];
        fit();
        told(measured);
      },
      () => {},
    );
  };
}
