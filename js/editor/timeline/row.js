/** A row of the timeline: what a layer is on the left, when it moves on the right. */

import { changeLayers } from "../../model/timeline_edits.js";
import { h } from "../dom.js";
import { colourOf } from "../draw/palette.js";
import { panelIcon } from "../panel_icons.js";
import { Lane } from "./lane.js";
import { Tracks } from "./tracks.js";

/** @import { Clip, Layer, Selection, TrackDocument } from "../../types.js" */
/** @import { PanelIcon } from "../panel_icons.js" */
/** @import { TimelinePanel } from "./acts.js" */

/**
 * @typedef {object} RowState
 * @property {TrackDocument} document
 * @property {Clip} clip
 * @property {boolean} selected
 * @property {Selection["key"]} key the selected one, if it is this layer's
 * @property {boolean} opened
 * @property {boolean} current whether it has the tab stops
 * @property {number} top pixels
 * @property {number} apart clip progress that a mark takes
 */

export class Row {
  #panel;
  #index;
  #lane;
  #head;
  /** @type {Tracks | null} */
  #tracks = null;
  /** @type {{ layer: Layer | null, key: Selection["key"], clip: Clip | null, apart: number, opened: boolean }} */
  #shown = { layer: null, key: null, clip: null, apart: 0, opened: false };
  /** @type {readonly unknown[]} */
  #drawn = [];

