/** Where the corners of a cutout's mesh are at a moment. */

import { makeRipple } from "../../model/motion.js";
import { makeMesh, makeTiles, tears } from "./mesh.js";

/** @import { Affine, Box, Layer } from "../../types.js" */
/** @import { Mesh } from "./mesh.js" */
/** @import { ShownCut } from "./warp_scene.js" */

/** @typedef {{ mesh: Mesh, middles: Float64Array }} Tiles */
/** What makes a layer's ripple for a mesh or for tiles. @typedef {{ points: Float64Array, at: (progress: number) => Float64Array }} Ripple */

/** Reference px. */
const CELL = 8;
const MOST_KEPT = 600;

export class MovedMeshes {
  /** @type {Map<string, Mesh>} */
  #meshes = new Map();
  /** @type {Map<string, Tiles>} */
  #tiles = new Map();
  /** @type {WeakMap<Layer, Map<Float64Array, Ripple>>} */
  #ripples = new WeakMap();

  /**
   * A grid over a box, the same object each time.
   *
   * @param {Box} box
   * @param {number} cell reference pixels, infinite for one cell
   */
  grid(box, cell) {
    return kept(this.#meshes, `${box} ${cell}`, () => makeMesh(box, cell));
  }

  /**
   * A cutout's mesh and where its points are [N * 2]; one that its ripple tears apart is made of tiles.
   *
   * @param {ShownCut} cut
   * @param {number} progress
   * @returns {{ mesh: Mesh, moved: Float64Array }}
   */
  cutout({ layer, box, affine, ripples }, progress) {
    if (!ripples) {
      const mesh = this.grid(box, Number.POSITIVE_INFINITY);
      return { mesh, moved: transformed(mesh.places, affine) };
    }
    const mesh = this.grid(box, CELL);
    const ripple = this.#rippleOf(layer, mesh.places, progress);
    if (!tears(mesh, ripple)) return { mesh, moved: transformed(sum(mesh.places, ripple), affine) };
    const tiles = kept(this.#tiles, String(box), () => makeTiles(box, CELL));
    const whole = this.#rippleOf(layer, tiles.middles, progress);
    const shifts = tiles.mesh.places.map((_, index) => whole[2 * (index >> 3) + (index & 1)]);
    return { mesh: tiles.mesh, moved: transformed(sum(tiles.mesh.places, shifts), affine) };
  }

  /**
   * @param {Layer} layer
   * @param {Float64Array} points
   * @param {number} progress
   */
  #rippleOf(layer, points, progress) {
    let known = this.#ripples.get(layer);
    if (!known) {
      known = new Map();
      this.#ripples.set(layer, known);
    }
    let ripple = known.get(points);
    if (!ripple) {
      ripple = { points, at: makeRipple(layer, points) };
      known.set(points, ripple);
    }
    return ripple.at(progress);
  }
}

/**
 * @template T
 * @param {Map<string, T>} known
 * @param {string} key
 * @param {() => T} make
 */
function kept(known, key, make) {
  const before = known.get(key);
  if (before) return before;
  if (known.size >= MOST_KEPT) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}

/**
 * @param {Float64Array} points
 * @param {Float64Array} shifts
 */
function sum(points, shifts) {
  return points.map((value, index) => value + shifts[index]);
}

/**
 * @param {Float64Array} points
 * @param {Affine} affine
 */
function transformed(points, [a, b, left, c, d, top]) {
  const moved = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    moved[i] = a * points[i] + b * points[i + 1] + left;
    moved[i + 1] = c * points[i] + d * points[i + 1] + top;
  }
  return moved;
}
