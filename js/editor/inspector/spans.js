/** When the selected layer is seen. */

import { MAX_SPANS } from "../../model/document.js";
import { hideBetween, moveSpanEdge, showAround } from "../../model/timeline_edits.js";
import { h } from "../dom.js";
import { nearestFrame, progressOfFrame } from "../timeline/moments.js";
import { foldOf, iconButton, numberOf, wordButton } from "./fields.js";
import { createList } from "./list.js";

/** @import { Layer, Span } from "../../types.js" */
/** @import { InspectorPanel, Section } from "./panel.js" */

/** Rows at a time. */
const MOST_ROWS = 40;

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createSpans(panel) {
  const { texts } = panel;
  const toggle = wordButton(panel, texts("inspector.spans.toggle"), () => toggleAtPlayhead(panel));
  const always = wordButton(panel, texts("inspector.spans.always"), () =>
    panel.edit((layer) => ({ ...layer, visible: [[0, 1]] })),
  );
  const fact = h("p", { class: "wanmove-hint" });
  const list = createList(
    panel,
    ({ only }) => String(Math.min(MOST_ROWS, only?.visible.length ?? 0)),
    (inner, { only }) => (only?.visible ?? []).slice(0, MOST_ROWS).map((_, index) => spanRow(inner, index)),
  );
  return {
    element: foldOf(texts("inspector.spans"), fact, list.element, h("div", { class: "wanmove-buttons" }, toggle, always)),
    update(view) {
      const whole = view.layers.every(({ visible }) => isWhole(visible));
      const never = view.layers.every(({ visible }) => visible.length === 0);
      fact.hidden = view.only !== null && !never;
      fact.textContent = texts(never ? "inspector.spans.never" : "inspector.spans.several");
      toggle.disabled = view.locked;
      always.disabled = view.locked || whole;
      list.update(view);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {number} index
 * @returns {Section}
 */
function spanRow(panel, index) {
  const { texts } = panel;
  /** @type {(side: 0 | 1, key: string) => Section} */
  const edge = (side, key) =>
    numberOf(
      panel,
      { label: texts(key), name: texts(`${key}.long`, { number: index + 1 }), low: 0, high: 1, digits: 1 },
      {
        read: ({ visible }) => visible[index]?.[side],
        write: (layer, at) => ({ ...layer, visible: moveSpanEdge(layer.visible, index, side, at) }),
      },
      ({ clip }) => ({ factor: Math.max(1, clip.length - 1), unit: "" }),
    );
  const [from, to] = [edge(0, "inspector.spans.from"), edge(1, "inspector.spans.to")];
  const remove = iconButton(panel, "remove", texts("inspector.spans.remove", { number: index + 1 }), () => {
    panel.edit((layer) => ({ ...layer, visible: layer.visible.filter((_, other) => other !== index) }));
  });
  return {
    element: h("div", { class: "wanmove-span-row" }, from.element, to.element, remove),
    update(view) {
      from.update(view);
      to.update(view);
      remove.disabled = view.locked;
    },
  };
}

/**
 * Hides the frame at the playhead, or shows what is hidden around it.
 *
 * @param {InspectorPanel} panel
 */
function toggleAtPlayhead(panel) {
  const { progress, clip } = panel.store.state();
  const frame = nearestFrame(progress, clip.length);
  const [before, after] = [progressOfFrame(frame - 1, clip.length), progressOfFrame(frame + 1, clip.length)];
  const moment = progressOfFrame(frame, clip.length);
  /** @type {(layer: Layer) => Layer} */
  const change = (layer) => {
    const shown = showAround(layer.visible, moment);
    if (shown !== layer.visible) return { ...layer, visible: shown };
    const hidden = hideBetween(layer.visible, before, after);
    return hidden.length > MAX_SPANS ? layer : { ...layer, visible: hidden };
  };
  panel.edit(change);
}

/** @param {readonly Span[]} visible */
function isWhole(visible) {
  return visible.length === 1 && visible[0][0] === 0 && visible[0][1] === 1;
}
