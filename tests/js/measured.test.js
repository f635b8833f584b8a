/** What a run achieved: read, mapped onto the picture, coloured, and given to the editors that it came from. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { followRuns, measuredFor, recallMeasured } from "../../js/comfy/measured.js";
import { nodeOfRun } from "../../js/comfy/upstream.js";
import { actionOf } from "../../js/editor/commands.js";
import { isOf } from "../../js/editor/measured_note.js";
import { initialState, reduce } from "../../js/editor/reducer.js";
import { makeDocument, serialiseDocument } from "../../js/model/document.js";
import { errorAt, errorColour, lastFollowed, measuredFrame, measuredToImage, readMeasured } from "../../js/model/measured.js";

/** @import { Comfy, ComfyNode } from "../../js/comfy/host.js" */
/** @import { Clip, Lifetime, Measured } from "../../js/types.js" */

/** @type {Clip} */
const CLIP = { width: 832, height: 480, length: 5, fps: 16, fit: "crop" };
const SENT = {
  ...{ width: 832, height: 480, length: 3 },
  requested: [
    [0, 0, 10, 0, 20, 0],
    [50, 50, 50, 50, 50, 50],
  ],
  achieved: [
    [0, 0, 13, 4, 20, 16],
    [50, 50, 50, 50, 99, 99],
  ],
  followed: [
    [1, 1, 1],
    [1, 1, 0],
  ],
  summary: { mean_px_at_832x480: 3.25, within_8_px_percent: 75, lost_percent: null, tracker: "flow" },
};

/** @returns {Measured} */
const read = (changes = {}) => {
  const measured = readMeasured({ ...SENT, ...changes });
  assert.ok(measured);
  return measured;
};

test("what a node sent is read with its figures", () => {
  const measured = read();
  assert.deepEqual([measured.count, measured.length, measured.meanError, measured.withinPercent], [2, 3, 3.25, 75]);
  assert.deepEqual([measured.lostPercent, measured.tracker], [null, "flow"]);
  assert.deepEqual([errorAt(measured, 0, 0), errorAt(measured, 0, 1), errorAt(measured, 0, 2)], [0, 5, 16]);
  assert.deepEqual([lastFollowed(measured, 0, 2), lastFollowed(measured, 1, 2)], [2, 1]);
  assert.equal(lastFollowed(read({ followed: [[0, 0, 0], [1, 1, 1]] }), 0, 2), -1); // biome-ignore format: a row a track
});

test("a measurement without tracks is one", () => {
  const measured = read({ requested: [], achieved: [], followed: [], summary: undefined });
  assert.deepEqual([measured.count, measured.meanError], [0, null]);
});

test("what is no measurement is nothing", () => {
  const wrong = [
    ...[null, 7, "text", [], {}, { ...SENT, width: 0 }, { ...SENT, length: 1e9 }, { ...SENT, length: 2.5 }],
    ...[
      { ...SENT, requested: SENT.requested.slice(1) },
      { ...SENT, followed: [[1, 1, 1]] },
      { ...SENT, achieved: "x" },
    ],
    { ...SENT, achieved: [SENT.achieved[0], [1, 2, 3, 4, 5, Number.NaN]] },
    { ...SENT, requested: Array(5000).fill(SENT.requested[0]) },
  ];
  for (const sent of wrong) assert.equal(readMeasured(sent), null);
});

test("errors have the colours that Python draws them with, by the size of the clip", () => {
  const colours = [0, 2, 5, 8, 12, 16, 999].map((error) => errorColour(error, CLIP));
  assert.deepEqual(colours, ["#1ec896", "#1ec896", "#8fd66e", "#ffe446", "#f89732", "#f04a1e", "#f04a1e"]);
  assert.equal(errorColour(16, { width: 1664, height: 960 }), "#ffe446");
});

test("a moment of the clip is a frame of the measured one, whatever its length", () => {
  const measured = read();
  assert.deepEqual([-1, 0, 0.3, 0.5, 1, 2].map((progress) => measuredFrame(measured, progress)), [0, 0, 1, 1, 2, 2]); // biome-ignore format: one line
});

test("pixels of the clip are placed where the fit took them from", () => {
  const square = makeDocument(1000, 1000);
  const stretched = measuredToImage(read({ width: 500, height: 250 }), square, "stretch");
  assert.deepEqual(stretched, { scale: [2, 4], shift: [0, 0] });
  const cropped = measuredToImage(read({ width: 500, height: 250 }), square, "crop");
  assert.deepEqual(cropped, { scale: [2, 2], shift: [0, 250] });
});

test("a result is shown until the drawing changes, and stays when another document is loaded", () => {
  const document = makeDocument(64, 48);
  const run = { measured: read(), document: serialiseDocument(document) };
  const state = reduce(initialState({ document, clip: CLIP }), { type: "set-measured", measured: run });
  assert.equal(state.measured, run);
  assert.equal(isOf(run, state.document), true);
  const other = reduce(state, { type: "load", document: makeDocument(64, 64) });
  assert.deepEqual([other.measured, isOf(run, other.document)], [run, false]);
  assert.deepEqual([isOf({ ...run, document: "" }, document), isOf({ ...run, document: "{" }, document)], [false, false]);
  assert.deepEqual(actionOf("overlay.achieved", state), { type: "set-overlays", overlays: { achieved: false } });
});

