/**
 * Motion presets: a row each. Applying one writes ordinary fields of the motion, which stay editable afterwards.
 *
 * A preset changes only the part of the motion that it is about (path, keys or a component of its kind), so presets add up:
 * a pan and a handheld shake on one layer are both kept.
 */

/** @import { Layer, Motion, Pair, Parameter, Path, TrackDocument } from "../types.js" */

import { COMPONENTS, parameter, parameterFields } from "./components.js";
import { DocumentError } from "./errors.js";
import { Place, readFields } from "./schema.js";
import { bounds, centre } from "./shapes.js";
import { frozen } from "./values.js";

/** Length of the handles that make four cubic Bezier segments a circle of radius 1: 4/3 (sqrt 2 - 1). */
const CIRCLE_HANDLE = 0.5522847498307936;
const PIXELS = 10_000;

/** @typedef {Readonly<Record<string, number>>} Values */

/**
 * What a preset is put on, in reference pixels; middle and top are those of the region's box.
 * @typedef {{ readonly anchor: Pair, readonly middle: Pair, readonly top: number }} Subject
 */

/** @typedef {(motion: Motion, values: Values, subject: Subject) => Motion} Change */

/**
 * What the menu shows, what can be set, and what it makes of a motion.
 * @typedef {{ readonly name: string, readonly label: string, readonly parameters: readonly Parameter[], readonly change: Change }} Preset
 */

/** @type {readonly Preset[]} */
export const PRESETS = frozen([
  {
    name: "pan",
    label: "Pan: straight across",
    parameters: [parameter("x", 160, -PIXELS, PIXELS, "px"), parameter("y", 0, -PIXELS, PIXELS, "px")],
    change: pan,
  },
  { name: "zoom", label: "Zoom: grow or shrink", parameters: [parameter("scale", 1.3, 0.01, 100)], change: zoom },
  { name: "dolly", label: "Dolly: come nearer, faster and faster", ...componentRow("dolly") },
  { name: "roll", label: "Roll: turn clockwise", parameters: [parameter("angle", 15, -36_000, 36_000, "°")], change: roll },
  {
    name: "orbit",
    label: "Orbit: round an ellipse",
    parameters: [
      parameter("radius_x", 60, -PIXELS, PIXELS, "px"),
      parameter("radius_y", 60, -PIXELS, PIXELS, "px"),
      parameter("cycles", 1, 0.01, 100, "times"),
    ],
    change: orbit,
  },
  {
    name: "pendulum",
    label: "Pendulum: swing from above",
    parameters: [...COMPONENTS.pendulum.parameters, parameter("length", 0, 0, PIXELS, "px")],
    change: pendulum,
  },
  { name: "sway", label: "Sway: to and fro", ...componentRow("sway") },
  { name: "wave", label: "Wave: ripple like cloth or water", ...componentRow("wave") },
  { name: "gravity", label: "Gravity: fall and bounce", ...componentRow("gravity") },
  { name: "spring", label: "Spring: jump there and settle", ...componentRow("spring") },
  { name: "breathe", label: "Breathe: swell and sink", ...componentRow("breathe") },
  {
    name: "explode",
    label: "Explode: fly apart in fragments",
    parameters: COMPONENTS.burst.parameters,
    change: explode,
  },
  { name: "shake", label: "Handheld: the shake of a held camera", ...componentRow("shake") },
]);

/**
 * The layer with the preset's motion written into it.
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {string} name
 * @param {Values} [values] parameters by name; those left out take their defaults
 * @returns {Layer}
 * @throws {DocumentError} no such preset or parameter, or a value out of its limits
 */
export function applyPreset(document, layer, name, values = {}) {
  const preset = PRESETS.find((row) => row.name === name);
  if (!preset) {
    const names = PRESETS.map((row) => row.name).join(", ");
    throw new DocumentError(`There is no motion preset "${name}"; there are ${names}.`);
  }
  const place = new Place(`The preset "${name}"`);
  const given = readFields(new Map(Object.entries(values)), place, parameterFields(preset.parameters));
  return frozen({ ...layer, motion: preset.change(layer.motion, given, subjectOf(document, layer)) });
}

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {Subject}
 */
function subjectOf({ width, height }, { region, motion }) {
  const middle = centre(region, width, height);
  return { anchor: motion.anchor ?? middle, middle, top: bounds(region, width, height)[1] };
}

/** @type {Change} */
function pan(motion, { x, y }) {
  return {
    ...motion,
    path: pathOf("linear", [
      [0, 0],
      [x, y],
    ]),
  };
}

/** @type {Change} */
function zoom(motion, { scale }) {
  return { ...motion, scale: fromTo(1, scale) };
}

/** @type {Change} */
function roll(motion, { angle }) {
  return { ...motion, rotation: fromTo(0, angle) };
}

/**
 * A closed ellipse through the layer's place, its middle `radius_x` to the right; clockwise if that is positive.
 * @type {Change}
 */
function orbit(motion, { radius_x: x, radius_y: y, cycles }) {
  /** @type {Pair[]} */
  const corners = [
    [0, 0],
    [x, -y],
    [2 * x, 0],
    [x, y],
    [0, 0],
  ];
  const leaving = [
    [0, -y],
    [x, 0],
    [0, y],
    [-x, 0],
    [0, -y],
  ].map((way) => way.map((part) => part * CIRCLE_HANDLE));
  /** @type {Path["handles"]} */
  const handles = leaving.map(([across, down]) => [-across, -down, across, down]);
  const timing = /** @type {const} */ ({ ...motion.timing, repeat: "loop", cycles });
  return { ...motion, path: pathOf("bezier", corners, handles), timing };
}

/**
 * Swings about a point `length` pixels above the region's middle; 0 = the top of its box.
 * @type {Change}
 */
function pendulum(motion, { length, ...values }, { middle: [x, y], top }) {
  return { ...withComponent("pendulum", motion, values), anchor: [x, length ? y - length : top] };
}

/** @type {Change} */
function explode(motion, values, { anchor }) {
  return { ...withComponent("burst", motion, values), anchor };
}

/**
 * Parameters and change of a preset that is a component.
 * @param {string} kind
 * @returns {Pick<Preset, "parameters" | "change">}
 */
function componentRow(kind) {
  return { parameters: COMPONENTS[kind].parameters, change: (motion, values) => withComponent(kind, motion, values) };
}

/**
 * The motion with its component of this kind set to `values`.
 * @param {string} kind
 * @param {Motion} motion
 * @param {Values} values
 * @returns {Motion}
 */
function withComponent(kind, motion, values) {
  return { ...motion, components: [...motion.components.filter((part) => part.kind !== kind), { kind, values }] };
}

/**
 * @param {number} start
 * @param {number} end
 * @returns {Motion["scale"]}
 */
function fromTo(start, end) {
  return [
    { time: 0, value: start, easing: "linear" },
    { time: 1, value: end, easing: "linear" },
  ];
}

/**
 * @param {Path["kind"]} kind
 * @param {readonly Pair[]} points
 * @param {Path["handles"]} [handles]
 * @returns {Path}
 */
function pathOf(kind, points, handles = []) {
  return { kind, points, handles, times: [] };
}
