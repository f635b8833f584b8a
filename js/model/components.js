/**
 * Closed-form motions: functions of the phase 0…1 with a few parameters, a row each.
 *
 * A component is either a pose (shift, turn and growth of the whole layer) or a ripple (each place on its own). New ones are
 * a row here; the motion subtracts what a component gives at progress 0, so that every layer starts in its place.
 */

/** @import { Component, ComponentKind, Parameter, Pose } from "../types.js" */
/** @import { Field, Reader } from "./schema.js" */
/** @typedef {Readonly<Record<string, number>>} Values */

import { DocumentError } from "./errors.js";
import { hash32, smoothNoise } from "./noise.js";
import { choice, integer, number } from "./readers.js";
import { field, Place, readFields, readObject, writeFields } from "./schema.js";
import { frozen } from "./values.js";

export { hash32, smoothNoise };

const BOUNCES = 64;
const PIXELS = 10_000;
const RADIANS = Math.PI / 180;

const CYCLES = parameter("cycles", 2, 0, 100, "times");
const DAMPING = parameter("damping", 0, 0, 20);
const SEED = { ...parameter("seed", 1, 0, 2 ** 31 - 1), whole: true };

/** @type {Readonly<Record<string, ComponentKind>>} */
export const COMPONENTS = frozen({
  sway: {
    parameters: [parameter("amplitude", 16, 0, PIXELS, "px"), parameter("direction", 0, -360, 360, "°"), CYCLES, DAMPING],
    pose: sway,
  },
  pendulum: { parameters: [parameter("amplitude", 20, -360, 360, "°"), CYCLES, DAMPING], pose: pendulum },
  spring: {
    parameters: [
      parameter("x", 0, -PIXELS, PIXELS, "px"),
      parameter("y", -80, -PIXELS, PIXELS, "px"),
      parameter("cycles", 3, 0, 100, "times"),
      parameter("damping", 5, 0, 20),
    ],
    pose: spring,
  },
  breathe: { parameters: [parameter("amount", 0.06, -0.9, 10), CYCLES], pose: breathe },
  dolly: { parameters: [parameter("travel", 0.3, -10, 0.9)], pose: dolly },
  gravity: {
    parameters: [
      parameter("gravity", 1600, 1, 1e6, "px per run²"),
      parameter("floor", 200, 0, PIXELS, "px"),
      parameter("bounce", 0.6, 0, 0.95),
      parameter("speed_x", 0, -PIXELS, PIXELS, "px per run"),
      parameter("speed_y", 0, -PIXELS, PIXELS, "px per run"),
    ],
    pose: gravity,
  },
  shake: {
    parameters: [
      parameter("amplitude", 6, 0, 1000, "px"),
      parameter("roll", 0.6, 0, 90, "°"),
      parameter("frequency", 8, 0, 200, "per run"),
      SEED,
    ],
    pose: shake,
  },
  wave: {
    parameters: [
      parameter("amplitude", 10, 0, 1000, "px"),
      parameter("wavelength", 160, 4, PIXELS, "px"),
      CYCLES,
      parameter("heading", 0, -360, 360, "°"),
      parameter("direction", 90, -360, 360, "°"),
    ],
    ripple: wave,
  },
  burst: {
    parameters: [
      parameter("distance", 160, -PIXELS, PIXELS, "px"),
      parameter("spread", 0.5, 0, 1),
      parameter("grain", 32, 1, 1024, "px"),
      parameter("gravity", 0, -PIXELS, PIXELS, "px per run²"),
      SEED,
    ],
    ripple: burst,
  },
});

const KINDS = Object.keys(COMPONENTS);
const FIELDS = new Map(Object.entries(COMPONENTS).map(([kind, row]) => [kind, parameterFields(row.parameters)]));

/**
 * A component of `kind` with `values` over the defaults, checked.
 * @param {string} kind
 * @param {Values} [values]
 * @returns {Component}
 */
export function makeComponent(kind, values = {}) {
  return readComponent(new Map(Object.entries({ kind, ...values })), new Place(`The component ${kind}`));
}

/** @type {Reader<Component>} */
export function readComponent(value, place) {
  const found = readObject(value, place);
  if (!found.has("kind")) {
    throw new DocumentError(`${place} lacks the field "kind"; known kinds are ${KINDS.join(", ")}.`);
  }
  const kind = choice(KINDS)(found.get("kind"), place.at("kind"));
  const rest = new Map(found);
  rest.delete("kind");
  return Object.freeze({ kind, values: readFields(rest, place, fieldsOf(kind)) });
}

/**
 * The object that `readComponent` reads back.
 * @param {Component} component
 */
export function writeComponent({ kind, values }) {
  return { kind, ...writeFields(values, fieldsOf(kind)) };
}

/**
 * The fields that read the values of parameters.
 * @param {readonly Parameter[]} parameters
 * @returns {Readonly<Record<string, Field<number>>>}
 */
export function parameterFields(parameters) {
  const rows = parameters.map(({ name, low, high, whole, default: standard }) => {
    return [name, field(whole ? integer(low, high) : number(low, high), standard)];
  });
  return Object.fromEntries(rows);
}

/** @param {string} kind */
function fieldsOf(kind) {
  return FIELDS.get(kind) ?? {};
}