/**
 * A node whose first inputs come from other nodes.
 *
 * @param {number} id
 * @param {string} type
 * @param {Partial<ComfyNode>} some
 * @param {[name: string, type: string, origin: number | string][]} inputs
 * @param {() => readonly ComfyNode[]} nodes
 * @returns {ComfyNode}
 */
function node(id, type, some, inputs, nodes) {
  const graph = Object.assign(some.graph ?? {}, {
    getLink: (/** @type {number} */ slot) => ({ origin_id: inputs[slot - 100 * id][2], origin_slot: 0 }),
    getNodeById: (/** @type {number | string} */ wanted) => nodes().find((one) => String(one.id) === String(wanted)) ?? null,
  });
  const slots = inputs.map(([name, kind], slot) => ({ name, type: kind, link: 100 * id + slot }));
  return { id, type, inputs: slots, addDOMWidget: () => assert.fail("not asked for"), ...some, graph };
}

test("a measurement reaches the editors that its tracks came from, and no others", () => {
  /** @type {ComfyNode[]} */
  const nodes = [];
  const all = () => nodes;
  const [one, two, beside] = [1, 2, 3].map((id) => node(id, "TrajectoryEditor", {}, [], all));
  nodes.push(one, two, beside);
  nodes.push(node(4, "Reroute", {}, [["", "*", 1]], all));
  const merge = /** @type {[string, string, number][]} */ ([["first", "TRACKS", 4], ["second", "TRACKS", 2], ["image", "IMAGE", 3]]); // biome-ignore format: a row
  nodes.push(node(5, "WanMoveMergeTracks", {}, merge, all));
  nodes.push(node(6, "WanMoveMeasureTracks", {}, [["images", "IMAGE", 3], ["tracks", "TRACKS", 5]], all)); // biome-ignore format: a row
  const comfy = /** @type {Comfy} */ (/** @type {unknown} */ ({ app: { rootGraph: { nodes } } }));
  const event = Object.assign(new Event("executed"), { detail: { node: "6", output: { wanmove_measured: [SENT] } } });
  assert.deepEqual(
    [one, two, beside].map((editor) => measuredFor(comfy, editor, event)?.count),
    [2, 2, undefined],
  );
  for (const detail of [null, { node: "6" }, { node: "6", output: {} }, { node: "77", output: { wanmove_measured: [SENT] } }]) {
    assert.equal(measuredFor(comfy, one, Object.assign(new Event("executed"), { detail })), null);
  }
});

test("a node that measures inside a subgraph is found by the path of its ids, its tracks outside", () => {
  /** @type {ComfyNode[]} */
  const outside = [];
  /** @type {{ id: string, nodes: ComfyNode[] }} */
  const subgraph = { id: "s", nodes: [] };
  const editor = node(1, "TrajectoryEditor", {}, [], () => outside);
  outside.push(editor);
  outside.push(node(3, "s", { subgraph, isSubgraphNode: () => true }, [["tracks", "TRACKS", 1]], () => outside));
  subgraph.nodes.push(
    node(7, "WanMoveMeasureTracks", { graph: subgraph }, [["tracks", "TRACKS", "-10"]], () => subgraph.nodes),
  );
  const comfy = /** @type {Comfy} */ (/** @type {unknown} */ ({ app: { rootGraph: { nodes: outside } } }));
  assert.equal(nodeOfRun(comfy, "3:7"), subgraph.nodes[0]);
  const event = Object.assign(new Event("executed"), { detail: { node: "3:7", output: { wanmove_measured: [SENT] } } });
  assert.equal(measuredFor(comfy, editor, event)?.count, 2);
});

test("a result belongs to the drawing that its run was queued with, as far as the host says", async () => {
  /** @type {ComfyNode[]} */
  const nodes = [];
  nodes.push(node(1, "TrajectoryEditor", {}, [], () => nodes));
  nodes.push(node(6, "WanMoveMeasureTracks", {}, [["tracks", "TRACKS", 1]], () => nodes));
  const running = { queue_running: [[5, "p", { 1: { inputs: { document: "queued" } }, 6: { inputs: {} } }]] };
  for (const [answer, expected] of [
    [running, ["there", "queued"]],
    [{ queue_running: [[5, "other", {}]] }, ["there"]],
    [{ queue_running: 7 }, ["there"]],
    [null, ["there"]],
  ]) {
    const api = Object.assign(new EventTarget(), { fetchApi: async () => ({ json: async () => answer }) });
    const comfy = /** @type {Comfy} */ (/** @type {unknown} */ ({ app: { rootGraph: { nodes } }, api }));
    const lifetime = /** @type {Lifetime} */ (
      /** @type {unknown} */ ({
        listen: (/** @type {EventTarget} */ target, /** @type {string} */ type, /** @type {EventListener} */ listener) =>
          target.addEventListener(type, listener),
        also: () => {},
      })
    );
    /** @type {string[]} */
    const shown = [];
    followRuns(comfy, nodes[0], lifetime, { text: () => "there", show: (run) => shown.push(run.document) });
    api.dispatchEvent(Object.assign(new Event("execution_start"), { detail: { prompt_id: "p" } }));
    api.dispatchEvent(Object.assign(new Event("executed"), { detail: { node: 6, output: { wanmove_measured: [SENT] } } }));
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(shown, expected);
    assert.equal(recallMeasured(nodes[0])?.document, shown.at(-1));
  }
});
