/** A row of buttons that keeps what fits and puts the rest into a menu; with much room some show a word. Arrows walk it. */

import { h } from "./dom.js";

/** @import { Lifetime } from "../types.js" */

/**
 * @typedef {object} StripButton
 * @property {HTMLElement} button
 * @property {string} group buttons of a group stand together
 * @property {number} rank the lower, the longer it stays in the row
 */

/** Between two groups, CSS pixels; as in the style sheet. */
const GROUP_GAP = 9;
const BUTTON_GAP = 2;
/** How many buttons wide one with a word may be. */
const WORDY = 5;

/**
 * @param {object} parts
 * @param {string} parts.name of the row, for screen readers
 * @param {readonly StripButton[]} parts.buttons in their order
 * @param {HTMLElement} parts.more the button of the menu
 * @param {readonly HTMLElement[]} parts.fixed behind the row, always there
 * @param {Lifetime} parts.lifetime
 * @returns {{ element: HTMLElement, rest: HTMLElement }} the row, and what did not fit
 */
export function createStrip({ name, buttons, more, fixed, lifetime }) {
  const groups = new Map(
    buttons.map(({ group }) => [group, h("div", { class: "wanmove-strip-group", role: "group", "data-group": group })]),
  );
  const rest = h("div", { class: "wanmove-menu" });
  const tail = h("div", { class: "wanmove-strip-tail" }, more, ...fixed);
  const element = h("div", { class: "wanmove-strip", role: "toolbar", "aria-label": name }, ...groups.values(), tail);
  let shown = "";

  const fit = (/** @type {number} */ width) => {
    element.toggleAttribute("data-words", false);
    // Measured with the menu's button, which takes its place as soon as one button does not fit.
    more.hidden = false;
    const kept = chosen(buttons, width - tail.offsetWidth, measured(more));
    more.hidden = kept.size === buttons.length;
    place(kept);
    if (more.hidden) element.toggleAttribute("data-words", widthWithWords(element, [...groups.values(), ...fixed]) <= width);
  };
  const place = (/** @type {Set<StripButton>} */ kept) => {
    const order = buttons.map((button) => (kept.has(button) ? 1 : 0)).join("");
    if (order === shown) return;
    shown = order;
    for (const [group, box] of groups) box.replaceChildren(...of(buttons, (row) => row.group === group && kept.has(row)));
    rest.replaceChildren(...of(buttons, (row) => !kept.has(row)));
    rove(element);
  };
  for (const [group, box] of groups) box.append(...of(buttons, (row) => row.group === group));
  lifetime.observeSize(element, fit);
  lifetime.listen(element, "keydown", (event) => {
    if (event instanceof KeyboardEvent) walk(event, element);
  });
  lifetime.listen(element, "focusin", (event) => rove(element, event.target));
  rove(element);
  return { element, rest };
}

/**
 * What the row takes when its buttons show their short words.
 *
 * @param {HTMLElement} element
 * @param {readonly HTMLElement[]} parts
 */
function widthWithWords(element, parts) {
  element.toggleAttribute("data-words", true);
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  const padding = Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight);
  return parts.reduce((sum, part) => sum + part.offsetWidth + GROUP_GAP, padding);
}

/**
 * The most important buttons that fit side by side.
 *
 * @param {readonly StripButton[]} buttons
 * @param {number} width
 * @param {number} size of a button
 */
function chosen(buttons, width, size) {
  /** @type {Set<StripButton>} */
  const kept = new Set();
  const groups = new Set();
  let used = 0;
  for (const row of [...buttons].sort((a, b) => a.rank - b.rank)) {
    const wide = row.button.classList.contains("wanmove-button-wordy") ? size * WORDY : size;
    used += wide + BUTTON_GAP + (groups.has(row.group) ? 0 : GROUP_GAP);
    if (used > width) break;
    groups.add(row.group);
    kept.add(row);
  }
  return kept;
}

/** @param {HTMLElement} button */
function measured(button) {
  return Number.parseFloat(getComputedStyle(button).getPropertyValue("--wanmove-button")) || 32;
}

/**
 * @param {readonly StripButton[]} buttons
 * @param {(row: StripButton) => boolean} take
 */
function of(buttons, take) {
  return buttons.filter(take).map(({ button }) => button);
}

/** @param {HTMLElement} element */
function reachable(element) {
  return /** @type {HTMLElement[]} */ ([...element.querySelectorAll("button:not([hidden])")]);
}

/**
 * One button of the row is in the tab order: the one last focused, else the first.
 *
 * @param {HTMLElement} element
 * @param {EventTarget | null} [focused]
 */
function rove(element, focused = null) {
  const all = reachable(element);
  const stop = all.find((button) => button === focused) ?? all.find((button) => button.tabIndex === 0) ?? all[0];
  for (const button of all) button.tabIndex = button === stop ? 0 : -1;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} element
 */
function walk(event, element) {
  const all = reachable(element);
  const here = all.indexOf(/** @type {HTMLElement} */ (event.target));
  const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: all.length - 1 }[event.key];
  if (here < 0 || to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  all[(to + all.length) % all.length].focus();
}
