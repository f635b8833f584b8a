/** A number that is typed, stepped with the arrow keys or scrubbed by dragging its label. */

import { h } from "./dom.js";
import { onDrag } from "./drag.js";
import { coarseness, formatNumber, held, parseNumber, stepped } from "./numbers.js";

/** @import { Lifetime, Texts } from "../types.js" */
/** @import { Drag } from "./drag.js" */

/**
 * What a field asks for. `attempt` shows a change that may still go on, `keep` ends it as one step, `drop` takes it back.
 * The change is given as a function, because several layers may each have their own value.
 *
 * @typedef {object} Scrubbing
 * @property {(change: (value: number) => number) => void} attempt
 * @property {() => void} keep
 * @property {() => void} drop
 */

/**
 * @typedef {object} NumberLook
 * @property {string} label shown
 * @property {string} [name] accessible, where the label alone does not say enough
 * @property {string} [unit]
 * @property {number} low
 * @property {number} high
 * @property {number} [step] of an arrow key and of a pixel while scrubbing, in shown units
 * @property {number} [digits]
 * @property {boolean} [whole]
 */

/**
 * @typedef {object} NumberState
 * @property {number | undefined} value undefined = several layers differ
 * @property {boolean} [disabled]
 * @property {number} [factor] shown = value * factor
 * @property {string} [unit]
 */

/** Keys that mean something in a text field; the editor must not hear them. */
const OWN_KEYS = /^(Arrow.*|Page.*|.|Home|End|Enter|Backspace|Delete|Escape)$/u;
/** Milliseconds that a note stays. */
const NOTE_TIME = 4000;

export class NumberField {
  /** @type {NumberState} */
  #state = { value: undefined };
  /** Typed into since it was shown. */
  #dirty = false;
  /** Steps of arrow keys that are not kept yet. */
  #steps = 0;
  #notes = 0;
  #updated = false;
  #parts;
  #lifetime;
  #texts;
  #look;
  #scrubbing;

  /**
   * @param {Lifetime} lifetime
   * @param {Texts} texts
   * @param {NumberLook} look
   * @param {Scrubbing} scrubbing
   */
  constructor(lifetime, texts, look, scrubbing) {
    this.#lifetime = lifetime;
    this.#texts = texts;
    this.#look = { step: 1, digits: 2, whole: false, unit: "", ...look };
    this.#scrubbing = scrubbing;
    this.#parts = build(look);
    this.element = this.#parts.element;
    this.input = this.#parts.input;
    this.#listen();
  }

