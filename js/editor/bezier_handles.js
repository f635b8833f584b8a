/** The two handles of a cubic-bezier easing over a plot of time across and way up. */

import { h } from "./dom.js";
import { onDrag } from "./drag.js";
import { coarseness, formatNumber } from "./numbers.js";

/** @import { Bezier, Lifetime, Texts } from "../types.js" */

/**
 * The plot: what its lower and upper edge mean (0 = start of the way, 1 = its end) and where the pass lies across it, both as
 * fractions of the element.
 *
 * @typedef {object} PlotRange
 * @property {number} low
 * @property {number} high
 * @property {number} from
 * @property {number} to
 */

/** Limits of a document's easings. */
const [LOWEST, HIGHEST] = [-2, 3];

/**
 * @typedef {object} HandleWishes
 * @property {(bezier: Bezier) => void} attempt
 * @property {() => void} keep
 * @property {() => void} drop
 */

export class BezierHandles {
  /** @type {Bezier | null} */
  #bezier = null;
  /** @type {PlotRange} */
  #range = { low: 0, high: 1, from: 0, to: 1 };
  #stepping = false;
  #buttons;
  #plot;
  #texts;
  #wishes;

  /**
   * @param {Lifetime} lifetime
   * @param {Texts} texts
   * @param {HTMLElement} plot positioned; gets the handles as children
   * @param {HandleWishes} wishes
   */
  constructor(lifetime, texts, plot, wishes) {
    this.#plot = plot;
    this.#texts = texts;
    this.#wishes = wishes;
    this.#buttons = [0, 1].map((index) =>
      h("button", { type: "button", class: "wanmove-bezier-handle", "data-handle": index }),
    );
    for (const [index, button] of this.#buttons.entries()) {
      plot.append(button);
      onDrag(lifetime, button, () => ({
        move: (event) => this.#attempt(index, this.#placeOf(event)),
        end: (_event, moved) => moved && wishes.keep(),
        cancel: () => wishes.drop(),
      }));
      lifetime.listen(button, "keydown", (event) => this.#press(index, /** @type {KeyboardEvent} */ (event)));
      lifetime.listen(button, "keyup", () => this.#settle());
      lifetime.listen(button, "blur", () => this.#settle());
    }
  }

  /**
   * @param {Bezier | null} bezier null = the easing has no handles
   * @param {PlotRange} range
   */
  update(bezier, range) {
    this.#bezier = bezier;
    this.#range = range;
    for (const [index, button] of this.#buttons.entries()) {
      button.hidden = bezier === null;
      if (!bezier) continue;
      const [x, y] = [bezier[index * 2], bezier[index * 2 + 1]];
      const up = Math.max(range.low, Math.min(range.high, y));
      button.style.left = `${(range.from + x * (range.to - range.from)) * 100}%`;
      button.style.top = `${((range.high - up) / (range.high - range.low)) * 100}%`;
      const values = { x: formatNumber(x), y: formatNumber(y) };
      button.setAttribute("aria-label", this.#texts(index === 0 ? "easing.first-handle" : "easing.second-handle", values));
    }
  }

  /** @param {PointerEvent} event */
  #placeOf(event) {
    const { left, top, width, height } = this.#plot.getBoundingClientRect();
    const { low, high, from, to } = this.#range;
    const across = ((event.clientX - left) / width - from) / (to - from);
    return /** @type {const} */ ([across, high - ((event.clientY - top) / height) * (high - low)]);
  }

  /**
   * @param {number} index
   * @param {readonly [number, number]} place
   */
  #attempt(index, [x, y]) {
    if (!this.#bezier) return;
    const next = [...this.#bezier];
    next[index * 2] = rounded(Math.max(0, Math.min(1, x)));
    next[index * 2 + 1] = rounded(Math.max(LOWEST, Math.min(HIGHEST, y)));
    this.#wishes.attempt([next[0], next[1], next[2], next[3]]);
  }

  /**
   * @param {number} index
   * @param {KeyboardEvent} event
   */
  #press(index, event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by || !this.#bezier) return;
    event.preventDefault();
    event.stopPropagation();
    const step = 0.01 * coarseness(event);
    this.#stepping = true;
    this.#attempt(index, [this.#bezier[index * 2] + by[0] * step, this.#bezier[index * 2 + 1] + by[1] * step]);
  }

  #settle() {
    if (!this.#stepping) return;
    this.#stepping = false;
    this.#wishes.keep();
  }
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toFixed(3));
}
