import assert from "node:assert/strict";
import { test } from "node:test";
import { createDerived } from "../../js/editor/derived.js";
import { cursorOf } from "../../js/editor/draw/cursor.js";
import { heatPixels, percent, windowOf } from "../../js/editor/draw/heat.js";
import { latentFrameAt, modelPixels, ownedCells } from "../../js/editor/draw/model_eye.js";
import { progressAt, timeOf } from "../../js/editor/playback.js";
import { pinch, viewPointOf, wheelFactor } from "../../js/editor/stage_input.js";
import { parseDocument } from "../../js/model/document.js";

/** @import { Clip } from "../../js/types.js" */

/** @type {Clip} */
const CLIP = { width: 32, height: 16, length: 9, fps: 16, fit: null };
const documentOf = (/** @type {object[]} */ ...layers) =>
  parseDocument(JSON.stringify({ version: 1, width: 32, height: 16, layers }));

test("what is derived is worked out once for a document and a clip", () => {
  const derive = createDerived();
  const document = documentOf({ region: { kind: "point", at: [4, 4] } });
  const first = derive(document, CLIP);
  assert.equal(derive(document, CLIP), first);
  assert.equal(first.tracks, derive(document, CLIP).tracks);
  assert.equal(first.tracks?.count, 1);
  assert.deepEqual([first.coverage?.guided, first.coverage?.cells], [2, 16]);
  assert.notEqual(derive(document, { ...CLIP, length: 13 }), first);
});

test("a document that cannot be baked has an error and no tracks", () => {
  const derived = createDerived()(documentOf({ region: { kind: "point", at: [99, 4] } }), CLIP);
  assert.equal(derived.tracks, null);
  assert.equal(derived.cells, null);
  assert.equal(derived.coverage, null);
  assert.match(derived.error ?? "", /99/);
  assert.ok(derived.findings.length > 0);
});

test("the model's-eye view is the cells' own pixels at their targets and grey elsewhere", () => {
  const start = Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const edit = { columns: 2, rows: 1, latentFrames: 2, owner: Int32Array.of(-1, -1, -1, 0), source: Int32Array.of(0) };
  const grey = 0xff808080;
  assert.deepEqual(Array.from(modelPixels(start, edit, 1, 2)), [grey, grey, 1, 2, grey, grey, 5, 6]);
  assert.equal(modelPixels(start, edit, 0, 2), start);
  assert.deepEqual([ownedCells(edit, 0), ownedCells(edit, 1)], [0, 1]);
});

test("a track that starts outside copies nothing", () => {
  const edit = { columns: 1, rows: 1, latentFrames: 2, owner: Int32Array.of(-1, 0), source: Int32Array.of(-1) };
  assert.deepEqual(Array.from(modelPixels(Uint32Array.of(7), edit, 1, 1)), [0xff808080]);
});

test("a moment belongs to the latent frame that its frame is part of", () => {
  const moments = [0, 1, 4, 5, 8, 80].map((frame) => latentFrameAt(frame / 80, 81));
  assert.deepEqual(moments, [0, 1, 1, 2, 2, 20]);
  assert.equal(latentFrameAt(0.5, 1), 0);
});

test("cells are warm by how often they are guided, dark where never", () => {
  const pixels = heatPixels({ guided: 3, cells: 4, heat: Uint16Array.of(0, 1, 2) }, 3);
  assert.deepEqual(Array.from(pixels.subarray(0, 4)), [10, 10, 14, 150]);
  assert.deepEqual(Array.from(pixels.subarray(8)), [48, 205, 120, 110]);
});

test("a share has the digits that it needs", () => {
  assert.deepEqual(
    [
      [0, 10],
      [1, 2400],
      [31, 1000],
      [42, 100],
      [1, 0],
    ].map(([part, whole]) => percent(part, whole)),
    ["0", "0.04", "3.1", "42", "100"],
  );
});

test("the video's window is the picture, or its middle where it is cropped", () => {
  assert.deepEqual(windowOf(documentOf(), { ...CLIP, width: 64, height: 32 }), [0, 0, 32, 16]);
  assert.deepEqual(windowOf(documentOf(), { ...CLIP, width: 16, height: 16, fit: "crop" }), [8, 0, 24, 16]);
});

test("frame f is shown at progress f / (length - 1) for a frame's time, the last one too, then the clip starts over", () => {
  // 81 frames at 16 frames a second: 5000 ms from the first to the last, 62.5 ms each.
  const clip = { ...CLIP, length: 81, fps: 16 };
  for (const [time, progress] of [
    [0, 0],
    [62.5, 1 / 80],
    [2500, 0.5],
    [5000, 1],
    [5062, 1],
    [5062.5, 0],
    [7562.5, 0.5],
  ])
    assert.equal(progressAt(time, clip, true), progress, `${time} ms`);
  assert.equal(progressAt(7562.5, clip, false), 1);
  assert.equal(progressAt(100, { ...clip, length: 1 }, true), 0);
  assert.equal(timeOf(0.5, clip), 2500);
});

test("places are found on a stage that its host has scaled", () => {
  const rectangle = { left: 100, top: 50, width: 200, height: 100 };
  assert.deepEqual(viewPointOf({ clientX: 200, clientY: 75 }, rectangle, [400, 200]), [200, 50]);
});

test("two fingers keep what is under them under them", () => {
  const viewport = { scale: 1, x: 0, y: 0 };
  assert.deepEqual(
    pinch(
      viewport,
      [
        [100, 100],
        [200, 100],
      ],
      [
        [110, 120],
        [210, 120],
      ],
    ),
    { scale: 1, x: 10, y: 20 },
  );
  assert.deepEqual(
    pinch(
      viewport,
      [
        [100, 100],
        [200, 100],
      ],
      [
        [50, 100],
        [250, 100],
      ],
    ),
    { scale: 2, x: -150, y: -100 },
  );
});

test("the wheel zooms in upwards and out downwards, by lines as by pixels", () => {
  assert.ok(wheelFactor({ deltaY: -100, deltaMode: 0 }) > 1);
  assert.equal(wheelFactor({ deltaY: 3, deltaMode: 1 }), wheelFactor({ deltaY: 48, deltaMode: 0 }));
  assert.ok(wheelFactor({ deltaY: 1e9, deltaMode: 2 }) > 0.5);
});

test("the cursor says what a press would do", () => {
  const none = { kind: /** @type {const} */ ("none") };
  const nothing = { kind: /** @type {const} */ ("nothing") };
  const handle = (/** @type {0 | 1 | 3} */ corner) => ({
    kind: /** @type {const} */ ("handle"),
    handle: { kind: /** @type {const} */ ("scale"), corner },
  });
  assert.equal(cursorOf({ tool: "select", hover: nothing, gesture: none }, false, 0), "default");
  assert.equal(cursorOf({ tool: "lasso", hover: nothing, gesture: none }, false, 0), "crosshair");
  assert.equal(cursorOf({ tool: "select", hover: { kind: "layer", layer: 0 }, gesture: none }, false, 0), "move");
  assert.equal(cursorOf({ tool: "select", hover: handle(0), gesture: none }, false, 0), "nwse-resize");
  assert.equal(cursorOf({ tool: "select", hover: handle(0), gesture: none }, false, 45), "ns-resize");
  assert.equal(cursorOf({ tool: "select", hover: handle(1), gesture: none }, false, -90), "ew-resize");
  assert.equal(cursorOf({ tool: "lasso", hover: nothing, gesture: none }, true, 0), "grabbing");
});
