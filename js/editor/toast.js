/** What is said once: a note that goes by itself, an error that stays until it is closed. */

import { createButton } from "./buttons.js";
import { h } from "./dom.js";
import { WORDINGS } from "./texts.js";
import { watch } from "./watch.js";

/** @import { Texts, View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/** Milliseconds that a note stays. */
const READING_TIME = 6000;

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createToast({ context, lifetime }) {
  const { store, texts } = context;
  const words = h("span", { class: "wanmove-toast-words" });
  const close = createButton(texts, lifetime, { icon: "close", text: "toast.close" }, () =>
    store.dispatch({ type: "dismiss-notice" }),
  );
  const element = h("div", { class: "wanmove-toast" }, words, close);
  watch(
    store,
    lifetime,
    ({ notice }) => [notice],
    (notice) => {
      element.hidden = notice === null;
      if (!notice) return;
      element.setAttribute("role", notice.kind === "error" ? "alert" : "status");
      element.dataset.kind = notice.kind;
      words.textContent = wording(texts, notice.text);
      if (notice.kind === "error") return;
      lifetime.later(READING_TIME, () => {
        if (store.state().notice === notice) store.dispatch({ type: "dismiss-notice" });
      });
    },
  );
  return { element, dispose: () => element.remove() };
}

/**
 * A notice is a key of the texts, or an error's own sentence.
 *
 * @param {Texts} texts
 * @param {string} text
 */
function wording(texts, text) {
  return text in WORDINGS.en ? texts(text) : text;
}