  /**
   * @param {TimelinePanel} panel
   * @param {number} index of the layer
   */
  constructor(panel, index) {
    const { texts } = panel.context;
    this.#panel = panel;
    this.#index = index;
    this.#lane = new Lane(texts);
    this.#head = buildHead();
    const line = h("div", { class: "wanmove-row-line" }, this.#head.element, this.#lane.element);
    this.element = h("div", { class: "wanmove-row", role: "listitem", "data-layer": index }, line);
  }

  get name() {
    return this.#head.name;
  }

  /** Whether the row has the keyboard. */
  get hasFocus() {
    return this.element.contains(this.element.ownerDocument.activeElement);
  }

  /** @param {RowState} state */
  update(state) {
    const { document, clip, key, apart, opened } = state;
    const layer = document.layers[this.#index];
    const shown = this.#shown;
    if (!this.#changes(state, layer)) return;
    this.element.style.transform = `translateY(${state.top}px)`;
    this.element.classList.toggle("wanmove-selected", state.selected);
    this.#head.name.setAttribute("aria-pressed", String(state.selected));
    this.element.setAttribute("aria-setsize", String(document.layers.length));
    this.element.setAttribute("aria-posinset", String(document.layers.length - this.#index));
    const marked = key !== shown.key || clip !== shown.clip || apart !== shown.apart;
    if (layer !== shown.layer || marked || opened !== shown.opened) {
      this.#shown = { layer, key, clip, apart, opened };
      this.#showHead(layer, opened);
      this.#lane.update(layer, key, { length: clip.length, apart });
    }
    this.#showTracks(state, layer);
    this.#setStops(state.current);
  }

  dispose() {
    this.#tracks?.dispose();
    this.element.remove();
  }

  /**
   * Whether anything is to be shown that is not there yet. Only an opened row looks at other layers.
   *
   * @param {RowState} state
   * @param {Layer} layer
   */
  #changes({ document, clip, selected, key, opened, current, top, apart }, layer) {
    const { length } = document.layers;
    const wanted = [layer, length, clip, selected, key, opened, current, top, apart, opened ? document : null];
    if (wanted.every((value, at) => value === this.#drawn[at])) return false;
    this.#drawn = wanted;
    return true;
  }

  /**
   * @param {Layer} layer
   * @param {boolean} opened
   */
  #showHead(layer, opened) {
    const { texts } = this.#panel.context;
    const title = layer.name || texts("timeline.unnamed", { number: this.#index + 1 });
    const { name, swatch, label, group, eye, lock, graph } = this.#head;
    this.element.setAttribute("aria-label", title);
    this.element.style.setProperty("--wanmove-layer", colourOf(layer, this.#index));
    this.element.classList.toggle("wanmove-off", !layer.enabled);
    this.element.classList.toggle("wanmove-layer-locked", layer.locked);
    swatch.dataset.kind = layer.region.kind;
    if (label.textContent !== title) label.textContent = title;
    group.textContent = layer.group;
    name.title = layer.group ? `${title} (${layer.group})` : title;
    name.setAttribute("aria-label", name.title);
    setToggle(eye, layer.enabled, layer.enabled ? "seen" : "unseen", texts("timeline.eye", { layer: title }));
    setToggle(lock, layer.locked, layer.locked ? "locked" : "unlocked", texts("timeline.lock", { layer: title }));
    setToggle(graph, opened, "graph", texts("timeline.open", { layer: title }), "aria-expanded");
  }

  /**
   * @param {RowState} state
   * @param {Layer} layer
   */
  #showTracks({ document, key, opened, clip, apart }, layer) {
    if (!opened) {
      this.#tracks?.dispose();
      this.#tracks = null;
      return;
    }
    if (!this.#tracks) {
      this.#tracks = new Tracks(this.#panel.context, this.#index);
      this.element.append(this.#tracks.element);
    }
    this.#tracks.update(document, layer, key, clip, apart);
  }

  /** Only one row can be reached by Tab; arrows go to the others. @param {boolean} current */
  #setStops(current) {
    for (const stop of this.element.querySelectorAll("[data-stop], .wanmove-bezier-handle")) {
      if (stop instanceof HTMLElement) stop.tabIndex = current && !isMinorKey(stop) ? 0 : -1;
    }
  }
}

/**
 * What a press on one of the head's buttons does.
 *
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {string} act
 */
export function pressHead(panel, index, act) {
  const { store } = panel.context;
  if (act === "graph") return panel.setOpened(index, !panel.isOpened(index));
  /** @type {(layer: Layer) => Layer} */
  const change =
    act === "eye" ? (layer) => ({ ...layer, enabled: !layer.enabled }) : (layer) => ({ ...layer, locked: !layer.locked });
  store.dispatch({ type: "edit", document: changeLayers(store.state().committed.document, [index], change) });
}

/** Of the keys of a lane only the selected one, else the first, is a tab stop; arrows go to the others. @param {HTMLElement} stop */
function isMinorKey(stop) {
  if (stop.dataset.part !== "key") return false;
  const first = stop.parentElement?.querySelector('[aria-pressed="true"]') ?? stop.parentElement?.firstElementChild;
  return first !== stop;
}

function buildHead() {
  const button = (/** @type {string} */ act) => {
    return h("button", { type: "button", class: "wanmove-row-button", "data-act": act, "data-stop": true });
  };
  const [eye, lock, graph] = [button("eye"), button("lock"), button("graph")];
  const swatch = h("span", { class: "wanmove-swatch" });
  const label = h("span", { class: "wanmove-ellipsis wanmove-row-label" });
  const group = h("span", { class: "wanmove-row-group wanmove-ellipsis" });
  const name = h("button", { type: "button", class: "wanmove-row-name", "data-part": "name", "data-stop": true }, label, group);
  const element = h("div", { class: "wanmove-row-head", "data-part": "head" }, eye, lock, swatch, name, graph);
  return { element, eye, lock, swatch, name, label, group, graph };
}

/**
 * @param {HTMLElement} button
 * @param {boolean} on
 * @param {PanelIcon} icon
 * @param {string} name
 * @param {string} [state] the attribute that says whether it is on
 */
function setToggle(button, on, icon, name, state = "aria-pressed") {
  button.setAttribute(state, String(on));
  button.setAttribute("aria-label", name);
  button.title = name;
  if (button.dataset.icon === icon) return;
  button.dataset.icon = icon;
  button.replaceChildren(panelIcon(icon));
}