  /** @param {NumberState} state */
  update(state) {
    const before = this.#state;
    const same = state.value === before.value && state.disabled === before.disabled && state.factor === before.factor;
    if (same && state.unit === before.unit && this.#updated) return;
    this.#updated = true;
    this.#state = state;
    const { element, input, unit } = this.#parts;
    input.disabled = state.disabled === true;
    if (input.disabled) this.#say("");
    element.classList.toggle("wanmove-disabled", input.disabled);
    unit.textContent = state.unit ?? this.#look.unit;
    announce(input, state.value, this.#shownLimits(), this.#factor, unit.textContent);
    if (!this.#dirty) this.#show();
  }

  get #factor() {
    return this.#state.factor ?? 1;
  }

  #shownLimits() {
    const { low, high, whole } = this.#look;
    return { low: low * this.#factor, high: high * this.#factor, whole };
  }

  #listen() {
    const { element, input } = this.#parts;
    this.#lifetime.listen(input, "input", () => {
      this.#dirty = true;
      input.removeAttribute("aria-invalid");
    });
    this.#lifetime.listen(input, "focus", () => input.select());
    this.#lifetime.listen(input, "blur", () => {
      this.#settle();
      if (!this.#accept()) this.#clear();
    });
    this.#lifetime.listen(input, "keyup", () => this.#settle());
    this.#lifetime.listen(input, "keydown", (event) => this.#press(/** @type {KeyboardEvent} */ (event)));
    onDrag(this.#lifetime, element, (event) => this.#scrub(event));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (OWN_KEYS.test(event.key)) event.stopPropagation();
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (direction && this.#accept()) {
      event.preventDefault();
      const by = this.#look.whole ? Math.ceil(coarseness(event)) : coarseness(event);
      this.#steps = stepped(this.#steps, direction, by);
      this.#move(this.#steps);
    }
    if (event.key === "Enter" && this.#accept()) this.#parts.input.select();
    if (event.key === "Escape") this.#giveUp();
  }

  #giveUp() {
    if (this.#steps !== 0) this.#scrubbing.drop();
    this.#steps = 0;
    this.#say("");
    this.#clear();
    this.#parts.input.blur();
  }

  /** Ends a series of arrow keys. */
  #settle() {
    if (this.#steps === 0) return;
    this.#steps = 0;
    this.#scrubbing.keep();
  }

  /**
   * Takes over what was typed.
   *
   * @returns {boolean} false = it is no number
   */
  #accept() {
    if (!this.#dirty) return true;
    const { input } = this.#parts;
    const typed = input.value.trim() === "" ? undefined : parseNumber(input.value);
    if (typed === null) {
      input.setAttribute("aria-invalid", "true");
      this.#say(this.#texts("number.refused", { text: input.value.slice(0, 20) }));
      return false;
    }
    this.#clear();
    if (typed === undefined) return true;
    // The panel shows the new value only in the next frame.
    input.value = formatNumber(held(typed, this.#shownLimits()), this.#look.digits);
    this.#attempt(() => typed);
    this.#scrubbing.keep();
    this.#sayLimit(typed);
    return true;
  }

  /**
   * @param {PointerEvent} press
   * @returns {Drag | null}
   */
  #scrub(press) {
    const { element, input, label, unit } = this.#parts;
    const typing = press.target === input && input.ownerDocument.activeElement === input;
    const mine = [input, label, unit].some((part) => part === press.target);
    if (input.disabled || typing || !mine) return null;
    press.preventDefault();
    let last = press.clientX;
    let total = 0;
    return {
      move: (event) => {
        element.classList.add("wanmove-scrubbing");
        total += (event.clientX - last) * coarseness(event);
        last = event.clientX;
        this.#move(event.shiftKey ? Math.round(total * 10) / 10 : Math.round(total));
      },
      end: (_event, moved) => {
        element.classList.remove("wanmove-scrubbing");
        if (moved) this.#scrubbing.keep();
        else input.focus();
      },
      cancel: () => {
        element.classList.remove("wanmove-scrubbing");
        this.#scrubbing.drop();
      },
    };
  }

  /** @param {number} steps from the kept value */
  #move(steps) {
    this.#attempt((shown) => {
      const wanted = stepped(shown, steps, this.#look.step);
      this.#sayLimit(wanted);
      return wanted;
    });
  }

  /** @param {(shown: number) => number} change */
  #attempt(change) {
    const factor = this.#factor;
    this.#scrubbing.attempt((value) => held(held(change(value * factor), this.#shownLimits()) / factor, this.#look));
  }

  /** @param {number} wanted */
  #sayLimit(wanted) {
    const { low, high } = this.#shownLimits();
    if (wanted < low) this.#say(this.#texts("number.least", { limit: formatNumber(low, 4) }));
    else if (wanted > high) this.#say(this.#texts("number.most", { limit: formatNumber(high, 4) }));
    else this.#say("");
  }

  /** @param {string} text "" = nothing */
  #say(text) {
    const { note } = this.#parts;
    if (note.textContent === text) return;
    this.#notes += 1;
    const mine = this.#notes;
    note.textContent = text;
    note.hidden = text === "";
    if (text) this.#lifetime.later(NOTE_TIME, () => mine === this.#notes && this.#say(""));
  }

  #clear() {
    this.#dirty = false;
    this.#parts.input.removeAttribute("aria-invalid");
    this.#show();
  }

  #show() {
    const { input } = this.#parts;
    const { value } = this.#state;
    const text = value === undefined ? "" : formatNumber(value * this.#factor, this.#look.digits);
    if (input.value !== text) input.value = text;
    input.placeholder = value === undefined ? "\u2013" : "";
  }
}

/** @param {NumberLook} look */
function build({ label: text, name = text }) {
  const input = h("input", {
    type: "text",
    class: "wanmove-number-input",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    role: "spinbutton",
    "aria-label": name,
  });
  const label = h("span", { class: "wanmove-number-label", "aria-hidden": "true", title: name }, text);
  const unit = h("span", { class: "wanmove-number-unit", "aria-hidden": "true" });
  const note = h("span", { class: "wanmove-number-note", role: "status", hidden: true });
  const box = h("span", { class: "wanmove-number-box" }, input, unit);
  return { element: h("div", { class: "wanmove-number" }, label, box, note), input, label, unit, note };
}

/**
 * Value and limits for screen readers.
 *
 * @param {HTMLInputElement} input
 * @param {number | undefined} value
 * @param {{ low: number, high: number }} limits
 * @param {number} factor
 * @param {string} unit
 */
function announce(input, value, { low, high }, factor, unit) {
  input.setAttribute("aria-valuemin", formatNumber(low, 4));
  input.setAttribute("aria-valuemax", formatNumber(high, 4));
  if (value === undefined) {
    input.removeAttribute("aria-valuenow");
    input.removeAttribute("aria-valuetext");
    return;
  }
  const shown = formatNumber(value * factor, 4);
  input.setAttribute("aria-valuenow", shown);
  input.setAttribute("aria-valuetext", unit ? `${shown} ${unit}` : shown);
}
