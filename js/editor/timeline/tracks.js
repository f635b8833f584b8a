/** What opens under a row: a lane for each track of keys, one for visibility, and the speed graph. */

import { h } from "../dom.js";
import { createLifetime } from "../lifetime.js";
import { SpeedGraph } from "../speed_graph.js";
import { KEY_TRACKS } from "./acts.js";
import { KeyMarks } from "./key_marks.js";
import { HiddenSpans } from "./lane.js";

/** @import { Clip, EditorContext, Layer, Selection, TrackDocument } from "../../types.js" */

export class Tracks {
  #lifetime = createLifetime();
  #marks;
  #hidden;
  #graph;

  /**
   * @param {EditorContext} context
   * @param {number} index of the layer
   */
  constructor(context, index) {
    const { texts } = context;
    this.#marks = KEY_TRACKS.map((track) => new KeyMarks(texts, [track]));
    this.#hidden = new HiddenSpans(texts);
    this.#graph = new SpeedGraph(context, this.#lifetime, index);
    const lanes = KEY_TRACKS.map((track, at) => trackOf(context, track, this.#marks[at].elements));
    const seen = trackOf(context, "visible", [this.#hidden.element]);
    const graph = h(
      "div",
      { class: "wanmove-track wanmove-graph" },
      this.#graph.head,
      h("div", { class: "wanmove-lane" }, this.#graph.plot),
    );
    this.element = h("div", { class: "wanmove-tracks" }, ...lanes, seen, graph);
  }

  /**
   * @param {TrackDocument} document
   * @param {Layer} layer
   * @param {Selection["key"]} selected
   * @param {Clip} clip
   * @param {number} apart clip progress that a mark takes
   */
  update(document, layer, selected, clip, apart) {
    for (const marks of this.#marks) marks.update(layer, selected, { length: clip.length, apart });
    this.#hidden.update(layer, clip.length);
    this.#graph.update(document, layer, clip);
  }

  dispose() {
    this.#lifetime.dispose();
    this.element.remove();
  }
}

/**
 * @param {EditorContext} context
 * @param {import("../../types.js").KeyTrack | "visible"} track
 * @param {readonly HTMLElement[]} marks
 */
function trackOf({ texts }, track, marks) {
  const name = texts(`timeline.track.${track}`);
  const hint = texts(track === "visible" ? "timeline.visible.hint" : "timeline.track.hint");
  const head = h("div", { class: "wanmove-track-head" }, name);
  const inner = h("div", { class: "wanmove-lane-inner" }, ...marks);
  const lane = h("div", { class: "wanmove-lane", "data-part": "track", "data-track": track, title: hint }, inner);
  return h("div", { class: "wanmove-track", role: "group", "aria-label": name }, head, lane);
}
