/** What is said about the picture: where it comes from when that is a guess, or that there is none. */

import { h } from "./dom.js";

/** @import { Picture } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/**
 * @param {Shell} shell
 * @returns {{ element: HTMLElement, show: (picture: Picture | null) => void }}
 */
export function createPictureNote({ context: { texts, host }, lifetime }) {
  const words = h("span", {});
  const open = h("button", { type: "button", class: "wanmove-small-button" }, texts("command.open"));
  const element = h("div", { class: "wanmove-picture-note" }, words, open);
  lifetime.listen(open, "click", () => host.openPicture?.());
  return {
    element,
    show(picture) {
      words.textContent = picture ? (picture.note ?? "") : texts("shell.no-picture");
      open.hidden = picture !== null || host.openPicture === undefined;
      element.hidden = picture !== null && !picture.note;
    },
  };
}
