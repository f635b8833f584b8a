import assert from "node:assert/strict";
import { test } from "node:test";
import { keepCommitted } from "../../js/editor/commits.js";
import { fitEmptyDocument } from "../../js/editor/empty_size.js";
import { initialState } from "../../js/editor/reducer.js";
import { createStore } from "../../js/editor/store.js";
import { createTexts } from "../../js/editor/texts.js";
import { makeDocument, parseDocument } from "../../js/model/document.js";

const CLIP = /** @type {const} */ ({ width: 832, height: 480, length: 9, fps: 16, fit: "crop" });

/** An editor without a page; what it gave to its host. */
function mounted() {
  /** @type {string[]} */
  const given = [];
  const store = createStore(initialState({ document: makeDocument(832, 480), clip: CLIP, tool: "lasso" }));
  const lifetime = /** @type {any} */ ({ also: () => {} });
  const host = /** @type {any} */ ({ document: "", commit: (/** @type {string} */ text) => given.push(text) });
  const context = /** @type {any} */ ({ store, host, texts: createTexts("en") });
  const commits = keepCommitted(context, lifetime);
  fitEmptyDocument(store, commits.load, lifetime, () => {});
  return { store, commits, given };
}

test("a text that cannot be read stays with the host, and is spoken of, when the clip gets another size", () => {
  const { store, commits, given } = mounted();
  commits.take("{");
  store.dispatch({ type: "set-clip", clip: { ...CLIP, width: 416, height: 240 } });
  assert.equal(store.state().document.width, 416);
  assert.match(store.state().notice?.text ?? "", /not JSON/);
  assert.deepEqual(given, []);
});

test("what is drawn after that is given to the host", () => {
  const { store, commits, given } = mounted();
  commits.take("{");
  store.dispatch({ type: "set-clip", clip: { ...CLIP, width: 416, height: 240 } });
  const drawn = parseDocument('{"version":1,"width":416,"height":240,"layers":[{"region":{"kind":"rest"}}]}');
  store.dispatch({ type: "edit", document: drawn });
  assert.equal(given.length, 1);
});
