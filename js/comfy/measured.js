/** What a node measured of a run, for the editors that its tracks came from. Kept in memory, in no file. */

import { readMeasured } from "../model/measured.js";
import { nodeOfRun, tracksUpstream } from "./upstream.js";
import { keyOf } from "./view_memory.js";

/** @import { Measured, MeasuredRun } from "../types.js" */
/** @import { Comfy, ComfyNode } from "./host.js" */

/** The key under which a node that measures sends what it found, and the input that the tracks come in by. */
const MEASURED_KEY = "wanmove_measured";
const TRACKS_INPUT = "tracks";
const MOST = 64;

/** By the editor's node. @type {Map<string, MeasuredRun>} */
const memory = new Map();

/**
 * What a message of the host that a node has run says of the tracks of this editor; null = nothing.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} editor
 * @param {Event} event "executed"
 * @returns {Measured | null}
 */
export function measuredFor(comfy, editor, event) {
  const { node, output } = /** @type {{ node?: string | number, output?: unknown }} */ (
    /** @type {CustomEvent} */ (event).detail ?? {}
  );
  if (node === undefined || typeof output !== "object" || output === null || !(MEASURED_KEY in output)) return null;
  const measuring = nodeOfRun(comfy, node);
  if (!measuring || !tracksUpstream(comfy, measuring, TRACKS_INPUT).includes(editor)) return null;
  const sent = output[MEASURED_KEY];
  return readMeasured(Array.isArray(sent) ? sent[0] : sent);
}

/**
 * @param {ComfyNode} node
 * @param {MeasuredRun} run
 */
export function rememberMeasured(node, run) {
  const key = keyOf(node);
  memory.delete(key);
  memory.set(key, run);
  for (const oldest of memory.keys()) if (memory.size > MOST) memory.delete(oldest);
}

/**
 * @param {ComfyNode} node
 * @returns {MeasuredRun | null}
 */
export function recallMeasured(node) {
  return memory.get(keyOf(node)) ?? null;
}
