import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../js/editor/store.js";
import { makeLayer } from "../../js/model/document.js";
import { addLayers, setLayer } from "../../js/model/edits.js";
import { after, drag, editor, inputAt, pressed, selecting, withTool } from "./gesture_script.js";

const DISC = { region: { kind: "disc", centre: [200, 200], radius: 50 } };

/**
 * @param {ReturnType<typeof editor>} state
 * @param {number} density
 */
function dense(state, density) {
  return after(state, { type: "edit", document: setLayer(state.document, 0, { density }) });
}

test("a step back brings document and selection back, a step forward both again", () => {
  const first = selecting(editor([DISC, DISC]), 1);
  const second = selecting(dense(first, 2), 0);
  const back = after(second, { type: "undo" });
  assert.equal(back.document, first.document);
  assert.deepEqual(back.selection.layers, [1]);
  const again = after(back, { type: "redo" });
  assert.equal(again.document, second.document);
  assert.deepEqual(again.selection.layers, [0]);
});

test("an edit that says the same makes no step", () => {
  const state = editor([DISC]);
  assert.equal(dense(state, 1).history.past.length, 0);
  assert.equal(dense(state, 1).document, state.document);
});

test("a new edit ends what could be done again", () => {
  const state = dense(after(dense(editor([DISC]), 2), { type: "undo" }), 3);
  assert.equal(after(state, { type: "redo" }), state);
});

test("200 steps are kept", () => {
  let state = editor([DISC]);
  for (let step = 2; step < 302; step += 1) state = dense(state, step / 10);
  assert.equal(state.history.past.length, 200);
  for (let step = 0; step < 300; step += 1) state = after(state, { type: "undo" });
  assert.equal(state.document.layers[0].density, 10.1);
});

test("a scrub is one step when it is kept and none when it is dropped", () => {
  const state = editor([DISC]);
  const tried = [2, 3, 4].reduce(
    (now, density) => after(now, { type: "try", document: setLayer(now.document, 0, { density }) }),
    state,
  );
  assert.equal(tried.document.layers[0].density, 4);
  assert.equal(tried.committed.document, state.document);
  assert.equal(after(tried, { type: "keep" }).history.past.length, 1);
  assert.equal(after(tried, { type: "drop" }).document, state.document);
  assert.equal(after(tried, { type: "undo" }).document, state.document);
});

test("a gesture is one step however often it moved", () => {
  const state = drag(editor([DISC]), [
    [200, 200],
    [210, 200],
    [220, 200],
    [230, 200],
  ]);
  assert.equal(state.history.past.length, 1);
});

test("undo during a gesture takes the gesture back first", () => {
  const before = drag(editor([DISC]), [
    [200, 200],
    [230, 200],
  ]);
  const during = pressed(before, [
    [230, 200],
    [300, 300],
  ]);
  const once = after(during, { type: "undo" });
  assert.equal(once.document, before.document);
  assert.equal(once.gesture.kind, "none");
  assert.deepEqual(after(once, { type: "undo" }).document.layers[0].region, { kind: "disc", centre: [200, 200], radius: 50 });
});

test("revert is a step; loading starts the history anew", () => {
  const state = dense(editor([DISC]), 2);
  const reverted = after(state, { type: "revert" });
  assert.equal(reverted.document, state.opened);
  assert.equal(after(reverted, { type: "undo" }).document, state.document);
  const other = addLayers(state.document, [makeLayer({ region: { kind: "rest" } })]);
  const loaded = after(withTool(state, "lasso"), { type: "load", document: other });
  assert.deepEqual([loaded.history.past.length, loaded.opened, loaded.tool], [0, other, "lasso"]);
  assert.equal(loaded.committed.document, other);
});

test("a store tells its listeners of changes only, in order, and also of what listeners do", () => {
  const store = createStore(editor([DISC]));
  /** @type {[number, number][]} */
  const seen = [];
  const end = store.subscribe((state, previous) => {
    seen.push([previous.progress, state.progress]);
    if (state.progress === 0.5) store.dispatch({ type: "set-progress", progress: 1 });
  });
  store.subscribe((state) => assert.equal(state, store.state()));
  store.dispatch({ type: "set-progress", progress: 0.5 });
  store.dispatch({ type: "set-progress", progress: 1 });
  store.dispatch({ type: "pointer-up", input: inputAt([0, 0]) });
  end();
  store.dispatch({ type: "set-progress", progress: 0 });
  assert.deepEqual(seen, [
    [0, 0.5],
    [0.5, 1],
  ]);
});
