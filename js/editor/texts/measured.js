/** @import { Wording } from "../../types.js" */

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const measured = {
  en: {
    "measured.mean": "Last run: mean error {mean} px",
    "measured.within": "{percent} % within 8 px",
    "measured.lost": "{percent} % lost",
    "measured.nothing": "Last run: no track could be measured",
    "measured.older": "of an older drawing",
    "measured.what":
      "Rings: asked. Dots: achieved, from green (2 px) over yellow (8 px) to red (16 px). Crosses: lost. Pixels of a video of 832 × 480.",
  },
  zh: {
    "measured.mean": "上次运行：平均误差 {mean} 像素",
    "measured.within": "{percent} % 在 8 像素内",
    "measured.lost": "{percent} % 丢失",
    "measured.nothing": "上次运行：没有可测量的轨迹",
    "measured.older": "对应较早的绘制",
    "measured.what": "圆环：要求的位置。圆点：实际位置，由绿（2 像素）经黄（8）到红（16）。叉号：丢失。以 832 × 480 的视频计。",
  },
};
