/** Icons of the panels, in the style of icons.js: lines on a grid of 20 x 20. */

import { s } from "./icons.js";

const DRAWINGS = {
  seen: [
    "M2.6 10C4.2 7 6.8 5 10 5S15.8 7 17.4 10C15.8 13 13.2 15 10 15S4.2 13 2.6 10Z",
    "M7.8 10A2.2 2.2 0 1 0 12.2 10 2.2 2.2 0 1 0 7.8 10",
  ],
  unseen: ["M2.6 10C4.2 7 6.8 5 10 5S15.8 7 17.4 10C15.8 13 13.2 15 10 15S4.2 13 2.6 10Z", "M4.4 16 15.6 4"],
  locked: ["M5 9H15V16H5Z", "M7 9V6.6A3 3 0 0 1 13 6.6V9"],
  unlocked: ["M5 9H15V16H5Z", "M7 9V6A3 3 0 0 1 12.7 4.8"],
  graph: ["M3 16H17", "M3.4 14C7 14 7.4 5 10 5S13 14 16.6 14"],
  chevron: ["M6 8 10 12 14 8"],
  remove: ["M5.6 5.6 14.4 14.4M14.4 5.6 5.6 14.4"],
  add: ["M10 4.4V15.6M4.4 10H15.6"],
  middle: ["M10 3V7M10 13V17M3 10H7M13 10H17", "M8.6 10A1.4 1.4 0 1 0 11.4 10 1.4 1.4 0 1 0 8.6 10"],
  up: ["M10 15.6V4.8", "M5.6 9 10 4.6 14.4 9"],
  down: ["M10 4.4V15.2", "M5.6 11 10 15.4 14.4 11"],
  top: ["M10 17V7.4", "M5.6 11.4 10 7 14.4 11.4", "M4.6 3.6H15.4"],
  bottom: ["M10 3V12.6", "M5.6 8.6 10 13 14.4 8.6", "M4.6 16.4H15.4"],
};

/** @typedef {keyof typeof DRAWINGS} PanelIcon */

/**
 * @param {PanelIcon} name
 * @returns {SVGSVGElement} hidden from screen readers: the control around it has the name
 */
export function panelIcon(name) {
  const paths = DRAWINGS[name].map((d) => s("path", { d }));
  return s("svg", { class: "wanmove-icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, ...paths);
}
