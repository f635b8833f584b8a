/** The panels: timeline and inspector. */

import { inspector } from "./inspector.js";
import { timeline } from "./timeline.js";

/** @import { Wording } from "../../types.js" */

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const panels = { en: { ...timeline.en, ...inspector.en }, zh: { ...timeline.zh, ...inspector.zh } };
