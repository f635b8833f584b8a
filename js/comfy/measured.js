/** What a node measured of a run, for the editors that its tracks came from. Kept in memory, in no file. */

import { readMeasured } from "../model/measured.js";
import { nodeOfRun, tracksUpstream } from "./upstream.js";
import { keyOf } from "./view_memory.js";

/** @import { Lifetime, Measured, MeasuredRun } from "../types.js" */
/** @import { Comfy, ComfyNode } from "./host.js" */

/** The key under which a node that measures sends what it found, and the input that the tracks come in by. */
const MEASURED_KEY = "wanmove_measured";
const TRACKS_INPUT = "tracks";
const MOST = 64;

/** By the editor's node. @type {Map<string, MeasuredRun>} */
const memory = new Map();

/**
 * Shows an editor what is measured of its tracks while it lives. A result belongs to the drawing that its run was queued with,
 * which may have waited while somebody drew on; where the host does not say which one that was, to the one that was there when
 * the run began.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node the editor's
 * @param {Lifetime} lifetime
 * @param {{ text: () => string, show: (run: MeasuredRun) => void }} means the document as it is now; shows a result
 */
export function followRuns(comfy, node, lifetime, { text, show }) {
  /** The last run that began. @type {{ prompt: unknown, document: string, measured: Measured | null } | null} */
  let ran = null;
  let isOver = false;
  lifetime.also(() => {
    isOver = true;
  });
  const tell = (/** @type {Measured} */ measured) => {
    const run = { measured, document: ran?.document ?? text() };
    rememberMeasured(node, run);
    show(run);
  };
  lifetime.listen(comfy.api, "execution_start", async (event) => {
    const mine = { prompt: detailOf(event).prompt_id, document: text(), measured: null };
    ran = mine;
    const document = await queuedDocument(comfy, node, mine.prompt);
    if (document === null || ran !== mine || isOver) return;
    mine.document = document;
    if (mine.measured) tell(mine.measured);
  });
  lifetime.listen(comfy.api, "executed", (event) => {
    const measured = measuredFor(comfy, node, event);
    if (!measured) return;
    if (ran) ran.measured = measured;
    tell(measured);
  });
}

/**
 * What a message of the host that a node has run says of the tracks of this editor; null = nothing.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} editor
 * @param {Event} event "executed"
 * @returns {Measured | null}
 */
export function measuredFor(comfy, editor, event) {
  const { node, output } = detailOf(event);
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
function rememberMeasured(node, run) {
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

/**
 * The document that a node had when the prompt that runs now was queued; null = the host does not say.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @param {unknown} prompt its id
 * @returns {Promise<string | null>}
 */
async function queuedDocument(comfy, node, prompt) {
  try {
    const answer = await comfy.api.fetchApi("/queue");
    /** @type {{ queue_running?: [unknown, unknown, Record<string, { inputs?: { document?: unknown } }>][] }} */
    const { queue_running: running = [] } = await answer.json();
    const nodes = running.find(([, id]) => id === prompt)?.[2] ?? {};
    const own = Object.keys(nodes).find((id) => nodeOfRun(comfy, id) === node);
    const text = own === undefined ? null : nodes[own].inputs?.document;
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}

/**
 * @param {Event} event of the host
 * @returns {{ node?: string | number, output?: unknown, prompt_id?: unknown }}
 */
function detailOf(event) {
  return /** @type {CustomEvent} */ (event).detail ?? {};
}