/**
 * @param {string} name
 * @param {number} standard
 * @param {number} low
 * @param {number} high
 * @param {string} [unit]
 * @returns {Parameter}
 */
export function parameter(name, standard, low, high, unit = "") {
  return { name, default: standard, low, high, unit, whole: false };
}

/**
 * A damped sine, 0 at phase 0.
 * @param {Values} values
 * @param {number} phase
 */
function swing(values, phase) {
  return Math.sin(2 * Math.PI * values.cycles * phase) * Math.exp(-values.damping * phase);
}

/** @type {(values: Values, phase: number) => Pose} */
function sway(values, phase) {
  const [along, angle] = [values.amplitude * swing(values, phase), values.direction * RADIANS];
  return { x: along * Math.cos(angle), y: along * Math.sin(angle), turn: 0, growth: 0 };
}

/** @type {(values: Values, phase: number) => Pose} */
function pendulum(values, phase) {
  return { x: 0, y: 0, turn: values.amplitude * swing(values, phase), growth: 0 };
}

/** @type {(values: Values, phase: number) => Pose} */
function spring(values, phase) {
  const arrived = 1 - Math.exp(-values.damping * phase) * Math.cos(2 * Math.PI * values.cycles * phase);
  return { x: values.x * arrived, y: values.y * arrived, turn: 0, growth: 0 };
}

/** @type {(values: Values, phase: number) => Pose} */
function breathe(values, phase) {
  const swell = (1 - Math.cos(2 * Math.PI * values.cycles * phase)) / 2;
  return { x: 0, y: 0, turn: 0, growth: Math.log(1 + values.amount * swell) };
}

/**
 * Scale of a thing that the camera nears by the share `travel` of its distance: 1 / (1 - travel * phase).
 * @type {(values: Values, phase: number) => Pose}
 */
function dolly(values, phase) {
  return { x: 0, y: 0, turn: 0, growth: -Math.log(Math.max(1 - values.travel * phase, 0.01)) };
}

/**
 * Fall from rest or a throw, and bounce off a floor; each bounce keeps the share `bounce` of the speed.
 * @type {(values: Values, phase: number) => Pose}
 */
function gravity(values, phase) {
  const { gravity: pull, floor, bounce, speed_x: across, speed_y: thrown } = values;
  const impact = Math.sqrt(thrown * thrown + 2 * pull * floor);
  let y = Math.min(thrown * phase + (pull * phase * phase) / 2, floor);
  let since = phase - (impact - thrown) / pull;
  let speed = impact;
  for (let count = 0; count < BOUNCES && since >= 0; count += 1) {
    speed *= bounce;
    y = Math.min(floor - speed * since + (pull * since * since) / 2, floor);
    since -= (2 * speed) / pull;
  }
  return { x: across * phase, y: since >= 0 ? floor : y, turn: 0, growth: 0 };
}

/** @type {(values: Values, phase: number) => Pose} */
function shake({ amplitude, roll, frequency, seed }, phase) {
  const at = frequency * phase;
  const [x, y, turn] = [octaves(seed, 0, at), octaves(seed, 1, at), octaves(seed, 2, at)];
  return { x: amplitude * x, y: amplitude * y, turn: roll * turn, growth: 0 };
}

/**
 * Two octaves of noise.
 * @param {number} seed
 * @param {number} channel
 * @param {number} at
 */
function octaves(seed, channel, at) {
  return (smoothNoise(seed, channel, at) + smoothNoise(seed, channel + 3, 2 * at) / 2) / 1.5;
}

/**
 * A sine that travels along `heading` and moves places along `direction`.
 * @type {(values: Values, places: Float64Array, phase: number) => Float64Array}
 */
function wave(values, places, phase) {
  const [heading, direction] = [values.heading * RADIANS, values.direction * RADIANS];
  const [cos, sin, across, down] = [Math.cos(heading), Math.sin(heading), Math.cos(direction), Math.sin(direction)];
  const moved = new Float64Array(places.length);
  for (let at = 0; at < places.length; at += 2) {
    const along = places[at] * cos + places[at + 1] * sin;
    const height = values.amplitude * Math.sin(2 * Math.PI * (values.cycles * phase - along / values.wavelength));
    moved[at] = height * across;
    moved[at + 1] = height * down;
  }
  return moved;
}

/**
 * Square fragments of `grain` pixels fly from the anchor, each at its own speed, and fall.
 * @type {(values: Values, places: Float64Array, phase: number) => Float64Array}
 */
function burst({ distance, spread, grain, gravity: pull, seed }, places, phase) {
  const moved = new Float64Array(places.length);
  for (let at = 0; at < places.length; at += 2) {
    const [column, row] = [Math.floor(places[at] / grain), Math.floor(places[at + 1] / grain)];
    const speed = distance * (1 + spread * hash32(seed, 7, (column & 0xffff) * 65536 + (row & 0xffff)));
    const [x, y] = [(column + 0.5) * grain, (row + 0.5) * grain];
    const flown = (speed * phase) / Math.max(Math.sqrt(x * x + y * y), 1e-9);
    moved[at] = x * flown;
    moved[at + 1] = y * flown + (pull * phase * phase) / 2;
  }
  return moved;
}
