/** Play, the playhead as a slider, and which frame it stands at. Full screen there are jumps, too. */

import { changeFace, createButton } from "./buttons.js";
import { actionOf } from "./commands.js";
import { h } from "./dom.js";
import { shownKey } from "./shortcuts.js";
import { LATENT, nearestFrame, progressOfFrame } from "./timeline/moments.js";
import { watch } from "./watch.js";

/** @import { View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/** @type {readonly ("first" | "key-back" | "play" | "key-on" | "last")[]} */
const JUMPS = ["first", "key-back", "play", "key-on", "last"];

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createPlaybar({ context, lifetime }) {
  const { store, texts, host } = context;
  const commands = host.size === "full" ? JUMPS : JUMPS.filter((command) => command === "play");
  const buttons = commands.map((command) => {
    const look = { icon: command, text: command === "play" ? "play.play" : `command.${command}`, shortcut: shownKey(command) };
    const button = createButton(texts, lifetime, look, () => {
      const action = actionOf(command, store.state());
      if (action) store.dispatch(action);
    });
    button.dataset.command = command;
    return button;
  });
  const play = buttons[commands.indexOf("play")];
  const slider = h("input", { type: "range", class: "wanmove-slider", min: 0, step: 1, "aria-label": texts("play.playhead") });
  const figure = h("output", { class: "wanmove-figure wanmove-frame" });
  lifetime.listen(slider, "input", () => {
    const { length } = store.state().clip;
    store.dispatch({ type: "set-progress", progress: progressOfFrame(Number(slider.value), length) });
  });

  watch(
    store,
    lifetime,
    ({ playing }) => [playing],
    (playing) => changeFace(play, playing ? "pause" : "play", texts(playing ? "play.pause" : "play.play")),
  );
  watch(
    store,
    lifetime,
    (state) => [nearestFrame(state.progress, state.clip.length), state.clip.length],
    (frame, length) => {
      const last = Math.max(length - 1, 0);
      const values = { frame, last, latent: Math.ceil(frame / LATENT), lastLatent: Math.ceil(last / LATENT) };
      slider.max = String(last);
      slider.value = String(frame);
      slider.style.setProperty("--wanmove-filled", `${(100 * frame) / Math.max(last, 1)}%`);
      slider.setAttribute("aria-valuetext", texts("play.frame", values));
      figure.textContent = texts(host.size === "full" ? "status.frame" : "status.frame.short", values);
      figure.title = texts("status.frame.what", values);
    },
  );
  const element = h(
    "div",
    { class: "wanmove-playbar" },
    h("div", { class: "wanmove-strip-group" }, ...buttons),
    slider,
    figure,
  );
  return { element, dispose: () => element.remove() };
}
