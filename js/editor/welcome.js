/** The first three steps, over the foot of the stage: what to do while nothing is drawn, then what comes next. */

import { createButton } from "./buttons.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { watch } from "./watch.js";

/** @import { EditorState, Texts, View } from "../types.js" */
/** @import { IconName } from "./icons.js" */
/** @import { Shell } from "./shell.js" */

/** @type {readonly { icon: IconName, text: string }[]} */
const STEPS = [
  { icon: "lasso", text: "welcome.draw" },
  { icon: "select", text: "welcome.drag" },
  { icon: "play", text: "welcome.play" },
];

/**
 * Goes on by what is done, not by being pressed. In an editor that opened with layers it comes only when all are gone.
 *
 * @param {Shell} shell
 * @returns {View}
 */
export function createWelcome({ context, lifetime }) {
  const { store, texts, host } = context;
  const rows = STEPS.map((step, index) => row(texts, step, index));
  const smart = host.selectSmartly !== undefined;
  const close = createButton(texts, lifetime, { icon: "close", text: "welcome.close" }, () => {
    dismissed = true;
    show();
  });
  const element = h("div", { class: "wanmove-welcome", role: "note" }, h("ol", {}, ...rows), close);
  let dismissed = false;
  let guided = store.state().document.layers.length === 0;
  let played = false;

  let opened = store.state().opened;

  const show = () => {
    const { document, gesture, playing, committed } = store.state();
    if (opened !== store.state().opened) {
      opened = store.state().opened;
      guided = opened.layers.length === 0;
    }
    const empty = document.layers.length === 0;
    const step = stepOf(committed.document, played);
    if (playing && step > 1) played = true;
    if (step === STEPS.length) guided = false;
    element.hidden = dismissed || gesture.kind !== "none" || playing || !(empty || guided) || step === STEPS.length;
    for (const [index, item] of rows.entries()) {
      item.toggleAttribute("data-done", index < step);
      if (index === step) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      const words = item.querySelector(".wanmove-welcome-words");
      if (words) words.textContent = texts(textOf(index, index === step, smart));
    }
  };
  watch(
    store,
    lifetime,
    (state) => [state.committed.document, state.gesture.kind, state.playing, state.document.layers.length],
    show,
  );
  return { element, dispose: () => element.remove() };
}

/**
 * @param {EditorState["document"]} document
 * @param {boolean} played
 */
function stepOf({ layers }, played) {
  if (layers.length === 0) return 0;
  const moves = layers.some(
    ({ motion }) => motion.path || motion.rotation.length || motion.scale.length || motion.components.length,
  );
  if (!moves) return 1;
  return played ? 3 : 2;
}

/**
 * The key of a step's words; the one that is due says more.
 *
 * @param {number} index
 * @param {boolean} due
 * @param {boolean} smart
 */
function textOf(index, due, smart) {
  const { text } = STEPS[index];
  if (!due || text === "welcome.play") return text;
  if (text === "welcome.drag") return "welcome.drag.now";
  return smart ? "welcome.draw.smart" : text;
}

/**
 * @param {Texts} texts
 * @param {{ icon: IconName, text: string }} step
 * @param {number} index
 */
function row(texts, step, index) {
  return h(
    "li",
    { class: "wanmove-welcome-step" },
    h("span", { class: "wanmove-welcome-number" }, h("b", {}, String(index + 1)), icon("check")),
    icon(step.icon),
    h("span", { class: "wanmove-welcome-words" }, texts(step.text)),
  );
}
