import assert from "node:assert/strict";
import { test } from "node:test";
import { handlesOf, hitAll, hitTest } from "../../js/model/hit.js";
import { at, editor, selecting, withTool } from "./gesture_script.js";

const DISC = { region: { kind: "disc", centre: [200, 200], radius: 50 } };
const SQUARE = { region: { kind: "rectangle", box: [180, 180, 100, 100] } };

/**
 * @param {Parameters<typeof hitTest>[0]} state
 * @param {readonly [number, number]} place
 */
function hit(state, place) {
  return hitTest(state, place, 7);
}

test("the topmost layer is hit, a selected one before it", () => {
  const state = editor([DISC, SQUARE]);
  assert.deepEqual(hit(state, [210, 210]), { kind: "layer", layer: 1 });
  assert.deepEqual(hit(selecting(state, 0), [210, 210]), { kind: "layer", layer: 0 });
  assert.deepEqual(hit(state, [600, 20]), { kind: "nothing" });
  assert.deepEqual(hitAll(state, [210, 210], 7), [
    { kind: "layer", layer: 1 },
    { kind: "layer", layer: 0 },
  ]);
});

test("locked, disabled, whole-frame and rest layers are not hit", () => {
  const rows = [
    { ...DISC, locked: true },
    { ...DISC, enabled: false },
    { region: { kind: "frame" } },
    { region: { kind: "rest" } },
  ];
  for (const layer of rows) assert.deepEqual(hit(editor([layer]), [200, 200]), { kind: "nothing" });
});

test("a layer is hit where it is shown at the moment", () => {
  const state = at(
    editor([
      {
        ...DISC,
        motion: {
          path: {
            points: [
              [0, 0],
              [300, 0],
            ],
          },
        },
      },
    ]),
    1,
  );
  assert.deepEqual(hit(state, [200, 200]), { kind: "nothing" });
  assert.deepEqual(hit(state, [520, 200]), { kind: "layer", layer: 0 });
});

test("single points are hit from nearby", () => {
  const state = editor([{ region: { kind: "point", at: [50, 50] } }]);
  assert.deepEqual(hit(state, [60, 50]), { kind: "layer", layer: 0 });
  assert.deepEqual(hit(state, [64, 50]), { kind: "nothing" });
});

test("the box of a selected layer has corners, sides and a stalk; a disc has its radius at the start", () => {
  const state = selecting(editor([DISC]), 0);
  const handles = handlesOf(state).map(({ handle, at: place }) => [
    handle.kind,
    Reflect.get(handle, "corner") ?? -1,
    ...place.map(Math.round),
  ]);
  assert.deepEqual(handles, [
    ["scale", 0, 150, 150],
    ["scale", 1, 200, 150],
    ["scale", 2, 250, 150],
    ["scale", 3, 250, 200],
    ["scale", 4, 250, 250],
    ["scale", 5, 200, 250],
    ["scale", 6, 150, 250],
    ["scale", 7, 150, 200],
    ["rotate", -1, 200, 124],
    ["radius", -1, 235, 165],
  ]);
  assert.deepEqual(hit(state, [252, 148]), { kind: "handle", handle: { kind: "scale", corner: 2 } });
  assert.equal(
    handlesOf(at(state, 1)).some(({ handle }) => handle.kind === "radius"),
    false,
  );
});

test("a small box keeps its middle free to be dragged by", () => {
  const state = selecting(editor([{ region: { kind: "disc", centre: [200, 200], radius: 4 } }]), 0);
  assert.deepEqual(hit(state, [200, 200]), { kind: "layer", layer: 0 });
  assert.deepEqual(handlesOf(state)[0].at, [184, 184]);
});

