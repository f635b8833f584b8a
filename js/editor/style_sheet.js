/** The editor's style sheet: one link in a page, for as long as an editor is there. */

import { h } from "./dom.js";

/** @import { Lifetime } from "../types.js" */

/** @type {WeakMap<Document, { link: HTMLLinkElement, users: number, loaded: boolean }>} */
const sheets = new WeakMap();

/**
 * Hides the root until the styles are there, so that nothing flashes by unstyled.
 *
 * @param {HTMLElement} root
 * @param {Lifetime} lifetime
 */
export function useStyleSheet(root, lifetime) {
  const page = root.ownerDocument;
  const sheet = sheets.get(page) ?? addSheet(page);
  sheet.users += 1;
  lifetime.also(() => {
    sheet.users -= 1;
    if (sheet.users > 0) return;
    sheet.link.remove();
    sheets.delete(page);
  });
  if (sheet.loaded) return;
  root.style.visibility = "hidden";
  for (const type of ["load", "error"]) {
    lifetime.listen(sheet.link, type, () => {
      sheet.loaded = true;
      root.style.visibility = "";
    });
  }
}

/** @param {Document} page */
function addSheet(page) {
  const link = h("link", { rel: "stylesheet", href: new URL("editor.css", import.meta.url).href });
  page.head.append(link);
  const sheet = { link, users: 0, loaded: false };
  sheets.set(page, sheet);
  return sheet;
}
