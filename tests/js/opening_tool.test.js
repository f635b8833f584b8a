import assert from "node:assert/strict";
import { test } from "node:test";
import { openingTool, reduce } from "../../js/editor/reducer.js";
import { click, documentOf, drag, editor } from "./gesture_script.js";

const DISC = { region: { kind: "disc", centre: [100, 100], radius: 20 } };

test("an empty document opens with the lasso, one with layers with the selection", () => {
  assert.equal(openingTool(documentOf([])), "lasso");
  assert.equal(openingTool(documentOf([DISC])), "select");
});

for (const [name, before, after, tool, expected] of /** @type {const} */ ([
  ["with layers over an empty one: what suits it", [], [DISC], "pen", "select"],
  ["without layers over one with some: the lasso", [DISC], [], "select", "lasso"],
  ["with layers over another with layers: as it was", [DISC], [DISC], "pen", "pen"],
])) {
  test(`the tool after loading a document ${name}`, () => {
    assert.equal(reduce(editor(before, { tool }), { type: "load", document: documentOf(after) }).tool, expected);
  });
}

test("where there is nothing to select, a drag with the selection tool draws the first region", () => {
  const outline = drag(editor(), [
    [100, 100],
    [200, 100],
    [200, 200],
    [100, 200],
  ]);
  assert.deepEqual([outline.document.layers[0]?.region.kind, outline.progress, outline.tool], ["polygon", 1, "select"]);
  assert.equal(click(editor(), [100, 100]).document.layers.length, 0);
});
