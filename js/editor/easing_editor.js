/** An easing chosen from a list of small curves, or bent by hand. */

import { EASINGS, STEP } from "../model/timing.js";
import { BezierHandles } from "./bezier_handles.js";
import { h } from "./dom.js";
import { s } from "./icons.js";
import { NumberField } from "./number_field.js";
import { panelIcon } from "./panel_icons.js";
import { easingLine } from "./timeline/speed.js";

/** @import { Bezier, Easing, Lifetime, Texts } from "../types.js" */

/** The names in the order of the list. */
const NAMES = [...Object.keys(EASINGS), STEP];
/** The way that the plot shows below 0 and above 1. */
const RANGE = { low: -0.35, high: 1.35, from: 0.08, to: 0.92 };

/**
 * @typedef {object} EasingWishes
 * @property {(change: (easing: Easing) => Easing) => void} attempt
 * @property {() => void} keep
 * @property {() => void} drop
 */

/**
 * @param {Easing} easing
 * @returns {Bezier | null} null = a step has none
 */
export function bezierOf(easing) {
  if (typeof easing !== "string") return easing;
  return EASINGS[easing] ?? null;
}

/**
 * What an easing is called.
 *
 * @param {Texts} texts
 * @param {Easing | undefined} easing undefined = several differ
 */
export function easingName(texts, easing) {
  if (easing === undefined) return texts("inspector.mixed");
  return texts(typeof easing === "string" ? `easing.${easing}` : "easing.custom");
}

/**
 * A small picture of an easing's curve.
 *
 * @param {Easing | undefined} easing
 */
export function easingPicture(easing) {
  const line = easing === undefined ? "M4 12H20" : easingLine(easing, (x, y) => [4 + x * 16, 19 - y * 14], 20);
  return s("svg", { class: "wanmove-easing-picture", viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: line }));
}

export class EasingEditor {
  /** @type {Easing | undefined} */
  #easing;
  #lifetime;
  #texts;
  #wishes;
  #button;
  #choices;
  #curve = s("path", { class: "wanmove-plot-curve" });
  #arms = s("path", { class: "wanmove-plot-arms" });
  #handles;
  #fields;
  #body;

  /**
   * @param {Lifetime} lifetime
   * @param {Texts} texts
   * @param {string} label
   * @param {EasingWishes} wishes
   */
  constructor(lifetime, texts, label, wishes) {
    this.#lifetime = lifetime;
    this.#texts = texts;
    this.#wishes = wishes;
    this.#button = h("button", { type: "button", class: "wanmove-easing-button", "aria-expanded": "false" });
    this.#choices = NAMES.map((name) => this.#createChoice(name));
    const frame = s("path", { class: "wanmove-plot-frame", d: framePath() });
    const plot = h("div", { class: "wanmove-easing-plot" });
    plot.append(plotOf(frame, this.#arms, this.#curve));
    this.#handles = new BezierHandles(lifetime, texts, plot, { ...wishes, attempt: (bezier) => wishes.attempt(() => bezier) });
    this.#fields = ["x1", "y1", "x2", "y2"].map((name, index) => this.#createField(name, index));
    const numbers = h("div", { class: "wanmove-easing-numbers" }, ...this.#fields.map((field) => field.element));
    const list = h(
      "div",
      { class: "wanmove-easing-list", role: "group", "aria-label": texts("easing.list") },
      ...this.#choices,
    );
    this.#body = h(
      "div",
      { class: "wanmove-easing-body", hidden: true },
      list,
      h("div", { class: "wanmove-easing-custom" }, plot, numbers),
    );
    const head = h("div", { class: "wanmove-line" }, h("span", { class: "wanmove-line-label" }, label), this.#button);
    this.element = h("div", { class: "wanmove-easing", role: "group", "aria-label": label }, head, this.#body);
    lifetime.listen(this.#button, "click", () => this.open(this.#body.hidden !== false));
  }

  /** @param {boolean} open */
  open(open) {
    this.#body.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) this.#showCurve();
  }

  /**
   * @param {Easing | undefined} easing undefined = several differ
   * @param {boolean} disabled
   */
  update(easing, disabled) {
    this.#button.disabled = disabled;
    if (disabled) this.open(false);
    if (sameEasing(easing, this.#easing) && this.#button.childNodes.length > 0) return;
    this.#easing = easing;
    const name = easingName(this.#texts, easing);
    this.#button.replaceChildren(easingPicture(easing), h("span", { class: "wanmove-ellipsis" }, name), panelIcon("chevron"));
    for (const choice of this.#choices) choice.setAttribute("aria-pressed", String(choice.dataset.easing === easing));
    if (!this.#body.hidden) this.#showCurve();
  }

  #showCurve() {
    const easing = this.#easing ?? "linear";
    const bezier = bezierOf(easing);
    this.#curve.setAttribute("d", easingLine(easing, plotPlace, 48));
    this.#arms.setAttribute("d", bezier ? armsPath(bezier) : "");
    this.#handles.update(bezier, RANGE);
    for (const [index, field] of this.#fields.entries()) {
      field.update({ value: this.#easing === undefined ? undefined : bezier?.[index], disabled: bezier === null });
    }
  }

  /** @param {string} name */
  #createChoice(name) {
    const label = this.#texts(`easing.${name}`);
    const attributes = {
      type: "button",
      class: "wanmove-easing-choice",
      title: label,
      "aria-label": label,
      "data-easing": name,
    };
    const choice = h("button", attributes, easingPicture(name));
    this.#lifetime.listen(choice, "click", () => {
      this.#wishes.attempt(() => name);
      this.#wishes.keep();
    });
    return choice;
  }

  /**
   * @param {string} label
   * @param {number} index
   */
  #createField(label, index) {
    const across = index % 2 === 0;
    const look = { label, low: across ? 0 : -2, high: across ? 1 : 3, step: 0.01, digits: 3 };
    return new NumberField(this.#lifetime, this.#texts, look, {
      ...this.#wishes,
      attempt: (change) =>
        this.#wishes.attempt((easing) => {
          const next = [...(bezierOf(easing) ?? EASINGS.linear)];
          next[index] = change(next[index]);
          return [next[0], next[1], next[2], next[3]];
        }),
    });
  }
}

/**
 * @param {Easing | undefined} one
 * @param {Easing | undefined} other
 */
export function sameEasing(one, other) {
  return one === other || (Array.isArray(one) && Array.isArray(other) && one.every((value, index) => value === other[index]));
}

/** @param {...Node} children of a box of 100 x 100 */
function plotOf(...children) {
  return s("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...children);
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {readonly [number, number]}
 */
function plotPlace(x, y) {
  const { low, high, from, to } = RANGE;
  return [(from + x * (to - from)) * 100, ((high - y) / (high - low)) * 100];
}

function framePath() {
  const [left, bottom] = plotPlace(0, 0);
  const [right, top] = plotPlace(1, 1);
  return `M${left} ${bottom}H${right}M${left} ${top}H${right}`;
}

/** @param {Bezier} bezier */
function armsPath([x1, y1, x2, y2]) {
  /** @type {(x: number, y: number) => string} */
  const at = (x, y) => plotPlace(x, Math.max(RANGE.low, Math.min(RANGE.high, y))).join(" ");
  return `M${at(0, 0)}L${at(x1, y1)}M${at(1, 1)}L${at(x2, y2)}`;
}
