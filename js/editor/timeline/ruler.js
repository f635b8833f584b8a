/** The ruler: frames, seconds, a tick a latent frame, and the playhead's handle. */

import { h } from "../dom.js";
import { onDrag } from "../drag.js";
import { s } from "../icons.js";
import { formatNumber } from "../numbers.js";
import { announce } from "./lane.js";
import { LATENT, nearestFrame, progressOfFrame, rulerTicks, snapped } from "./moments.js";

/** @import { Clip, EditorContext, Lifetime } from "../../types.js" */

/** Pixels that a number of seconds takes. */
const LABEL = 12;

export class Ruler {
  #context;
  #ticks = s("path", { class: "wanmove-ruler-ticks" });
  #labels = h("div", { class: "wanmove-ruler-labels", "aria-hidden": "true" });
  #head = h("div", { class: "wanmove-playhead-head" });
  #inner;
  #drawn = "";

  /**
   * @param {EditorContext} context
   * @param {Lifetime} lifetime
   */
  constructor(context, lifetime) {
    this.#context = context;
    this.readout = h("output", { class: "wanmove-timeline-readout" });
    this.shift = h("div", { class: "wanmove-playhead-shift" }, this.#head);
    const drawing = s("svg", { "aria-hidden": "true" }, this.#ticks);
    this.#inner = h("div", { class: "wanmove-lane-inner" });
    this.#inner.append(drawing, this.#labels, this.shift);
    this.element = h(
      "div",
      { class: "wanmove-ruler", role: "slider", tabindex: 0, "aria-label": context.texts("timeline.playhead") },
      this.#inner,
    );
    onDrag(lifetime, this.element, (event) => this.#start(event));
    lifetime.listen(this.element, "keydown", (event) => this.#press(/** @type {KeyboardEvent} */ (event)));
  }

  /**
   * Draws ticks and numbers.
   *
   * @param {Clip} clip
   * @param {number} width CSS pixels between first and last frame
   */
  draw({ length, fps }, width) {
    const drawn = `${length} ${fps} ${width}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const { latent, frames, seconds } = rulerTicks(length, fps, width);
    const x = (/** @type {number} */ frame) => Math.round(progressOfFrame(frame, length) * width) + 0.5;
    const major = frames.map((frame) => `M${x(frame)} 13V20`);
    const minor = latent.map((frame) => `M${x(frame)} 16V20`);
    const second = seconds.map(({ frame }) => `M${x(frame)} 34V29`);
    this.#ticks.setAttribute("d", [...major, ...minor, ...second].join(""));
    const numbers = frames.map((frame) => labelAt(x(frame), `${frame}`, "wanmove-ruler-frame"));
    const times = seconds
      .filter(({ frame }) => x(frame) < width - LABEL)
      .map(({ frame, text }) => labelAt(x(frame), `${text} s`, "wanmove-ruler-second"));
    this.#labels.replaceChildren(...numbers, ...times);
  }

  /**
   * @param {number} progress
   * @param {Clip} clip
   */
  show(progress, { length, fps }) {
    const frame = nearestFrame(progress, length);
    const seconds = formatNumber(frame / fps);
    this.shift.style.transform = `translateX(${progress * 100}%)`;
    const text = this.#context.texts("timeline.moment", { frame, last: length - 1, seconds });
    if (this.readout.value === text) return;
    this.readout.value = text;
    announce(this.element, this.#context.texts("timeline.playhead"), text, [0, frame, length - 1]);
  }

  /** @param {PointerEvent} press */
  #start(press) {
    const before = this.#context.store.state().progress;
    const go = (/** @type {PointerEvent} */ event) => {
      const { left, width } = this.#inner.getBoundingClientRect();
      const progress = Math.max(0, Math.min(1, (event.clientX - left) / (width || 1)));
      this.#goTo(event.shiftKey ? progress : snapped(progress, this.#context.store.state().clip.length));
    };
    go(press);
    return { move: go, end: () => {}, cancel: () => this.#goTo(before) };
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { clip, progress } = this.#context.store.state();
    const frame = nearestFrame(progress, clip.length);
    const to = {
      ArrowLeft: frame - (event.shiftKey ? LATENT : 1),
      ArrowDown: frame - (event.shiftKey ? LATENT : 1),
      ArrowRight: frame + (event.shiftKey ? LATENT : 1),
      ArrowUp: frame + (event.shiftKey ? LATENT : 1),
      PageDown: frame - LATENT,
      PageUp: frame + LATENT,
      Home: 0,
      End: clip.length - 1,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#goTo(progressOfFrame(Math.max(0, Math.min(clip.length - 1, to)), clip.length));
  }

  /** @param {number} progress */
  #goTo(progress) {
    const { store } = this.#context;
    const state = store.state();
    if (state.playing) store.dispatch({ type: "pause" });
    if (state.progress !== progress) store.dispatch({ type: "set-progress", progress });
  }
}

/**
 * @param {number} x
 * @param {string} text
 * @param {string} look
 */
function labelAt(x, text, look) {
  return h("span", { class: look, style: `left:${x}px` }, text);
}
