/** @import { Wording } from "../../types.js" */

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const comfy = {
  en: { "comfy.before": "Picture before {nodes}; after the first run the real one is shown." },
  zh: { "comfy.before": "这是 {nodes} 之前的图片；首次运行后显示实际图片。" },
};
