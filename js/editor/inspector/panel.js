/** What the inspector's sections share: the selected layers, and edits of all of them at once. */

import { unlocked } from "../../model/edits/layers.js";
import { changeLayers } from "../../model/timeline_edits.js";

/** @import { Clip, EditorContext, EditorState, Layer, Lifetime, Selection, TrackDocument } from "../../types.js" */

/**
 * What is looked at.
 *
 * @typedef {object} InspectorView
 * @property {TrackDocument} document
 * @property {Clip} clip
 * @property {readonly number[]} indices of the selected layers
 * @property {readonly Layer[]} layers
 * @property {Layer | null} only the layer where it is one
 * @property {boolean} locked all of them
 * @property {Selection["key"]} key
 */

/** @typedef {{ element: HTMLElement, update: (view: InspectorView) => void }} Section */
/** @typedef {(layer: Layer, index: number) => Layer} Change */

export class InspectorPanel {
  /**
   * @param {EditorContext} context
   * @param {Lifetime} lifetime
   */
  constructor(context, lifetime) {
    this.context = context;
    this.lifetime = lifetime;
    this.texts = context.texts;
    this.store = context.store;
  }

  /** Shows a change of the selected layers that may still go on; locked ones stay. @param {Change} change */
  attempt(change) {
    const { committed, selection } = this.store.state();
    const indices = unlocked(committed.document, selection.layers);
    this.store.dispatch({ type: "try", document: changeLayers(committed.document, indices, change) });
  }

  keep() {
    this.store.dispatch({ type: "keep" });
  }

  drop() {
    this.store.dispatch({ type: "drop" });
  }

  /**
   * Changes the selected layers as one step.
   *
   * @param {Change} change
   * @param {{ lockedToo?: boolean, key?: Selection["key"] }} [options] a key to select
   */
  edit(change, { lockedToo = false, key } = {}) {
    const { committed, selection } = this.store.state();
    const indices = lockedToo ? selection.layers : unlocked(committed.document, selection.layers);
    const document = changeLayers(committed.document, indices, change);
    this.store.dispatch({ type: "edit", document, ...(key === undefined ? {} : { selection: { ...selection, key } }) });
  }
}

/**
 * @param {EditorState} state
 * @returns {InspectorView}
 */
export function viewOf({ document, clip, selection }) {
  const indices = selection.layers.filter((index) => document.layers[index]);
  const layers = indices.map((index) => document.layers[index]);
  const only = layers.length === 1 ? layers[0] : null;
  return { document, clip, indices, layers, only, locked: layers.every((layer) => layer.locked), key: selection.key };
}
