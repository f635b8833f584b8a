import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePicture, executedPicture } from "../../js/comfy/picture.js";
import { findPicture, parseReference } from "../../js/comfy/upstream.js";

/** @import { Comfy, ComfyLink, ComfyNode, ComfySlot } from "../../js/comfy/host.js" */

/**
 * A node of a made-up graph; `links` are by input slot.
 *
 * @param {Partial<ComfyNode> & { id: number }} some
 * @param {{ inputs?: ComfySlot[], links?: Record<number, ComfyLink>, nodes?: () => readonly ComfyNode[] }} [wiring]
 * @returns {ComfyNode}
 */
function makeNode(some, { inputs = [], links = {}, nodes = () => [] } = {}) {
  const graph = Object.assign(some.graph ?? {}, {
    getLink: (/** @type {number} */ id) => links[id],
    getNodeById: (/** @type {number | string} */ wanted) => nodes().find(({ id }) => String(id) === String(wanted)) ?? null,
  });
  return {
    inputs: inputs.map((input, slot) => ({ ...input, link: links[slot] ? slot : null })),
    addDOMWidget: () => assert.fail("not asked for"),
    ...some,
    graph,
  };
}

const IMAGE = [{ name: "image", type: "IMAGE" }];

/** @param {number} id @param {string} [value] */
const loader = (id, value = "cats/a b.png") =>
  makeNode({ id, type: "LoadImage", title: "Load Image", widgets: [{ name: "image", value }] });

/** @param {readonly ComfyNode[]} nodes @param {Record<string, unknown>} [outputs] @returns {Comfy} */
function makeComfy(nodes, outputs = {}) {
  const api = Object.assign(new EventTarget(), { apiURL: (/** @type {string} */ route) => `/api${route}` });
  return /** @type {Comfy} */ (/** @type {unknown} */ ({ app: { rootGraph: { nodes }, nodeOutputs: outputs }, api }));
}

/** @param {number | string} origin @param {number} [slot] */
const from = (origin, slot = 0) => ({ 0: { origin_id: origin, origin_slot: slot } });

test("a Load Image that is linked straight shows its file, whether ids are numbers or strings", () => {
  for (const id of [1, "1"]) {
    const nodes = [loader(1)];
    const editor = makeNode({ id: 9 }, { inputs: IMAGE, links: from(id), nodes: () => nodes });
    assert.deepEqual(findPicture(makeComfy(nodes), editor, "image"), {
      url: "/api/view?filename=a+b.png&subfolder=cats&type=input",
      reference: { filename: "a b.png", subfolder: "cats", type: "input" },
      through: "",
    });
  }
});

test("reroutes and bypassed nodes are looked through in silence, others are named", () => {
  /** @type {ComfyNode[]} */
  const nodes = [loader(1)];
  const wired = (/** @type {number} */ origin) => ({ inputs: IMAGE, links: from(origin), nodes: () => nodes });
  nodes.push(makeNode({ id: 2, type: "Reroute" }, { ...wired(1), inputs: [{ name: "", type: "*" }] }));
  nodes.push(makeNode({ id: 3, type: "ImageInvert", title: "Invert", mode: 4 }, wired(2)));
  nodes.push(makeNode({ id: 4, type: "ImageScale", title: "Upscale Image" }, wired(3)));
  nodes.push(makeNode({ id: 5, type: "ImageCrop", title: "Crop" }, wired(4)));
  assert.equal(findPicture(makeComfy(nodes), makeNode({ id: 9 }, wired(3)), "image")?.through, "");
  assert.equal(findPicture(makeComfy(nodes), makeNode({ id: 9 }, wired(5)), "image")?.through, "Upscale Image, Crop");
});

