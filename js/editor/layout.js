/** Where the parts stand: in a node, and full screen. */

import { h } from "./dom.js";
import { createInspector } from "./inspector.js";
import { createPlaybar } from "./playbar.js";
import { foldPanel } from "./shell.js";
import { createCoverage, createFindingsButton, createStatus } from "./status.js";
import { createTimeline } from "./timeline.js";
import { createToolbar } from "./toolbar.js";

/** @import { View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/** Heights of the timeline, CSS pixels. */
const LEAST = 96;
const MOST = 0.6;
const STEP = 16;
/** Below this the inspector covers too much of the stage to be open from the start. */
const NARROW = 880;

/**
 * Tools above, the stage, a slider below.
 *
 * @param {Shell} shell
 * @param {HTMLElement} stage
 * @returns {View[]} the parts that are to be disposed
 */
export function layOutMini(shell, stage) {
  const toolbar = createToolbar(shell);
  const playbar = createPlaybar(shell);
  playbar.element.append(createCoverage(shell, "status.coverage.short"), createFindingsButton(shell));
  shell.root.append(toolbar.element, stage, playbar.element);
  return [toolbar, playbar];
}

/**
 * Tools above, the inspector at the right, a line of figures and the timeline below.
 *
 * @param {Shell} shell
 * @param {HTMLElement} stage
 * @returns {View[]}
 */
export function layOutFull(shell, stage) {
  const { context, root, lifetime } = shell;
  const views = { toolbar: createToolbar(shell), inspector: createInspector(context), timeline: createTimeline(context) };
  if (window.innerWidth < NARROW) foldPanel(root, "inspector", false);
  const side = h("aside", { class: "wanmove-side", "aria-label": context.texts("shell.inspector") }, views.inspector.element);
  const foot = h("section", { class: "wanmove-foot", "aria-label": context.texts("shell.timeline") }, views.timeline.element);
  const status = createStatus(shell);
  const splitter = createSplitter(shell, foot);
  root.append(views.toolbar.element, h("div", { class: "wanmove-middle" }, stage, side), splitter, status.element, foot);
  lifetime.also(() => foot.remove());
  return [...Object.values(views), status];
}

/**
 * The edge between stage and timeline, dragged or moved with the arrows.
 *
 * @param {Shell} shell
 * @param {HTMLElement} foot
 */
function createSplitter({ root, lifetime, context }, foot) {
  const name = context.texts("shell.resize-timeline");
  const splitter = h("div", {
    class: "wanmove-splitter",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "horizontal",
    "aria-label": name,
  });
  const resize = (/** @type {number} */ height) => {
    const held = Math.round(Math.min(Math.max(height, LEAST), root.offsetHeight * MOST));
    root.style.setProperty("--wanmove-foot", `${held}px`);
    splitter.setAttribute("aria-valuenow", String(held));
  };
  /** @type {{ y: number, height: number } | null} */
  let from = null;
  lifetime.listen(splitter, "pointerdown", (event) => {
    const { clientY, pointerId } = /** @type {PointerEvent} */ (event);
    from = { y: clientY, height: foot.offsetHeight };
    splitter.setPointerCapture(pointerId);
  });
  lifetime.listen(splitter, "pointermove", (event) => {
    if (from) resize(from.height + from.y - /** @type {PointerEvent} */ (event).clientY);
  });
  lifetime.listen(splitter, "lostpointercapture", () => {
    from = null;
  });
  lifetime.listen(splitter, "keydown", (event) => {
    const by = { ArrowUp: STEP, ArrowDown: -STEP }[/** @type {KeyboardEvent} */ (event).key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    resize(foot.offsetHeight + by);
  });
  return splitter;
}
