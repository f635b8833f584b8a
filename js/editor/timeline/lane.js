/** The lane of a row: bar from start to end of the motion, what is hidden, keys. */

import { hiddenSpans } from "../../model/timeline_edits.js";
import { h } from "../dom.js";
import { KeyMarks, resize } from "./key_marks.js";
import { nearestFrame } from "./moments.js";

/** @import { Layer, Selection, Texts } from "../../types.js" */

/**
 * @param {Layer} layer
 * @returns {boolean} whether anything of it moves
 */
export function hasMotion({ motion }) {
  return motion.path !== null || motion.rotation.length + motion.scale.length + motion.components.length > 0;
}

export class Lane {
  #texts;
  #hidden;
  #marks;
  #bar = h("div", { class: "wanmove-bar", role: "slider", "data-part": "bar", "data-stop": true });
  #start = h("div", { class: "wanmove-edge", role: "slider", "data-part": "start", "data-stop": true });
  #end = h("div", { class: "wanmove-edge", role: "slider", "data-part": "end", "data-stop": true });

  /** @param {Texts} texts */
  constructor(texts) {
    this.#texts = texts;
    this.#hidden = new HiddenSpans(texts);
    this.#marks = new KeyMarks(texts);
    this.inner = h(
      "div",
      { class: "wanmove-lane-inner" },
      this.#bar,
      this.#hidden.element,
      this.#start,
      this.#end,
      ...this.#marks.elements,
    );
    this.element = h("div", { class: "wanmove-lane", "data-part": "lane" }, this.inner);
  }

  /**
   * @param {Layer} layer
   * @param {Selection["key"]} selected
   * @param {{ length: number, apart: number }} clip
   */
  update(layer, selected, clip) {
    const { start, end } = layer.motion.timing;
    const last = clip.length - 1;
    const [first, final] = [nearestFrame(start, clip.length), nearestFrame(end, clip.length)];
    const timed = layer.region.kind !== "rest";
    this.element.classList.toggle("wanmove-still", !hasMotion(layer));
    for (const part of [this.#bar, this.#start, this.#end]) part.hidden = !timed;
    this.#bar.style.left = `${start * 100}%`;
    this.#bar.style.width = `${(end - start) * 100}%`;
    this.#start.style.left = `${start * 100}%`;
    this.#end.style.left = `${end * 100}%`;
    announce(this.#bar, this.#texts("timeline.bar"), this.#texts("timeline.from-to", { from: first, to: final }), [
      0,
      first,
      last,
    ]);
    announce(this.#start, this.#texts("timeline.start"), this.#texts("timeline.frame", { frame: first }), [0, first, final]);
    announce(this.#end, this.#texts("timeline.end"), this.#texts("timeline.frame", { frame: final }), [first, final, last]);
    this.#hidden.update(layer, clip.length);
    this.#marks.update(layer, selected, clip);
  }
}

/** Hatched where a layer is hidden, with edges to drag. */
export class HiddenSpans {
  #texts;
  #hatches = h("div", { class: "wanmove-hatches" });
  #edges = h("div", { class: "wanmove-span-edges" });

  /** @param {Texts} texts */
  constructor(texts) {
    this.#texts = texts;
    this.element = h("div", { class: "wanmove-hidden-spans" }, this.#hatches, this.#edges);
  }

  /**
   * @param {Layer} layer
   * @param {number} length
   */
  update(layer, length) {
    const gaps = hiddenSpans(layer.visible);
    resize(this.#hatches, gaps.length, () => h("div", { class: "wanmove-hatch" }));
    for (const [position, { from, to }] of gaps.entries()) {
      const { style } = /** @type {HTMLElement} */ (this.#hatches.children[position]);
      style.left = `${from * 100}%`;
      style.width = `${(to - from) * 100}%`;
    }
    const edges = gaps.flatMap(({ from, to, before, after }) => [
      ...(before >= 0 ? [{ at: from, index: before, side: 1 }] : []),
      ...(after >= 0 ? [{ at: to, index: after, side: 0 }] : []),
    ]);
    resize(this.#edges, edges.length, () => {
      return h("div", { class: "wanmove-span-edge", role: "slider", "data-part": "span", "data-stop": true });
    });
    for (const [position, { at, index, side }] of edges.entries()) {
      const element = /** @type {HTMLElement} */ (this.#edges.children[position]);
      const frame = nearestFrame(at, length);
      element.style.left = `${at * 100}%`;
      element.dataset.index = String(index);
      element.dataset.side = String(side);
      const name = this.#texts(side === 0 ? "timeline.appears" : "timeline.disappears");
      announce(element, name, this.#texts("timeline.frame", { frame }), [0, frame, length - 1]);
    }
  }
}

/**
 * @param {HTMLElement} slider
 * @param {string} name
 * @param {string} text
 * @param {readonly [number, number, number]} values least, now, most
 */
export function announce(slider, name, text, [least, now, most]) {
  slider.setAttribute("aria-label", name);
  slider.setAttribute("aria-valuetext", text);
  slider.setAttribute("aria-valuemin", String(least));
  slider.setAttribute("aria-valuenow", String(now));
  slider.setAttribute("aria-valuemax", String(most));
}
