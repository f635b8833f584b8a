/** What the pack adds to ComfyUI's frontend: one kind of widget. */

import { createDocumentWidget, restoreView } from "./document_widget.js";

/** @import { Comfy, ComfyExtension } from "./host.js" */

/**
 * @param {Comfy} comfy
 * @returns {ComfyExtension}
 */
export function createExtension(comfy) {
  return {
    name: "WanMove.TrajectoryEditor",
    getCustomWidgets: () => ({
      WANMOVE_DOCUMENT: (node, name, spec) => ({ widget: createDocumentWidget(comfy, node, name, defaultOf(spec)) }),
    }),
    // A node has its id only now, and what was selected and seen is kept by id.
    loadedGraphNode: restoreView,
  };
}

/**
 * @param {readonly unknown[]} spec an input as /object_info has it: [type, options]
 * @returns {string}
 */
function defaultOf(spec) {
  const options = spec[1];
  const value = typeof options === "object" && options !== null && "default" in options ? options.default : "";
  return typeof value === "string" ? value : "";
}
