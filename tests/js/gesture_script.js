/** Scripts of pointer inputs for tests: an editor at one CSS pixel a picture pixel, and what its document says. */

import { initialState, reduce } from "../../js/editor/reducer.js";
import { makeDocument, parseDocument, serialiseDocument } from "../../js/model/document.js";

/** @import { Action, EditorState, PointerInput, Tool, TrackDocument } from "../../js/types.js" */
/** @typedef {readonly [number, number]} Place */

/** 81 frames, so that frame 40 is progress 0.5. */
export const CLIP = Object.freeze({ width: 832, height: 480, length: 81, fps: 16, fit: null });

/**
 * @param {readonly unknown[]} [layers] as in JSON
 * @param {Partial<EditorState>} [others]
 */
export function editor(layers = [], others = {}) {
  const document = documentOf(layers);
  const state = initialState({ document, clip: CLIP, stage: [832, 480], ...others });
  return { ...state, viewport: { scale: 1, x: 0, y: 0 } };
}

/**
 * @param {readonly unknown[]} layers as in JSON
 * @returns {TrackDocument}
 */
export function documentOf(layers) {
  return layers.length
    ? parseDocument(JSON.stringify({ version: 1, width: 832, height: 480, layers }))
    : makeDocument(832, 480);
}

/**
 * The document's layers as JSON writes them.
 *
 * @param {EditorState | TrackDocument} from
 * @returns {unknown[]}
 */
export function layersOf(from) {
  return JSON.parse(serialiseDocument("document" in from ? from.document : from)).layers;
}

/**
 * @param {Place} at
 * @param {Partial<PointerInput>} [some]
 * @returns {PointerInput}
 */
export function inputAt(at, some = {}) {
  const rest = /** @type {const} */ ({
    button: 0,
    shift: false,
    control: false,
    pointer: "mouse",
    pressure: 0.5,
    time: 0,
    clicks: 1,
  });
  return { at, view: at, ...rest, ...some };
}

/**
 * @param {EditorState} state
 * @param {...Action} actions
 */
export function after(state, ...actions) {
  return actions.reduce(reduce, state);
}

/**
 * Down, moves and up.
 *
 * @param {EditorState} state
 * @param {readonly Place[]} places
 * @param {Partial<PointerInput>} [some]
 */
export function drag(state, places, some) {
  return after(pressed(state, places, some), { type: "pointer-up", input: inputAt(places[places.length - 1], some) });
}

/**
 * Down and moves, the pointer still pressed.
 *
 * @param {EditorState} state
 * @param {readonly Place[]} places
 * @param {Partial<PointerInput>} [some]
 */
export function pressed(state, [first, ...others], some) {
  /** @type {Action[]} */
  const moves = others.map((at) => ({ type: "pointer-move", input: inputAt(at, some) }));
  return after(state, { type: "pointer-down", input: inputAt(first, some) }, ...moves);
}

/**
 * @param {EditorState} state
 * @param {Place} at
 * @param {Partial<PointerInput>} [some]
 */
export function click(state, at, some) {
  return drag(state, [at], some);
}

/**
 * @param {EditorState} state
 * @param {Tool} tool
 */
export function withTool(state, tool) {
  return after(state, { type: "set-tool", tool });
}

/**
 * @param {EditorState} state
 * @param {number} progress
 */
export function at(state, progress) {
  return after(state, { type: "set-progress", progress });
}

/**
 * @param {EditorState} state
 * @param {...number} layers
 */
export function selecting(state, ...layers) {
  return after(state, { type: "select", selection: { layers, points: [], key: null } });
}
