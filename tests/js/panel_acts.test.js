import assert from "node:assert/strict";
import test from "node:test";
import { bezierOf, sameEasing } from "../../js/editor/easing_editor.js";
import { InspectorPanel, viewOf } from "../../js/editor/inspector/panel.js";
import { wholeLength } from "../../js/editor/inspector/summary.js";
import { createLifetime } from "../../js/editor/lifetime.js";
import { initialState } from "../../js/editor/reducer.js";
import { createStore } from "../../js/editor/store.js";
import { createTexts } from "../../js/editor/texts.js";
import { draggedWith, putInDepth, selectRow } from "../../js/editor/timeline/acts.js";
import { marksOf } from "../../js/editor/timeline/key_marks.js";
import { layerOf, sceneOf } from "./panel_scene.js";

/** @import { Clip, EditorContext, Layer } from "../../js/types.js" */

/** @type {Clip} */
const CLIP = { width: 320, height: 240, length: 81, fps: 16, fit: null };
const plain = { ctrlKey: false, metaKey: false, shiftKey: false };

/** @param {...Partial<Layer>} layers */
const storeOf = (...layers) =>
  createStore(initialState({ document: sceneOf(layers.map((some) => layerOf(some))), clip: CLIP }));

/** @param {import("../../js/types.js").Store} store */
const contextOf = (store) => {
  const host = { document: "", picture: null, clip: CLIP, size: /** @type {const} */ ("full"), locale: "en", commit: () => {} };
  const none = { tracks: null, error: null, cells: null, coverage: null, findings: [] };
  return /** @type {EditorContext} */ ({ store, host, texts: createTexts("en"), derive: () => none });
};

test("a press on a row selects it; Control adds and takes away, Shift takes the rows between", () => {
  const store = storeOf({}, {}, {}, {});
  const rows = /** @type {const} */ ([
    [1, plain, [1]],
    [3, { ...plain, ctrlKey: true }, [1, 3]],
    [1, { ...plain, metaKey: true }, [3]],
    [1, { ...plain, shiftKey: true }, [1, 2, 3]],
    [0, plain, [0]],
  ]);
  for (const [index, event, layers] of rows) {
    selectRow(store, index, event);
    assert.deepEqual([...store.state().selection.layers], [...layers]);
  }
});

test("what is dragged with a row are the selected layers that are not locked", () => {
  const store = storeOf({}, { locked: true }, {});
  store.dispatch({ type: "select-all" });
  assert.deepEqual(draggedWith(store, 0), [0, 2]);
  selectRow(store, 2);
  assert.deepEqual(draggedWith(store, 0), [0]);
});

test("layers put in depth stay selected and make one step, none where nothing moves", () => {
  const store = storeOf({ name: "a" }, { name: "b" }, { name: "c" });
  putInDepth(store, [0], 99);
  assert.deepEqual(
    store.state().document.layers.map((layer) => layer.name),
    ["b", "c", "a"],
  );
  assert.deepEqual([...store.state().selection.layers], [2]);
  putInDepth(store, [2], 3);
  assert.equal(store.state().history.past.length, 1);
});

test("an edit of the inspector goes to all selected layers but the locked, each from its own value", () => {
  const store = storeOf({ density: 1 }, { density: 2 }, { density: 4, locked: true });
  store.dispatch({ type: "select", selection: { layers: [0, 1, 2], points: [], key: null } });
  const panel = new InspectorPanel(contextOf(store), createLifetime());
  for (const by of [1, 2, 3]) panel.attempt((layer) => ({ ...layer, density: layer.density + by }));
  assert.equal(store.state().history.past.length, 0);
  panel.keep();
  const densities = () => store.state().document.layers.map((layer) => layer.density);
  assert.deepEqual(densities(), [4, 5, 4]);
  assert.equal(store.state().history.past.length, 1);
  panel.attempt((layer) => ({ ...layer, density: 9 }));
  panel.drop();
  assert.deepEqual(densities(), [4, 5, 4]);
  panel.edit((layer) => ({ ...layer, locked: false }), { lockedToo: true });
  assert.equal(viewOf(store.state()).locked, false);
  assert.equal(store.state().document.layers[2].locked, false);
});

test("keys that would touch are one mark, but the selected one is always there", () => {
  const rotation = [0, 0.001, 0.002, 0.5].map((time) => ({ time, value: 0, easing: "linear" }));
  const layer = layerOf({}, { rotation });
  const found = (/** @type {number} */ selected) => marksOf(layer, "rotation", 0.01, selected).map((mark) => mark.index);
  assert.deepEqual(found(-1), [0, 3]);
  assert.deepEqual(found(2), [0, 2, 3]);
});

test("lengths of clips are a first frame and whole latent frames", () => {
  const rows = [
    [81, 81],
    [80, 81],
    [50, 49],
    [1, 1],
    [-7, 1],
  ];
  for (const [wish, length] of rows) assert.equal(wholeLength(wish), length);
});

test("easings are the same by name or by numbers; a step has no handles", () => {
  assert.ok(sameEasing([0, 0, 1, 1], [0, 0, 1, 1]));
  assert.ok(!sameEasing("linear", [0, 0, 1, 1]));
  assert.equal(bezierOf("step"), null);
  assert.deepEqual(bezierOf("ease"), [0.25, 0.1, 0.25, 1]);
});
