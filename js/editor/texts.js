/** The editor's words, English and Chinese. Each part of the editor keeps its own file below texts/. */

import { comfy } from "./texts/comfy.js";
import { findings } from "./texts/findings.js";
import { measured } from "./texts/measured.js";
import { notices } from "./texts/notices.js";
import { panels } from "./texts/panels.js";
import { shell } from "./texts/shell.js";
import { stage } from "./texts/stage.js";

/** @import { Texts, Wording } from "../types.js" */

const LANGUAGES = /** @type {const} */ (["en", "zh"]);

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const WORDINGS = {
  en: { ...comfy.en, ...findings.en, ...measured.en, ...notices.en, ...panels.en, ...shell.en, ...stage.en },
  zh: { ...comfy.zh, ...findings.zh, ...measured.zh, ...notices.zh, ...panels.zh, ...shell.zh, ...stage.zh },
};

/**
 * The words of a locale ("zh", "zh-TW", "de" ...), English where there are none. `{name}` stands for a value.
 *
 * @param {string} locale
 * @returns {Texts}
 */
export function createTexts(locale) {
  const language = LANGUAGES.find((known) => locale.toLowerCase().startsWith(known)) ?? "en";
  return (key, values = {}) => {
    const text = WORDINGS[language][key] ?? WORDINGS.en[key];
    if (text === undefined) throw new Error(`The editor has no text "${key}".`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  };
}
