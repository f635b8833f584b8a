/** Figures about the work: how much of the clip is guided, what to look at, where the playhead stands, the zoom. */

import { whenAtRest } from "./at_rest.js";
import { createButton, setPressed } from "./buttons.js";
import { zoomed } from "./commands.js";
import { h } from "./dom.js";
import { createFindingsPanel } from "./findings_panel.js";
import { icon } from "./icons.js";
import { foldPanel } from "./shell.js";
import { LATENT, nearestFrame } from "./timeline/moments.js";
import { watch } from "./watch.js";

/** @import { View } from "../types.js" */
/** @import { Panel, Shell } from "./shell.js" */

/**
 * The line below the full editor.
 *
 * @param {Shell} shell
 * @returns {View}
 */
export function createStatus(shell) {
  const { context, lifetime, root } = shell;
  const { store, texts } = context;
  const hint = h("span", { class: "wanmove-status-hint" });
  const frame = h("span", { class: "wanmove-figure" });
  const zoom = h("button", { type: "button", class: "wanmove-status-button wanmove-figure", title: texts("status.fit") });
  watch(
    store,
    lifetime,
    ({ tool }) => [tool],
    (tool) => {
      hint.textContent = texts(`hint.${tool}`);
    },
  );
  watch(
    store,
    lifetime,
    ({ progress, clip }) => [nearestFrame(progress, clip.length), clip.length],
    (at, length) => {
      const values = {
        frame: at + 1,
        length,
        latent: Math.ceil(at / LATENT) + 1,
        latents: Math.ceil((length - 1) / LATENT) + 1,
      };
      frame.textContent = texts("status.frame", values);
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

  const element = h(
    "div",
    { class: "wanmove-status" },
    hint,
    h(
      "div",
      { class: "wanmove-status-figures" },
      frame,
      createCoverage(shell, "status.coverage"),
      createFindingsButton(shell),
      zoom,
    ),
    ...["timeline", "inspector"].map((panel) => foldButton(shell, /** @type {Panel} */ (panel))),
  );
  return { element, dispose: () => element.remove() };

  /**
   * @param {Shell} parts
   * @param {Panel} panel
   */
  function foldButton({ lifetime }, panel) {
    const button = createButton(texts, lifetime, { icon: panel, text: `shell.${panel}`, toggle: true }, () => {
      foldPanel(root, panel);
      setPressed(button, !root.hasAttribute(`data-no-${panel}`));
    });
    setPressed(button, !root.hasAttribute(`data-no-${panel}`));
    return button;
  }
}

/**
 * The share of cells that the model is told something about.
 *
 * @param {Shell} shell
 * @param {"status.coverage" | "status.coverage.short"} text
 */
export function createCoverage({ context, lifetime }, text) {
  const figure = h("span", { class: "wanmove-figure wanmove-coverage", title: context.texts("status.coverage.what") });
  whenAtRest(context, lifetime, ({ coverage }) => {
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
