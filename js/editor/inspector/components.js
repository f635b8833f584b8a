/** Closed-form motions of the selected layers and their parameters. */

import { COMPONENTS } from "../../model/components.js";
import { withMotion } from "../../model/edits/layers.js";
import { h } from "../dom.js";
import { foldOf, iconButton, numberOf } from "./fields.js";
import { createList } from "./list.js";

/** @import { Layer, Parameter } from "../../types.js" */
/** @import { InspectorPanel, InspectorView, Section } from "./panel.js" */

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createComponents(panel) {
  const { texts } = panel;
  const hint = h("p", { class: "wanmove-hint" });
  const list = createList(panel, kindsOf, (inner, view) => {
    return kindsOf(view)
      .split(",")
      .filter((kind) => kind !== "")
      .map((kind, index) => componentRow(inner, kind, index));
  });
  return {
    element: foldOf(texts("inspector.components"), hint, list.element),
    update(view) {
      const any = view.layers.some(({ motion }) => motion.components.length > 0);
      hint.hidden = kindsOf(view) !== "";
      hint.textContent = texts(any ? "inspector.components.differ" : "inspector.components.none");
      list.update(view);
    },
  };
}

/**
 * The kinds that all layers have in the same order; "" where there are none or they differ.
 *
 * @param {InspectorView} view
 */
function kindsOf({ layers }) {
  const [first = "", ...others] = layers.map(({ motion }) => motion.components.map(({ kind }) => kind).join());
  return others.every((kinds) => kinds === first) ? first : "";
}

/**
 * @param {InspectorPanel} panel
 * @param {string} kind
 * @param {number} index
 * @returns {Section}
 */
function componentRow(panel, kind, index) {
  const name = panel.texts(`component.${kind}`);
  const remove = iconButton(panel, "remove", panel.texts("inspector.components.remove", { name }), () => {
    panel.edit((layer) => changed(layer, (components) => components.filter((_, other) => other !== index)));
  });
  const fields = COMPONENTS[kind].parameters.map((parameter) => parameterField(panel, name, parameter, index));
  const head = h("div", { class: "wanmove-component-head" }, h("span", { class: "wanmove-ellipsis" }, name), remove);
  const numbers = h("div", { class: "wanmove-pair" }, ...fields.map((field) => field.element));
  return {
    element: h("div", { class: "wanmove-component", role: "group", "aria-label": name }, head, numbers),
    update(view) {
      remove.disabled = view.locked;
      for (const field of fields) field.update(view);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {string} component
 * @param {Parameter} parameter
 * @param {number} index
 */
function parameterField(panel, component, { name, low, high, unit, whole }, index) {
  const { texts } = panel;
  const label = texts(`parameter.${name}`);
  const shownUnit = unit === "px" || unit === "°" ? unit : "";
  const long = unit ? `${component}: ${label} (${texts(`unit.${unit}`)})` : `${component}: ${label}`;
  const look = { label, name: long, unit: shownUnit, low, high, whole, ...stepFor(high - low) };
  return numberOf(panel, look, {
    read: ({ motion }) => motion.components[index]?.values[name],
    write: (layer, value) =>
      changed(layer, (components) =>
        components.map((part, other) => (other === index ? { ...part, values: { ...part.values, [name]: value } } : part)),
      ),
  });
}

/**
 * Steps by how far a parameter ranges: whole pixels and degrees, hundredths of shares.
 *
 * @param {number} range
 */
function stepFor(range) {
  if (range > 300) return { step: 1, digits: 2 };
  return range > 15 ? { step: 0.1, digits: 2 } : { step: 0.01, digits: 3 };
}

/**
 * @param {Layer} layer
 * @param {(components: Layer["motion"]["components"]) => Layer["motion"]["components"]} change
 */
function changed(layer, change) {
  return withMotion(layer, { components: change(layer.motion.components) });
}
