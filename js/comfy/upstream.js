/** Finds the picture that flows into a node before anything has run: through reroutes, bypassed nodes and subgraphs. */

/** @import { Comfy, ComfyGraph, ComfyLink, ComfyNode, FoundPicture, ImageReference } from "./host.js" */

const SUBGRAPH_INPUT = "-10";
const MUTED = 2;
const BYPASSED = 4;
/** Links followed before giving up; a loop through subgraphs ends here. */
const FARTHEST = 100;

/**
 * The picture behind an input, or null where none can be known before a run.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @param {string} input
 * @returns {FoundPicture | null}
 */
export function findPicture(comfy, node, input) {
  /** @type {{ node: ComfyNode, slot: number } | null} */
  let at = { node, slot: slotOf(node, input) };
  /** @type {string[]} */
  const through = [];
  for (let step = 0; at && step < FARTHEST; step += 1) {
    const source = sourceOf(comfy, at.node, at.slot);
    if (!source || source.mode === MUTED) return null;
    const found = source.mode === BYPASSED ? null : pictureOf(comfy, source);
    if (found) return { ...found, through: through.reverse().join(", ") };
    if (!passesUnchanged(source)) through.push(source.title || source.type || "");
    at = imageInput(source);
  }
  return null;
}

/** @param {ComfyNode} node */
function passesUnchanged(node) {
  return node.type === "Reroute" || node.mode === BYPASSED;
}

/**
 * All nodes from which tracks flow into an input, in whatever graph they are: through nodes that change tracks, reroutes,
 * bypassed nodes and subgraphs, but not muted ones.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @param {string} input
 * @returns {ComfyNode[]}
 */
export function tracksUpstream(comfy, node, input) {
  const open = [{ node, slot: slotOf(node, input) }];
  /** @type {Set<ComfyNode>} */
  const found = new Set();
  for (let next = open.pop(); next && found.size < FARTHEST; next = open.pop()) {
    const source = sourceOf(comfy, next.node, next.slot);
    if (!source || source.mode === MUTED || found.has(source)) continue;
    found.add(source);
    for (const [slot, { type }] of (source.inputs ?? []).entries()) {
      if (type === "TRACKS" || source.type === "Reroute") open.push({ node: source, slot });
    }
  }
  return [...found];
}

/**
 * The node that a message of a run is about: "7", or "3:7" for node 7 in the subgraph of node 3.
 *
 * @param {Comfy} comfy
 * @param {string | number} id
 * @returns {ComfyNode | null}
 */
export function nodeOfRun({ app }, id) {
  /** @type {ComfyGraph | undefined} */
  let graph = app.rootGraph ?? app.graph;
  /** @type {ComfyNode | null} */
  let node = null;
  for (const part of String(id).split(":")) {
    node = graph?.nodes?.find((one) => String(one.id) === part) ?? null;
    graph = node?.subgraph;
  }
  return node;
}

/**
 * The node whose output flows into a slot, in whatever graph it is.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @param {number} slot
 * @returns {ComfyNode | null}
 */
function sourceOf(comfy, node, slot) {
  const link = slot < 0 ? null : linkInto(node, slot);
  if (!link) return null;
  if (String(link.origin_id) === SUBGRAPH_INPUT) {
    const outer = ownerOf(comfy, node.graph);
    return outer ? sourceOf(comfy, outer, link.origin_slot) : null;
  }
  return innermost(node.graph?.getNodeById?.(link.origin_id) ?? null, link.origin_slot);
}

/**
 * Asked for an input's link, a subgraph's node answers with one of its outputs' (1.58); its graph knows better.
 *
 * @param {ComfyNode} node
 * @param {number} slot
 * @returns {ComfyLink | null}
 */
function linkInto(node, slot) {
  const id = node.inputs?.[slot]?.link;
  return id === null || id === undefined ? null : (node.graph?.getLink?.(id) ?? null);
}

/**
 * A subgraph's node stands for the node inside that feeds its output.
 *
 * @param {ComfyNode | null} node
 * @param {number} slot
 * @returns {ComfyNode | null}
 */
function innermost(node, slot) {
  return node?.isSubgraphNode?.() ? (node.resolveSubgraphOutputLink?.(slot)?.outputNode ?? null) : node;
}

/**
 * The node that holds a subgraph; of several the first.
 *
 * @param {Comfy} comfy
 * @param {ComfyGraph | null | undefined} graph
 * @returns {ComfyNode | null}
 */
function ownerOf({ app }, graph) {
  /** @type {(ComfyGraph | undefined)[]} */
  const open = [app.rootGraph ?? app.graph];
  const seen = new Set();
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const node of next.nodes ?? []) {
      if (!node.subgraph) continue;
      if (node.subgraph === graph) return node;
      open.push(node.subgraph);
    }
  }
  return null;
}

/**
 * The picture that a node shows or loads itself.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @returns {Omit<FoundPicture, "through"> | null}
 */
function pictureOf({ app, api }, node) {
  const chosen = node.widgets?.find((widget) => widget.name === "image" && typeof widget.value === "string" && widget.value);
  const reference = chosen ? parseReference(String(chosen.value)) : firstOutput(app.nodeOutputs, node);
  if (reference) return { url: viewUrl(api, reference), reference };
  const shown = node.imgs?.[0]?.src;
  return shown ? { url: shown, reference: null } : null;
}

/**
 * @param {Comfy["app"]["nodeOutputs"]} outputs by node id, inside subgraphs by "<subgraph id>:<node id>"
 * @param {ComfyNode} node
 * @returns {ImageReference | null}
 */
function firstOutput(outputs, node) {
  const inside = node.graph?.id ? outputs?.[`${node.graph.id}:${node.id}`] : undefined;
  return (inside ?? outputs?.[String(node.id)])?.images?.[0] ?? null;
}

/**
 * "folder/name.png [output]", as ComfyUI's file widgets have it.
 *
 * @param {string} value
 * @returns {ImageReference}
 */
export function parseReference(value) {
  const annotated = /^(.*?)\s*\[(input|output|temp)\]$/.exec(value);
  const path = (annotated?.[1] ?? value).replaceAll("\\", "/");
  const cut = path.lastIndexOf("/");
  return { filename: path.slice(cut + 1), subfolder: path.slice(0, Math.max(cut, 0)), type: annotated?.[2] ?? "input" };
}

/**
 * @param {Comfy["api"]} api
 * @param {ImageReference} reference
 * @returns {string}
 */
export function viewUrl(api, { filename, subfolder = "", type = "output" }) {
  return api.apiURL(`/view?${new URLSearchParams({ filename, subfolder, type })}`);
}

/**
 * Where a node that makes a picture of another one takes it from: its first linked IMAGE, of a reroute its only input.
 *
 * @param {ComfyNode} node
 * @returns {{ node: ComfyNode, slot: number } | null}
 */
function imageInput(node) {
  const slot = (node.inputs ?? []).findIndex((input, index) => takesImages(node, input.type) && linkInto(node, index));
  return slot < 0 ? null : { node, slot };
}

/**
 * @param {ComfyNode} node
 * @param {unknown} type
 */
function takesImages(node, type) {
  return type === "IMAGE" || node.type === "Reroute";
}

/**
 * @param {ComfyNode} node
 * @param {string} input
 */
function slotOf(node, input) {
  return (node.inputs ?? []).findIndex(({ name }) => name === input);
}