test("an anchor can be taken once it matters", () => {
  const anchors = (/** @type {unknown} */ motion) =>
    handlesOf(selecting(editor([{ ...DISC, motion }]), 0)).filter(({ handle }) => handle.kind === "anchor");
  assert.deepEqual(anchors({}), []);
  assert.deepEqual(
    anchors({
      rotation: [
        [0, 0],
        [1, 9],
      ],
    }).map(({ at: place }) => place),
    [[200, 200]],
  );
  assert.deepEqual(
    anchors({ anchor: [5, 6] }).map(({ at: place }) => place),
    [[5, 6]],
  );
});

test("single points and what cannot be changed at the start have no handles", () => {
  const rows = [
    { region: { kind: "point", at: [9, 9] } },
    { region: { kind: "frame" } },
    { region: { kind: "rest" } },
    { ...DISC, locked: true },
  ];
  for (const layer of rows) assert.deepEqual(handlesOf(selecting(editor([layer]), 0)), []);
  assert.deepEqual(handlesOf(editor([DISC])), []);
});

test("points, handles and the way of the only selected layer's path are hit before layers", () => {
  const path = {
    kind: "bezier",
    points: [
      [0, 0],
      [100, 0],
      [300, 0],
    ],
    handles: [
      [0, 0, 0, 0],
      [-20, -30, 20, 30],
      [0, 0, 0, 0],
    ],
  };
  const state = at(selecting(editor([{ ...DISC, motion: { path } }]), 0), 1);
  assert.deepEqual(hit(state, [302, 201]), { kind: "path-point", layer: 0, index: 1 });
  assert.equal(hit(state, [320, 230]).kind, "nothing");
  const chosen = { ...state, selection: { layers: [0], points: [1], key: null } };
  assert.deepEqual(hit(chosen, [320, 230]), { kind: "path-handle", layer: 0, index: 1, side: "out" });
  assert.equal(hit(state, [242, 188]).kind, "path");
});

test("at the start the layer itself is taken at its path's first point", () => {
  const state = selecting(
    editor([
      {
        ...DISC,
        motion: {
          path: {
            points: [
              [0, 0],
              [300, 0],
            ],
          },
        },
      },
    ]),
    0,
  );
  assert.equal(hit(state, [200, 203]).kind, "path");
  assert.deepEqual(hit(state, [200, 220]), { kind: "layer", layer: 0 });
  assert.deepEqual(hit(at(state, 1), [200, 200]), { kind: "path-point", layer: 0, index: 0 });
});

test("corners of an outline are hit at the start only", () => {
  const state = selecting(
    editor([
      {
        region: {
          kind: "polygon",
          points: [
            [100, 100],
            [300, 120],
            [200, 300],
            [180, 200],
          ],
        },
      },
    ]),
    0,
  );
  assert.deepEqual(hit(state, [181, 201]), { kind: "region-point", layer: 0, index: 3 });
  assert.deepEqual(hit(at(state, 0.5), [185, 201]), { kind: "layer", layer: 0 });
});

test("the camera tool takes the picture anywhere and by its corners, also before there is a camera", () => {
  const state = withTool(editor([DISC]), "camera");
  assert.deepEqual(hit(state, [400, 200]), { kind: "nothing" });
  assert.deepEqual(hit(state, [832, 480]), { kind: "handle", handle: { kind: "scale", corner: 4 } });
  const there = withTool(editor([DISC, { region: { kind: "frame" } }]), "camera");
  assert.deepEqual(hit(there, [400, 200]), { kind: "layer", layer: 1 });
});

test("nothing, huge places and layers squeezed to nothing are no trouble", () => {
  assert.deepEqual(hit(editor([]), [0, 0]), { kind: "nothing" });
  assert.deepEqual(hit(editor([DISC]), [1e300, -1e300]), { kind: "nothing" });
  const tiny = at(
    editor([
      {
        ...DISC,
        motion: {
          scale: [
            [0, 100],
            [1, 0.01],
          ],
        },
      },
    ]),
    1,
  );
  assert.deepEqual(hit(tiny, [200, 200]), { kind: "layer", layer: 0 });
});