test("nothing is found behind a muted node, an open input, a missing input and a loop", () => {
  /** @type {ComfyNode[]} */
  const nodes = [];
  const wired = (/** @type {number} */ origin) => ({ inputs: IMAGE, links: from(origin), nodes: () => nodes });
  nodes.push(makeNode({ ...loader(1), id: 1, mode: 2 }));
  nodes.push(makeNode({ id: 2, type: "ImageScale" }, { inputs: IMAGE }));
  nodes.push(makeNode({ id: 3, type: "ImageScale" }, wired(3)));
  for (const origin of [1, 2, 3, 77])
    assert.equal(findPicture(makeComfy(nodes), makeNode({ id: 9 }, wired(origin)), "image"), null);
  assert.equal(findPicture(makeComfy(nodes), makeNode({ id: 9 }), "image"), null);
});

test("an editor inside a subgraph finds the picture outside, and one outside finds it inside", () => {
  /** @type {ComfyNode[]} */
  const outside = [loader(1)];
  /** @type {{ id: string, nodes: ComfyNode[] }} */
  const subgraph = { id: "s", nodes: [] };
  const inner = makeNode({ id: 3, graph: subgraph }, { inputs: IMAGE, links: from("-10", 1) });
  subgraph.nodes.push(inner);
  const inputs = [...IMAGE, { name: "picture", type: "IMAGE" }];
  const links = { 1: { origin_id: 1, origin_slot: 0 } };
  outside.push(makeNode({ id: 2, subgraph, isSubgraphNode: () => true }, { inputs, links, nodes: () => outside }));
  assert.equal(findPicture(makeComfy(outside), inner, "image")?.reference?.filename, "a b.png");

  const within = loader(4, "in.png [output]");
  const holder = makeNode({
    id: 5,
    subgraph: { id: "t", nodes: [within] },
    isSubgraphNode: () => true,
    resolveSubgraphOutputLink: (slot) => (slot === 2 ? { outputNode: within } : undefined),
  });
  const editor = makeNode({ id: 9 }, { inputs: IMAGE, links: from(5, 2), nodes: () => [holder] });
  assert.deepEqual(findPicture(makeComfy([holder]), editor, "image")?.reference, {
    filename: "in.png",
    subfolder: "",
    type: "output",
  });
});

test("a node that has run shows what it made", () => {
  const made = { filename: "x.png", subfolder: "", type: "temp" };
  const nodes = [makeNode({ id: 6, type: "VAEDecode" }, { inputs: [] })];
  const editor = makeNode({ id: 9 }, { inputs: IMAGE, links: from(6), nodes: () => nodes });
  assert.deepEqual(findPicture(makeComfy(nodes, { 6: { images: [made] } }), editor, "image")?.reference, made);
});

test("what the node got in its run beats a guess, not a loader that is linked straight", () => {
  const executed = { filename: "run.png", subfolder: "", type: "temp" };
  const nodes = [loader(1)];
  nodes.push(makeNode({ id: 2, type: "ImageScale", title: "Scale" }, { inputs: IMAGE, links: from(1), nodes: () => nodes }));
  const wired = (/** @type {number} */ origin) =>
    makeNode({ id: 9 }, { inputs: IMAGE, links: from(origin), nodes: () => nodes });
  assert.equal(choosePicture(makeComfy(nodes), wired(1), "image", executed)?.reference?.filename, "a b.png");
  assert.equal(choosePicture(makeComfy(nodes), wired(2), "image", executed)?.reference?.filename, "run.png");
  assert.equal(choosePicture(makeComfy(nodes), wired(2), "image", null)?.through, "Scale");
});

test("only a proper reference is taken from a run", () => {
  const sent = { filename: "a.png", subfolder: "", type: "temp" };
  assert.deepEqual(executedPicture({ wanmove_picture: [sent] }), sent);
  for (const odd of [null, undefined, "x", {}, { wanmove_picture: [] }, { wanmove_picture: "x" }, { wanmove_picture: [{}] }]) {
    assert.equal(executedPicture(odd), null);
  }
});

test("file names of ComfyUI's widgets are split into file, folder and kind", () => {
  assert.deepEqual(parseReference("a.png"), { filename: "a.png", subfolder: "", type: "input" });
  assert.deepEqual(parseReference("x\\y/a [1].png [temp]"), { filename: "a [1].png", subfolder: "x/y", type: "temp" });
});
