/** The same editor over the whole window. */

import { h } from "../editor/dom.js";
import { createLifetime } from "../editor/lifetime.js";
import { mountEditor } from "../editor/mount.js";

/** @import { EditorHost, MountedEditor } from "../types.js" */

const STYLE =
  "position:fixed;inset:0;width:100vw;height:100vh;max-width:none;max-height:none;margin:0;padding:0;border:0;" +
  "pointer-events:auto;overflow:hidden";

/**
 * Opens the dialog; it keeps what was drawn when it closes, however it closes.
 *
 * @param {EditorHost} host
 * @param {() => void} closed called once
 * @returns {MountedEditor}
 */
export function openDialog(host, closed) {
  const dialog = h("dialog", { style: STYLE, class: "wanmove-dialog" });
  document.body.append(dialog);
  const lifetime = createLifetime();
  // The editor itself decides what Escape means, and closes at last.
  lifetime.listen(dialog, "cancel", (event) => event.preventDefault());
  dialog.showModal();
  const editor = mountEditor(dialog, { ...host, size: "full", close: () => end() });
  editor.focus();
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    lifetime.dispose();
    editor.dispose();
    dialog.close();
    dialog.remove();
    closed();
  };
  return { ...editor, dispose: end };
}
