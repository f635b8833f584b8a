/** A list of rows that is built anew only where the number or the kind of its rows changes. */

import { h } from "../dom.js";
import { createLifetime } from "../lifetime.js";
import { InspectorPanel } from "./panel.js";

/** @import { InspectorView, Section } from "./panel.js" */

/**
 * @param {InspectorPanel} panel
 * @param {(view: InspectorView) => string} signature rows are built anew where it is another
 * @param {(panel: InspectorPanel, view: InspectorView) => Section[]} build rows; what they listen to ends with them
 * @returns {Section}
 */
export function createList(panel, signature, build) {
  const element = h("div", { class: "wanmove-list" });
  let lifetime = createLifetime();
  /** @type {string | null} */
  let shown = null;
  /** @type {Section[]} */
  let rows = [];
  panel.lifetime.also(() => lifetime.dispose());
  return {
    element,
    update(view) {
      const wanted = signature(view);
      if (wanted !== shown) {
        shown = wanted;
        lifetime.dispose();
        lifetime = createLifetime();
        rows = build(new InspectorPanel(panel.context, lifetime), view);
        element.replaceChildren(...rows.map((row) => row.element));
      }
      for (const row of rows) row.update(view);
    },
  };
}
