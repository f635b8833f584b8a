/** Fields over the selected layers: they show what all share, a dash where they differ, and edit all. */

import { h } from "../dom.js";
import { NumberField } from "../number_field.js";
import { shared } from "../numbers.js";
import { panelIcon } from "../panel_icons.js";

/** @import { Layer } from "../../types.js" */
/** @import { NumberLook } from "../number_field.js" */
/** @import { PanelIcon } from "../panel_icons.js" */
/** @import { InspectorPanel, InspectorView, Section } from "./panel.js" */

/**
 * A value of a layer: read from it, undefined where it has none, and written to it.
 *
 * @template T
 * @typedef {object} Access
 * @property {(layer: Layer) => T | undefined} read
 * @property {(layer: Layer, value: T) => Layer} write
 * @property {boolean} [lockedToo] may be changed while locked
 */

/** How a number is shown now: `factor` times, with a unit. @typedef {(view: InspectorView) => { factor: number, unit: string }} Shown */

/**
 * @param {InspectorPanel} panel
 * @param {NumberLook} look
 * @param {Access<number>} access
 * @param {Shown} [shown]
 * @returns {Section}
 */
export function numberOf(panel, look, { read, write }, shown) {
  const field = new NumberField(panel.lifetime, panel.texts, look, {
    attempt: (change) =>
      panel.attempt((layer) => {
        const value = read(layer);
        return value === undefined ? layer : write(layer, change(value));
      }),
    keep: () => panel.keep(),
    drop: () => panel.drop(),
  });
  return {
    element: field.element,
    update(view) {
      const values = valuesOf(view, read);
      field.element.hidden = values.length === 0;
      if (values.length > 0) field.update({ value: shared(values), disabled: view.locked, ...shown?.(view) });
    },
  };
}

/**
 * @template {string} T
 * @param {InspectorPanel} panel
 * @param {string} label
 * @param {readonly (readonly [T, string])[]} options values and their names
 * @param {Access<T>} access
 * @returns {Section}
 */
export function choiceOf(panel, label, options, { read, write }) {
  const mixed = h("option", { value: "", hidden: true }, "\u2013");
  const select = h("select", { class: "wanmove-select", "aria-label": label }, mixed);
  for (const [value, name] of options) select.append(h("option", { value }, name));
  panel.lifetime.listen(select, "change", () => {
    const chosen = options.find(([value]) => value === select.value);
    if (chosen) panel.edit((layer) => (read(layer) === undefined ? layer : write(layer, chosen[0])));
  });
  const element = lineOf(label, select);
  return {
    element,
    update(view) {
      const values = valuesOf(view, read);
      element.hidden = values.length === 0;
      const chosen = shared(values) ?? "";
      if (select.value !== chosen) select.value = chosen;
      select.disabled = view.locked;
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {string} label
 * @param {Access<boolean>} access
 * @returns {Section}
 */
export function checkOf(panel, label, { read, write, lockedToo = false }) {
  const box = h("input", { type: "checkbox", class: "wanmove-check" });
  const element = h("label", { class: "wanmove-check-line" }, box, h("span", {}, label));
  panel.lifetime.listen(box, "change", () => {
    const { checked } = box;
    panel.edit((layer) => (read(layer) === undefined ? layer : write(layer, checked)), { lockedToo });
  });
  return {
    element,
    update(view) {
      const values = valuesOf(view, read);
      element.hidden = values.length === 0;
      const value = shared(values);
      box.checked = value === true;
      box.indeterminate = value === undefined && values.length > 0;
      box.disabled = view.locked && !lockedToo;
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {string} label
 * @param {Access<string> & { most: number, placeholder?: (view: InspectorView) => string }} access
 * @returns {Section}
 */
export function textOf(panel, label, { read, write, most, placeholder, lockedToo = false }) {
  const input = h("input", { type: "text", class: "wanmove-text", "aria-label": label, maxlength: most, spellcheck: "false" });
  let kept = "";
  let dirty = false;
  const accept = () => {
    const text = input.value.trim();
    if (dirty && text !== kept) panel.edit((layer) => write(layer, text), { lockedToo });
    dirty = false;
  };
  panel.lifetime.listen(input, "input", () => {
    dirty = true;
  });
  panel.lifetime.listen(input, "blur", accept);
  panel.lifetime.listen(input, "keydown", (raw) => {
    const { key } = /** @type {KeyboardEvent} */ (raw);
    raw.stopPropagation();
    if (key === "Enter") accept();
    if (key !== "Escape") return;
    dirty = false;
    input.value = kept;
    input.blur();
  });
  return {
    element: lineOf(label, input),
    update(view) {
      const text = shared(valuesOf(view, read));
      kept = text ?? "";
      if (!dirty && input.value !== kept) input.value = kept;
      input.placeholder = text === undefined ? "\u2013" : (placeholder?.(view) ?? "");
      input.disabled = view.locked && !lockedToo;
    },
  };
}

/**
 * A button with an icon and a name.
 *
 * @param {InspectorPanel} panel
 * @param {PanelIcon} icon
 * @param {string} name
 * @param {() => void} press
 */
export function iconButton(panel, icon, name, press) {
  const button = h(
    "button",
    { type: "button", class: "wanmove-icon-button", title: name, "aria-label": name },
    panelIcon(icon),
  );
  panel.lifetime.listen(button, "click", press);
  return button;
}

/**
 * @param {InspectorPanel} panel
 * @param {string} name
 * @param {() => void} press
 */
export function wordButton(panel, name, press) {
  const button = h("button", { type: "button", class: "wanmove-word-button" }, name);
  panel.lifetime.listen(button, "click", press);
  return button;
}

/**
 * @param {string} label
 * @param {...HTMLElement} controls
 */
export function lineOf(label, ...controls) {
  return h("div", { class: "wanmove-line" }, h("span", { class: "wanmove-line-label", title: label }, label), ...controls);
}

/**
 * A part of the inspector that can be folded.
 *
 * @param {string} title
 * @param {...HTMLElement} children
 */
export function foldOf(title, ...children) {
  const head = h(
    "summary",
    { class: "wanmove-fold-head" },
    panelIcon("chevron"),
    h("span", { class: "wanmove-fold-title" }, title),
  );
  return h("details", { class: "wanmove-fold", open: true }, head, h("div", { class: "wanmove-fold-body" }, ...children));
}

/** @param {...HTMLElement} children */
export function pairOf(...children) {
  return h("div", { class: "wanmove-pair" }, ...children);
}

/**
 * The values of those layers that have one.
 *
 * @template T
 * @param {InspectorView} view
 * @param {(layer: Layer) => T | undefined} read
 * @returns {T[]}
 */
export function valuesOf({ layers }, read) {
  return layers.map(read).filter((value) => value !== undefined);
}
