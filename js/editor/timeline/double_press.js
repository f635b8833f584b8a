/** What a double click on a row does. */

import { changeLayers, hideBetween, showAround } from "../../model/timeline_edits.js";
import { addKey } from "../../model/timeline_keys.js";
import { keySelection } from "./acts.js";
import { nearestFrame, phaseInPass, progressOfFrame, snapped } from "./moments.js";

/** @import { KeyTrack, Layer, Span } from "../../types.js" */
/** @import { TimelinePanel } from "./acts.js" */
/** @import { Grip } from "./lane_drags.js" */

/**
 * Twice on a name renames; on a track sets a key there; on the visibility hides that frame or shows what is hidden there; on
 * a bar sets keys at that moment.
 *
 * @param {Grip} grip
 * @param {MouseEvent} event
 */
export function pressTwice({ panel, index, part, progressAt }, event) {
  const { store } = panel.context;
  const { clip, committed } = store.state();
  const kind = part.dataset.part;
  if (kind === "name" || kind === "head") return panel.rename(index);
  if (committed.document.layers[index].locked) return;
  const at = event.shiftKey ? progressAt(event) : snapped(progressAt(event), clip.length);
  if (kind === "track" && part.dataset.track === "visible") return toggleAt(panel, index, at);
  if (kind === "track") return setKeyAt(panel, index, /** @type {KeyTrack} */ (part.dataset.track), at);
  if (kind !== "bar" && kind !== "lane") return;
  store.dispatch({ type: "set-progress", progress: at });
  store.dispatch({ type: "set-key" });
}

/**
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {KeyTrack} track
 * @param {number} at clip progress
 */
function setKeyAt(panel, index, track, at) {
  const { store, texts } = panel.context;
  const { document } = store.state().committed;
  const layer = document.layers[index];
  const added = addKey(layer, track, phaseInPass(layer.motion.timing, at));
  if (added.index < 0) return store.dispatch({ type: "notice", text: texts("timeline.no-path"), kind: "note" });
  const edited = changeLayers(document, [index], () => added.layer);
  store.dispatch({ type: "edit", document: edited, selection: keySelection(index, track, added.index) });
}

/**
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {number} at clip progress
 */
function toggleAt(panel, index, at) {
  const { store } = panel.context;
  const { committed, clip } = store.state();
  const frame = nearestFrame(at, clip.length);
  /** @type {(visible: readonly Span[]) => readonly Span[]} */
  const toggled = (visible) => {
    const shown = showAround(visible, at);
    return shown === visible
      ? hideBetween(visible, progressOfFrame(frame - 1, clip.length), progressOfFrame(frame + 1, clip.length))
      : shown;
  };
  /** @type {(layer: Layer) => Layer} */
  const change = (layer) => ({ ...layer, visible: toggled(layer.visible) });
  store.dispatch({ type: "edit", document: changeLayers(committed.document, [index], change) });
}
