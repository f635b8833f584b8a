import assert from "node:assert/strict";
import { test } from "node:test";
import { boundViewport, fitBox, fitViewport, imageToView, panBy, viewToImage, zoomAt } from "../../js/model/viewport.js";

test("view = image * scale + offset, and back", () => {
  const viewport = { scale: 2, x: 10, y: -20 };
  assert.deepEqual(imageToView(viewport, [100, 50]), [210, 80]);
  assert.deepEqual(viewToImage(viewport, [210, 80]), [100, 50]);
});

test("zooming keeps the place under the pointer", () => {
  const zoomed = zoomAt({ scale: 1, x: 0, y: 0 }, [300, 200], 2);
  assert.deepEqual(zoomed, { scale: 2, x: -300, y: -200 });
  assert.deepEqual(viewToImage(zoomed, [300, 200]), [300, 200]);
});

test("zoom ends at 0.02 and 64", () => {
  const rows = /** @type {const} */ ([
    [1e9, 64],
    [1e-9, 0.02],
    [Number.POSITIVE_INFINITY, 64],
    [0, 0.02],
    [Number.NaN, 1],
  ]);
  for (const [factor, scale] of rows) assert.equal(zoomAt({ scale: 1, x: 0, y: 0 }, [5, 5], factor).scale, scale);
});

test("panning moves by CSS pixels and not beyond any place worth seeing", () => {
  assert.deepEqual(panBy({ scale: 3, x: 1, y: 2 }, [10, -5]), { scale: 3, x: 11, y: -3 });
  assert.deepEqual(panBy({ scale: 3, x: 1, y: 2 }, [1e300, Number.NaN]), { scale: 3, x: 1e8, y: 0 });
});

test("the whole picture is shown in the middle with a fifth of it free on each side, and less on a small stage", () => {
  assert.deepEqual(fitViewport(800, 400, [1120, 560]), { scale: 1, x: 160, y: 80 });
  assert.deepEqual(fitViewport(800, 400, [560, 1000]), { scale: 0.5, x: 80, y: 400 });
  assert.deepEqual(fitViewport(800, 400, [448, 440]), { scale: 0.5, x: 24, y: 120 });
});

test("a stage without size and a box without size still give a view", () => {
  assert.deepEqual(fitViewport(800, 400, [0, 0]), { scale: 0.02, x: -8, y: -4 });
  assert.equal(fitBox([10, 10, 10, 10], [100, 100]).scale, 64);
  assert.deepEqual(boundViewport({ scale: Number.NaN, x: Number.NaN, y: 3 }), { scale: 1, x: 0, y: 3 });
});
