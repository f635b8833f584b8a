/** Figures about the work: how much of the clip is guided, what to look at, where the playhead stands, the zoom. */

import { whenAtRest } from "./at_rest.js";
import { createButton, setPressed } from "./buttons.js";
import { zoomed } from "./commands.js";
import { h } from "./dom.js";
import { createFindingsPanel } from "./findings_panel.js";
import { icon } from "./icons.js";
import { createPlaybar } from "./playbar.js";
import { foldPanel } from "./shell.js";
import { watch } from "./watch.js";

/** @import { EditorState, View } from "../types.js" */
/** @import { Panel, Shell } from "./shell.js" */

/**
 * The line between the stage and the timeline of the full editor.
 *
 * @param {Shell} shell
 * @returns {View}
 */
export function createStatus(shell) {
  const { context, lifetime } = shell;
  const { store, texts } = context;
  const playbar = createPlaybar(shell);
  const hint = h("span", { class: "wanmove-status-hint" });
  const zoom = h("button", { type: "button", class: "wanmove-status-button wanmove-figure", title: texts("status.fit") });
  watch(
    store,
    lifetime,
    (state) => [hintOf(state)],
    (key) => {
      hint.textContent = texts(key);
      hint.title = hint.textContent;
    },
  );
  watch(
    store,
    lifetime,
    ({ viewport }) => [Math.round(viewport.scale * 100)],
    (percent) => {
      zoom.textContent = `${percent} %`;
      zoom.setAttribute("aria-label", texts("status.zoom", { percent }));
    },
  );
  lifetime.listen(zoom, "click", () => store.dispatch({ type: "set-viewport", viewport: zoomed(store.state()) }));
  const figures = h("div", { class: "wanmove-status-figures" });
  figures.append(createFindingsButton(shell), createCoverage(shell, "status.coverage"), zoom);
  const folds = h("div", { class: "wanmove-strip-group" }, foldButton(shell, "timeline"), foldButton(shell, "inspector"));
  const element = h("div", { class: "wanmove-status" }, playbar.element, hint, figures, folds);
  return { element, dispose: () => element.remove() };
}

/**
 * Which hint is for what a drag would do now.
 *
 * @param {EditorState} state
 */
function hintOf({ tool, progress, document }) {
  if (tool !== "select") return `hint.${tool}`;
  if (document.layers.length === 0) return "hint.lasso";
  return progress > 0 ? "hint.select.later" : "hint.select.start";
}

/**
 * @param {Shell} shell
 * @param {Panel} panel
 */
function foldButton({ context, lifetime, root }, panel) {
  const look = { icon: panel, text: `shell.${panel}`, toggle: true };
  const button = createButton(context.texts, lifetime, look, () => foldPanel(root, panel));
  button.classList.add("wanmove-fold");
  button.dataset.fold = panel;
  setPressed(button, !root.hasAttribute(`data-no-${panel}`));
  return button;
}

/**
 * The share of cells that the model is told something about.
 *
 * @param {Shell} shell
 * @param {"status.coverage" | "status.coverage.short"} text
 */
export function createCoverage({ context, lifetime }, text) {
  const figure = h("span", { class: "wanmove-figure wanmove-coverage", title: context.texts("status.coverage.what") });
  whenAtRest(context, lifetime, ({ coverage }, { document }) => {
    figure.hidden = document.layers.length === 0;
    const share = coverage && coverage.cells > 0 ? (100 * coverage.guided) / coverage.cells : 0;
    figure.textContent = context.texts(text, { percent: share.toFixed(1) });
  });
  return figure;
}

/**
 * How many findings there are; pressed, it lists them. Not there while there are none.
 *
 * @param {Shell} shell
 */
export function createFindingsButton(shell) {
  const { context, lifetime, popovers } = shell;
  const count = h("span", {});
  const button = h("button", { type: "button", class: "wanmove-status-button wanmove-warning" }, icon("warning"), count);
  const panel = createFindingsPanel(shell, (findings) => {
    button.hidden = findings.length === 0;
    count.textContent = String(findings.length);
    const name = context.texts("findings.count", { count: findings.length });
    button.setAttribute("aria-label", name);
    button.title = name;
    if (findings.length === 0 && panel.isConnected) popovers.close();
  });
  button.hidden = true;
  lifetime.listen(button, "click", () => popovers.toggle(button, panel, context.texts("findings.name")));
  return button;
}
