/** The keys of a layer as marks on a lane. */

import { keyPhases } from "../../model/timeline_keys.js";
import { h } from "../dom.js";
import { KEY_TRACKS } from "./acts.js";
import { echoesOf, momentOf, nearestFrame } from "./moments.js";

/** @import { KeyTrack, Layer, Selection, Texts } from "../../types.js" */

/** Echoes of one track on a lane; more would be a grey bar. */
const MOST_ECHOES = 128;

/** @typedef {{ track: KeyTrack, index: number, at: number, of: number }} Mark */

/**
 * Where keys lie, in clip progress. Of keys that would touch only one is given, but always the selected one.
 *
 * @param {Layer} layer
 * @param {KeyTrack} track
 * @param {number} apart clip progress that a mark takes
 * @param {number} selected index of a key, -1 = none
 * @returns {Mark[]}
 */
export function marksOf(layer, track, apart, selected) {
  const phases = keyPhases(layer, track);
  const { timing } = layer.motion;
  const all = phases.map((phase, index) => {
    const at = Math.max(0, Math.min(1, momentOf(timing, phase)));
    return { track, index, at, of: phases.length };
  });
  let last = Number.NEGATIVE_INFINITY;
  return all.filter(({ at, index }) => {
    const room = Math.abs(at - last) >= apart || index === selected;
    if (room) last = at;
    return room;
  });
}

/** Marks on one lane. Elements are used again, so that one that has the focus keeps it while it moves. */
export class KeyMarks {
  #keys = h("div", { class: "wanmove-keys" });
  #echoes = h("div", { class: "wanmove-echoes" });
  #tracks;
  #texts;

  /**
   * @param {Texts} texts
   * @param {readonly KeyTrack[]} [tracks]
   */
  constructor(texts, tracks = KEY_TRACKS) {
    this.#texts = texts;
    this.#tracks = tracks;
    this.elements = [this.#echoes, this.#keys];
  }

  /**
   * @param {Layer} layer
   * @param {Selection["key"]} selected this layer's
   * @param {{ length: number, apart: number }} clip frames, and clip progress that a mark takes
   */
  update(layer, selected, { length, apart }) {
    const marks = this.#tracks.flatMap((track) => {
      return marksOf(layer, track, apart, selected?.track === track ? selected.index : -1);
    });
    resize(this.#keys, marks.length, createKey);
    for (const [position, mark] of marks.entries()) {
      const isSelected = selected?.track === mark.track && selected.index === mark.index;
      this.#place(/** @type {HTMLElement} */ (this.#keys.children[position]), mark, isSelected, length);
    }
    this.#showEchoes(layer);
  }

  /**
   * @param {HTMLElement} element
   * @param {Mark} mark
   * @param {boolean} isSelected
   * @param {number} length
   */
  #place(element, { track, index, at, of }, isSelected, length) {
    const values = { track: this.#texts(`timeline.track.${track}`), number: index + 1, of, frame: nearestFrame(at, length) };
    element.className = `wanmove-key wanmove-key-${track}`;
    element.style.left = `${at * 100}%`;
    element.dataset.track = track;
    element.dataset.index = String(index);
    element.setAttribute("aria-pressed", String(isSelected));
    element.setAttribute("aria-label", this.#texts("timeline.key", values));
  }

  /** @param {Layer} layer */
  #showEchoes(layer) {
    const { timing } = layer.motion;
    const phases = timing.repeat === "hold" ? [] : this.#tracks.flatMap((track) => [...keyPhases(layer, track)]);
    const moments = phases.flatMap((phase) => echoesOf(timing, phase)).slice(0, MOST_ECHOES);
    resize(this.#echoes, moments.length, () => h("span", { class: "wanmove-echo" }));
    for (const [position, at] of moments.entries()) {
      /** @type {HTMLElement} */ (this.#echoes.children[position]).style.left = `${at * 100}%`;
    }
  }
}

/**
 * Makes an element have so many children, keeping the first ones.
 *
 * @param {HTMLElement} parent
 * @param {number} count
 * @param {() => HTMLElement} create
 */
export function resize(parent, count, create) {
  while (parent.childElementCount > count) parent.lastElementChild?.remove();
  while (parent.childElementCount < count) parent.append(create());
}

function createKey() {
  return h("button", { type: "button", "data-part": "key", "data-stop": true });
}
