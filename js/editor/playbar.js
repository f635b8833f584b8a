/** Play, the playhead as a slider, and which frame it stands at: the timeline of the small editor. */

import { changeFace, createButton } from "./buttons.js";
import { actionOf } from "./commands.js";
import { h } from "./dom.js";
import { nearestFrame, progressOfFrame } from "./timeline/moments.js";
import { watch } from "./watch.js";

/** @import { View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createPlaybar({ context, lifetime }) {
  const { store, texts } = context;
  const play = createButton(texts, lifetime, { icon: "play", text: "play.play", shortcut: "Space" }, () => {
    const action = actionOf("play", store.state());
    if (action) store.dispatch(action);
  });
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
    (playing) => {
      changeFace(play, playing ? "pause" : "play", texts(playing ? "play.pause" : "play.play"));
    },
  );
  watch(
    store,
    lifetime,
    (state) => [nearestFrame(state.progress, state.clip.length), state.clip],
    (frame, clip) => {
      slider.max = String(Math.max(clip.length - 1, 0));
      slider.value = String(frame);
      slider.style.setProperty("--wanmove-filled", `${(100 * frame) / Math.max(clip.length - 1, 1)}%`);
      slider.setAttribute("aria-valuetext", texts("play.frame", { frame: frame + 1, length: clip.length }));
      figure.textContent = `${frame + 1} / ${clip.length}`;
    },
  );
  const element = h("div", { class: "wanmove-playbar" }, play, slider, figure);
  return { element, dispose: () => element.remove() };
}
