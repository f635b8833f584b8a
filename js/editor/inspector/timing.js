/** When the selected layers move: start and end, easing, repeats. */

import { setTiming, trimTiming } from "../../model/timeline_edits.js";
import { REPEATS } from "../../model/timing.js";
import { EasingEditor, sameEasing } from "../easing_editor.js";
import { checkOf, choiceOf, foldOf, numberOf, pairOf } from "./fields.js";

/** @import { Layer, Timing } from "../../types.js" */
/** @import { Access } from "./fields.js" */
/** @import { InspectorPanel, Section } from "./panel.js" */

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createTiming(panel) {
  const { texts } = panel;
  const limits = { low: 0, high: 1 };
  /** @type {(edge: "start" | "end", label: string) => Section[]} */
  const edgeOf = (edge, label) => [
    numberOf(
      panel,
      { ...limits, label, name: texts("inspector.in-frames", { what: label }), digits: 1 },
      edgeAccess(edge),
      ({ clip }) => ({
        factor: Math.max(1, clip.length - 1),
        unit: "",
      }),
    ),
    numberOf(
      panel,
      { ...limits, label: "", name: texts("inspector.in-percent", { what: label }), digits: 1 },
      edgeAccess(edge),
      () => ({
        factor: 100,
        unit: "%",
      }),
    ),
  ];
  const edges = [...edgeOf("start", texts("inspector.start")), ...edgeOf("end", texts("inspector.end"))];
  const repeat = choiceOf(
    panel,
    texts("inspector.repeat"),
    REPEATS.map((name) => /** @type {const} */ ([name, texts(`repeat.${name}`)])),
    access("repeat"),
  );
  const cycles = numberOf(
    panel,
    { low: 0.01, high: 1000, step: 0.1, label: texts("inspector.cycles") },
    {
      read: ({ motion }) => (motion.timing.repeat === "hold" ? undefined : motion.timing.cycles),
      write: (layer, value) => setTiming(layer, { cycles: value }),
    },
  );
  const reverse = checkOf(panel, texts("inspector.reverse"), access("reverse"));
  const easing = createEasing(panel);
  const parts = [...edges, easing, repeat, cycles, reverse];
  return {
    element: foldOf(
      texts("inspector.timing"),
      pairOf(...edges.map((edge) => edge.element)),
      easing.element,
      repeat.element,
      pairOf(reverse.element, cycles.element),
    ),
    update(view) {
      for (const part of parts) part.update(view);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
function createEasing(panel) {
  const editor = new EasingEditor(panel.lifetime, panel.texts, panel.texts("inspector.easing"), {
    attempt: (change) => panel.attempt((layer) => setTiming(layer, { easing: change(layer.motion.timing.easing) })),
    keep: () => panel.keep(),
    drop: () => panel.drop(),
  });
  return {
    element: editor.element,
    update({ layers, locked }) {
      const easings = layers.map(({ motion }) => motion.timing.easing);
      editor.update(easings.every((easing) => sameEasing(easing, easings[0])) ? easings[0] : undefined, locked);
    },
  };
}

/**
 * @template {"repeat" | "reverse"} N
 * @param {N} name
 * @returns {Access<Timing[N]>}
 */
function access(name) {
  return {
    read: ({ motion }) => motion.timing[name],
    write: (layer, value) => setTiming(layer, { [name]: value }),
  };
}

/**
 * @param {"start" | "end"} edge
 * @returns {Access<number>}
 */
function edgeAccess(edge) {
  return {
    read: ({ motion }) => motion.timing[edge],
    write: (/** @type {Layer} */ layer, value) => trimTiming(layer, edge, value),
  };
}
