/** Name, colour, group, switches and depth of the selected layers. */

import { MAX_NAME } from "../../model/document.js";
import { h } from "../dom.js";
import { colourOf } from "../draw/palette.js";
import { shared } from "../numbers.js";
import { putInDepth } from "../timeline/acts.js";
import { checkOf, iconButton, lineOf, textOf } from "./fields.js";

/** @import { InspectorPanel, Section } from "./panel.js" */

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createIdentity(panel) {
  const { texts } = panel;
  const title = h("h2", { class: "wanmove-inspector-title wanmove-ellipsis" });
  const name = textOf(panel, texts("inspector.name"), {
    read: (layer) => layer.name,
    write: (layer, text) => ({ ...layer, name: text }),
    most: MAX_NAME,
    lockedToo: true,
    placeholder: ({ indices }) => texts("timeline.unnamed", { number: indices[0] + 1 }),
  });
  const group = textOf(panel, texts("inspector.group"), {
    read: (layer) => layer.group,
    write: (layer, text) => ({ ...layer, group: text }),
    most: MAX_NAME,
    lockedToo: true,
    placeholder: () => texts("inspector.no-group"),
  });
  const enabled = checkOf(panel, texts("inspector.enabled"), {
    read: (layer) => layer.enabled,
    write: (layer, value) => ({ ...layer, enabled: value }),
    lockedToo: true,
  });
  const locked = checkOf(panel, texts("inspector.locked"), {
    read: (layer) => layer.locked,
    write: (layer, value) => ({ ...layer, locked: value }),
    lockedToo: true,
  });
  const [colour, depth] = [createColour(panel), createDepth(panel)];
  const parts = [name, colour, group, enabled, locked];
  const switches = h("div", { class: "wanmove-pair" }, enabled.element, locked.element);
  return {
    element: h("div", { class: "wanmove-inspector-head" }, title, name.element, colour.element, group.element, switches, depth),
    update(view) {
      const only = view.only ? view.only.name || texts("timeline.unnamed", { number: view.indices[0] + 1 }) : null;
      const text = only ?? texts("inspector.several", { count: view.layers.length });
      if (title.textContent !== text) title.textContent = text;
      title.title = text;
      for (const part of parts) part.update(view);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
function createColour(panel) {
  const label = panel.texts("inspector.colour");
  const input = h("input", { type: "color", class: "wanmove-colour", "aria-label": label });
  const automatic = iconButton(panel, "remove", panel.texts("inspector.colour.automatic"), () => {
    panel.edit((layer) => ({ ...layer, colour: "" }));
  });
  panel.lifetime.listen(input, "input", () => panel.attempt((layer) => ({ ...layer, colour: input.value })));
  for (const type of ["change", "blur"]) panel.lifetime.listen(input, type, () => panel.keep());
  return {
    element: lineOf(label, input, automatic),
    update({ layers, indices, locked }) {
      const colours = layers.map((layer, at) => colourOf(layer, indices[at]));
      const colour = shared(colours) ?? colours[0];
      if (input.value !== colour) input.value = colour;
      input.disabled = locked;
      automatic.disabled = locked;
      automatic.hidden = layers.every((layer) => layer.colour === "");
    },
  };
}

/** @param {InspectorPanel} panel */
function createDepth(panel) {
  const { store, texts } = panel;
  /** @type {(to: (indices: readonly number[], count: number) => number) => () => void} */
  const put = (to) => () => {
    const { selection, document } = store.state();
    putInDepth(store, selection.layers, to(selection.layers, document.layers.length));
  };
  const name = texts("inspector.depth");
  const buttons = h("div", { class: "wanmove-depth", role: "group", "aria-label": name });
  buttons.append(
    iconButton(
      panel,
      "top",
      texts("inspector.depth.top"),
      put((_, count) => count),
    ),
    iconButton(
      panel,
      "up",
      texts("inspector.depth.up"),
      put((indices) => Math.max(...indices) + 2),
    ),
    iconButton(
      panel,
      "down",
      texts("inspector.depth.down"),
      put((indices) => Math.min(...indices) - 1),
    ),
    iconButton(
      panel,
      "bottom",
      texts("inspector.depth.bottom"),
      put(() => 0),
    ),
  );
  return lineOf(name, buttons);
}
