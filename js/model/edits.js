/** All edits of a document, by subject. Pure; what does not change keeps its identity. */

export * from "./edits/keys.js";
export * from "./edits/layers.js";
export * from "./edits/moments.js";
export * from "./edits/outlines.js";
export * from "./edits/path_kinds.js";
export * from "./edits/paths.js";
export * from "./edits/regions.js";
export * from "./edits/selected.js";
export * from "./edits/spans.js";
