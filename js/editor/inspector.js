/** The inspector: numbers of what is selected; with nothing selected, the document and the clip. */

import { h } from "./dom.js";
import { createComponents } from "./inspector/components.js";
import { createIdentity } from "./inspector/identity.js";
import { createKeys } from "./inspector/keys.js";
import { InspectorPanel, viewOf } from "./inspector/panel.js";
import { createAnchor, createPath } from "./inspector/path.js";
import { createRegion } from "./inspector/region.js";
import { createSpans } from "./inspector/spans.js";
import { createSummary } from "./inspector/summary.js";
import { createTiming } from "./inspector/timing.js";
import { createLifetime } from "./lifetime.js";

/** @import { EditorContext, EditorState, View } from "../types.js" */

/**
 * @param {EditorContext} context
 * @returns {View}
 */
export function createInspector(context) {
  const lifetime = createLifetime();
  const panel = new InspectorPanel(context, lifetime);
  const [summary, identity, region, spans] = [
    createSummary(panel),
    createIdentity(panel),
    createRegion(panel),
    createSpans(panel),
  ];
  // A rest has no motion.
  const moving = [createPath(panel), createTiming(panel), createKeys(panel, "rotation"), createKeys(panel, "scale")];
  moving.push(createAnchor(panel), createComponents(panel));
  const motion = h("div", {}, ...moving.map((section) => section.element));
  const chosen = h("div", {}, identity.element, region.element, motion, spans.element);
  const element = h("div", { class: "wanmove-inspector" }, summary.element, chosen);

  const ask = lifetime.onFrame(() => {
    const view = viewOf(context.store.state());
    const none = view.layers.length === 0;
    summary.element.hidden = !none;
    chosen.hidden = none;
    if (none) return summary.update(view);
    motion.hidden = view.layers.every((layer) => layer.region.kind === "rest");
    for (const section of [identity, region, spans, ...(motion.hidden ? [] : moving)]) section.update(view);
  });
  lifetime.also(context.store.subscribe((state, previous) => isOther(state, previous) && ask()));
  ask();
  return {
    element,
    dispose() {
      lifetime.dispose();
      element.remove();
    },
  };
}

/**
 * Whether anything that the inspector shows is another.
 *
 * @param {EditorState} state
 * @param {EditorState} previous
 */
function isOther(state, previous) {
  return state.document !== previous.document || state.selection !== previous.selection || state.clip !== previous.clip;
}
