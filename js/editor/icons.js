/** The editor's icons: one set, lines of 1.6 on a grid of 20 x 20, in the colour of the text around them. */

const NAMESPACE = "http://www.w3.org/2000/svg";

/** A full dot. @param {number} x @param {number} y @param {number} [radius] */
const dot = (x, y, radius = 1.5) => ({ x, y, radius, full: true });
/** A ring. @param {number} x @param {number} y @param {number} radius */
const ring = (x, y, radius) => ({ x, y, radius, full: false });
/** A filled outline. @param {string} path */
const full = (path) => ({ path });

/**
 * Strings are SVG paths drawn as lines.
 *
 * @satisfies {Record<string, readonly (string | { x: number, y: number, radius: number, full: boolean } | { path: string })[]>}
 */
const DRAWINGS = {
  // Tools.
  select: ["M5 3 15.6 9.3 10.9 10.7 8.4 15.2Z"],
  points: ["M4.5 15 8.5 7 15.5 5", dot(4.5, 15, 1.9), dot(8.5, 7, 1.9), dot(15.5, 5, 1.9)],
  pen: ["M10 2.6 13.8 8.6 12.2 13.4H7.8L6.2 8.6Z", "M10 2.8V8", dot(10, 9.2, 1.3), "M7 17H13"],
  pencil: ["M13.4 3.4 16.6 6.6 7.2 16 3.4 16.6 4 12.8Z", "M11.4 5.4 14.6 8.6"],
  record: [ring(10, 10, 6.8), dot(10, 10, 3)],
  pin: ["M7 3H13", "M8 3V8L5.4 11.2H14.6L12 8V3", "M10 11.2V17"],
  rectangle: ["M3.5 5H16.5V15H3.5Z"],
  disc: [ring(10, 10, 6.6)],
  lasso: [
    "M8.3 12.6C5.2 12.3 3 10.6 3 8.2 3 5.6 6.1 3.6 10 3.6S17 5.6 17 8.2 13.9 12.8 10 12.8",
    "M8.2 12.4C6.2 12 4.8 13 5 14.2S7.4 15.4 8.2 14.4 8 11.6 7 10.4",
    "M6.6 15.4C7 16.2 6.6 17 5.6 17.4",
  ],
  brush: [
    "M16.6 3.4C13.4 4.4 10.4 7.2 9 10.2L10.8 12C13.8 10.4 16.2 7 16.6 3.4Z",
    "M8.8 11C6.2 10.8 5.6 12.6 5.4 14.2 5.2 15.4 4.4 16.2 3.2 16.4 6.4 17.4 10.6 16.4 10.6 12.6",
  ],
  smart: ["M3.6 16.4 11 9", "M13 3V7.4M10.8 5.2H15.2", "M16 9.6V12.4M14.6 11H17.4", "M7 3.4V5.8M5.8 4.6H8.2"],
  camera: ["M3 6H12.2V14H3Z", "M12.2 9 17 6.6V13.4L12.2 11"],
  hand: [
    "M6.6 11V5.4A1.1 1.1 0 0 1 8.8 5.4V9M8.8 9V4.2A1.1 1.1 0 0 1 11 4.2V9M11 9V5A1.1 1.1 0 0 1 13.2 5V9.4M13.2 9.4V7A1.1 1.1 0 0 1 15.4 7V12C15.4 15 13.6 17 10.8 17 8.4 17 7.4 16 6.4 14.4L4.2 11C3.6 10 4.8 9 5.8 10L6.6 11",
  ],
  zoom: [ring(8.8, 8.8, 5.4), "M12.8 12.8 17 17", "M8.8 6.6V11M6.6 8.8H11"],
  // Edits.
  undo: ["M7.4 4 3.8 7.6 7.4 11.2", "M3.8 7.6H11.8A4.3 4.3 0 0 1 11.8 16.2H8"],
  redo: ["M12.6 4 16.2 7.6 12.6 11.2", "M16.2 7.6H8.2A4.3 4.3 0 0 0 8.2 16.2H12"],
  "pin-rest": [
    "M3 6.2V3H6.2M13.8 3H17V6.2M17 13.8V17H13.8M6.2 17H3V13.8",
    "M8.4 6H11.6M9 6V8.8L7.2 11H12.8L11 8.8V6M10 11V14.2",
  ],
  presets: ["M9 5.4H16.6V14.6H9Z", "M2.6 7H6M3.6 10H6M2.6 13H6"],
  duplicate: ["M7.4 7.4H16.6V16.6H7.4Z", "M4.6 12.6H3.4V3.4H12.6V4.6"],
  delete: ["M3.8 6H16.2", "M7.6 6V3.6H12.4V6", "M5.4 6 6.2 16.6H13.8L14.6 6"],
  key: ["M10 4 16 10 10 16 4 10Z"],
  // Overlays.
  dots: [dot(3.6, 15), dot(6.4, 11), dot(9.4, 7.8), dot(12.8, 5.8), dot(16.6, 4.8)],
  warp: ["M4 4.6C8 3 12 6.2 16 4.6V15.4C12 17 8 13.8 4 15.4Z", "M4 10C8 8.4 12 11.6 16 10", "M10 4.6V15.4"],
  model: ["M2.6 10C4.2 7 6.8 5 10 5S15.8 7 17.4 10C15.8 13 13.2 15 10 15S4.2 13 2.6 10Z", full("M7.8 7.8H12.2V12.2H7.8Z")],
  coverage: [
    "M3.4 3.4H16.6V16.6H3.4Z",
    "M7.8 3.4V16.6M12.2 3.4V16.6M3.4 7.8H16.6M3.4 12.2H16.6",
    full("M7.8 7.8H12.2V12.2H7.8ZM12.2 3.4H16.6V7.8H12.2Z"),
  ],
  achieved: ["M4 15.6C6 9.6 9 6.4 14 5.2", ring(15.4, 5.2, 2), "M4 15.6C8 14.6 11.6 14.4 14.2 14.4", dot(15.6, 14.4, 2)],
  onion: [ring(6.6, 12, 3.6), "M9.4 7.2A4 4 0 1 1 12 14.4", "M14 4.4A4 4 0 0 1 16.8 9.6"],
  // The rest.
  play: [full("M6 3.8 16.2 10 6 16.2Z")],
  pause: [full("M5.4 4H8.6V16H5.4ZM11.4 4H14.6V16H11.4Z")],
  first: ["M4.6 4.4V15.6", full("M15.6 4.4V15.6L7 10Z")],
  last: ["M15.4 4.4V15.6", full("M4.4 4.4V15.6L13 10Z")],
  "key-back": ["M7 5.6 2.8 10 7 14.4", full("M13 6 17 10 13 14 9 10Z")],
  "key-on": ["M13 5.6 17.2 10 13 14.4", full("M7 6 11 10 7 14 3 10Z")],
  more: [dot(4.4, 10, 1.7), dot(10, 10, 1.7), dot(15.6, 10, 1.7)],
  enlarge: ["M11.8 3.4H16.6V8.2", "M16.6 3.4 11.2 8.8", "M8.2 16.6H3.4V11.8", "M3.4 16.6 8.8 11.2"],
  help: [ring(10, 10, 7), "M7.9 7.9A2.2 2.2 0 1 1 11.2 9.8C10.4 10.3 10 10.7 10 11.6", dot(10, 14, 1)],
  revert: ["M4.2 7A6.6 6.6 0 1 1 3.4 10.6", "M3.6 3.4 4 7.2 7.8 6.8", "M10 6.4V10.2L12.6 11.8"],
  close: ["M4.8 4.8 15.2 15.2M15.2 4.8 4.8 15.2"],
  open: ["M3 4.4H17V15.6H3Z", "M3 13 7 9 10.4 12.4 12.6 10.2 17 14.4", ring(12.8, 7.6, 1)],
  export: ["M10 3V11.6", "M6.4 8.2 10 11.8 13.6 8.2", "M3.6 13.4V16.6H16.4V13.4"],
  warning: ["M10 3 17.6 16.4H2.4Z", "M10 7.8V11.4", dot(10, 13.8, 1)],
  check: ["M4 10.6 8 14.6 16 5.4"],
  inspector: ["M3 4H17V16H3Z", "M12.4 4V16"],
  timeline: ["M3 4H17V16H3Z", "M3 11H17"],
  plus: ["M10 4.4V15.6M4.4 10H15.6"],
  minus: ["M4.4 10H15.6"],
  fit: ["M3.4 7V3.4H7M13 3.4H16.6V7M16.6 13V16.6H13M7 16.6H3.4V13", "M7 7.6H13V12.4H7Z"],
};

/** @typedef {keyof typeof DRAWINGS} IconName */

/** All names, for a test and a contact sheet. */
export const ICON_NAMES = /** @type {IconName[]} */ (Object.keys(DRAWINGS));

/**
 * @param {IconName} name
 * @returns {SVGSVGElement} hidden from screen readers: the control around it has the name
 */
export function icon(name) {
  const svg = s("svg", { class: "wanmove-icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" });
  for (const part of DRAWINGS[name]) svg.append(drawn(part));
  return svg;
}

/**
 * An SVG element in one call.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Readonly<Record<string, string | number>>} attributes
 * @param {...Node} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @param {string | { x: number, y: number, radius: number, full: boolean } | { path: string }} part */
function drawn(part) {
  if (typeof part === "string") return s("path", { d: part });
  if ("path" in part) return s("path", { d: part.path, class: "wanmove-icon-full" });
  const { x, y, radius } = part;
  return s("circle", { cx: x, cy: y, r: radius, ...(part.full ? { class: "wanmove-icon-full" } : {}) });
}
