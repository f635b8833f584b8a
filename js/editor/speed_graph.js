/** The speed of a layer over the clip, and over it the easing with its handles. */

import { changeLayers, setTiming } from "../model/timeline_edits.js";
import { BezierHandles } from "./bezier_handles.js";
import { h } from "./dom.js";
import { bezierOf } from "./easing_editor.js";
import { s } from "./icons.js";
import { formatNumber } from "./numbers.js";
import { easingLine, roundAbove, speedOutline, speedsOf } from "./timeline/speed.js";

/** @import { Clip, EditorContext, Layer, Lifetime, Timing, TrackDocument } from "../types.js" */

/** The easing's 0 and 1 keep clear of the graph's edges, so that handles beyond them can be held. */
const [LOW, HIGH] = [-0.25, 1.25];

export class SpeedGraph {
  #context;
  #index;
  #label = h("span", { class: "wanmove-graph-top" });
  #note = h("span", { class: "wanmove-graph-note" });
  #area = s("path", { class: "wanmove-graph-area" });
  #curve = s("path", { class: "wanmove-plot-curve" });
  #arms = s("path", { class: "wanmove-plot-arms" });
  #handles;
  /** @type {{ layer: Layer | null, length: number, width: number }} */
  #shown = { layer: null, length: 0, width: 0 };

  /**
   * @param {EditorContext} context
   * @param {Lifetime} lifetime
   * @param {number} index of the layer
   */
  constructor(context, lifetime, index) {
    this.#context = context;
    this.#index = index;
    const drawing = s("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    drawing.append(this.#area, this.#arms, this.#curve);
    this.plot = h("div", { class: "wanmove-lane-inner wanmove-graph-plot" });
    this.plot.append(drawing);
    this.head = h("div", { class: "wanmove-track-head wanmove-graph-head" }, this.#label, this.#note);
    this.#note.textContent = context.texts("graph.unit");
    const { store } = context;
    this.#handles = new BezierHandles(lifetime, context.texts, this.plot, {
      attempt: (easing) => store.dispatch({ type: "try", document: this.#eased(easing) }),
      keep: () => store.dispatch({ type: "keep" }),
      drop: () => store.dispatch({ type: "drop" }),
    });
  }

  /**
   * @param {TrackDocument} document
   * @param {Layer} layer
   * @param {Clip} clip
   */
  update(document, layer, { length }) {
    const shown = this.#shown;
    if (layer === shown.layer && length === shown.length && document.width === shown.width) return;
    this.#shown = { layer, length, width: document.width };
    const speeds = speedsOf(document, layer, length);
    const fastest = speeds.reduce((most, speed) => Math.max(most, speed), 0);
    const top = roundAbove(fastest);
    this.#area.setAttribute("d", speedOutline(speeds, top));
    this.#label.textContent = this.#context.texts("graph.fastest", { speed: formatNumber(fastest) });
    this.plot.setAttribute("role", "group");
    this.plot.setAttribute("aria-label", this.#context.texts("graph.name", { speed: formatNumber(fastest) }));
    this.#showEasing(layer.motion.timing, layer.locked);
  }

  /**
   * @param {Timing} timing
   * @param {boolean} locked
   */
  #showEasing(timing, locked) {
    const range = { low: LOW, high: HIGH, ...firstPass(timing) };
    /** @type {(x: number, y: number) => readonly [number, number]} */
    const place = (x, y) => {
      const up = Math.max(LOW, Math.min(HIGH, y));
      return [(range.from + x * (range.to - range.from)) * 100, ((HIGH - up) / (HIGH - LOW)) * 100];
    };
    const bezier = bezierOf(timing.easing);
    this.#curve.setAttribute("d", easingLine(timing.easing, place, 48));
    const [start, end] = [place(0, 0), place(1, 1)];
    const arms = bezier && !locked ? [place(bezier[0], bezier[1]), place(bezier[2], bezier[3])] : null;
    this.#arms.setAttribute("d", arms ? `M${start.join(" ")}L${arms[0].join(" ")}M${end.join(" ")}L${arms[1].join(" ")}` : "");
    this.#handles.update(locked ? null : bezier, range);
  }

  /** @param {Timing["easing"]} easing */
  #eased(easing) {
    return changeLayers(this.#context.store.state().committed.document, [this.#index], (layer) => setTiming(layer, { easing }));
  }
}

/**
 * Where the first forward pass lies, in clip progress; from right to left in a reversed motion.
 *
 * @param {Timing} timing
 */
function firstPass({ start, end, repeat, cycles, reverse }) {
  const long = ((end - start) * (repeat === "ping-pong" ? 0.5 : 1)) / cycles;
  return reverse ? { from: end, to: end - long } : { from: start, to: start + long };
}
