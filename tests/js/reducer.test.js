import assert from "node:assert/strict";
import { test } from "node:test";
import { makeLayer } from "../../js/model/document.js";
import { after, at, drag, editor, inputAt, layersOf, pressed, selecting, withTool } from "./gesture_script.js";

/** @import { EditorState } from "../../js/types.js" */

const A = { region: { kind: "disc", centre: [100, 100], radius: 30 } };
const B = { region: { kind: "point", at: [300, 100] } };

/** @param {EditorState} state */
function places(state) {
  return state.document.layers.map(({ region }) => Reflect.get(region, "centre") ?? Reflect.get(region, "at") ?? region.kind);
}

test("copied layers are pasted 16 px beside, again and again", () => {
  const copied = after(selecting(editor([A, B]), 1), { type: "copy" });
  const once = after(copied, { type: "paste" });
  assert.deepEqual(
    [places(once), once.selection.layers],
    [
      [
        [100, 100],
        [300, 100],
        [316, 116],
      ],
      [2],
    ],
  );
  assert.deepEqual(places(after(once, { type: "paste" }))[3], [332, 132]);
  assert.deepEqual(
    places(after(editor([]), { type: "paste-layers", layers: [makeLayer({ region: { kind: "point", at: [1, 2] } })] })),
    [[17, 18]],
  );
});

test("cut, duplicate and delete", () => {
  const state = selecting(editor([A, B]), 0);
  const cut = after(state, { type: "cut" });
  assert.deepEqual([places(cut), cut.clipboard.length, cut.selection.layers], [[[300, 100]], 1, []]);
  assert.deepEqual(places(after(state, { type: "duplicate" })), [
    [100, 100],
    [300, 100],
    [116, 116],
  ]);
  assert.deepEqual(places(after(state, { type: "delete" })), [[300, 100]]);
});

test("delete takes path points first, then the key, then layers that are not locked", () => {
  const motion = {
    path: {
      points: [
        [0, 0],
        [50, 0],
        [90, 0],
      ],
    },
    rotation: [
      [0, 0],
      [1, 9],
    ],
  };
  const state = editor([
    { ...A, motion },
    { ...B, locked: true },
  ]);
  const points = after(state, { type: "select", selection: { layers: [0], points: [1], key: null } }, { type: "delete" });
  assert.deepEqual(points.document.layers[0].motion.path?.points, [
    [0, 0],
    [90, 0],
  ]);
  const all = after(state, { type: "select", selection: { layers: [0], points: [0, 1], key: null } }, { type: "delete" });
  assert.equal(all.document.layers[0].motion.path, null);
  const key = after(
    state,
    { type: "select", selection: { layers: [0], points: [], key: { layer: 0, track: "rotation", index: 1 } } },
    { type: "delete" },
  );
  assert.deepEqual(key.document.layers[0].motion.rotation.length, 1);
  assert.equal(key.document.layers.length, 2);
  const locked = after(selecting(state, 1), { type: "delete" });
  assert.deepEqual([locked.document, locked.notice?.text], [state.document, "notice.locked"]);
});

test("nudging moves regions at the start, places later, and selected path points", () => {
  const state = selecting(editor([A]), 0);
  assert.deepEqual(places(after(state, { type: "nudge", by: [8, 0] })), [[108, 100]]);
  const later = after(at(state, 1), { type: "nudge", by: [0, -1] }, { type: "nudge", by: [0, -1] });
  assert.deepEqual(
    [places(later), later.document.layers[0].motion.path?.points],
    [
      [[100, 100]],
      [
        [0, 0],
        [0, -2],
      ],
    ],
  );
  const chosen = after(
    later,
    { type: "select", selection: { layers: [0], points: [1], key: null } },
    { type: "nudge", by: [5, 0] },
  );
  assert.deepEqual(chosen.document.layers[0].motion.path?.points, [
    [0, 0],
    [5, -2],
  ]);
});

test("groups are made and dissolved", () => {
  const grouped = after(selecting(editor([A, B]), 0, 1), { type: "group" });
  assert.deepEqual(
    grouped.document.layers.map((layer) => layer.group),
    ["group 1", "group 1"],
  );
  assert.deepEqual(
    after(grouped, { type: "ungroup" }).document.layers.map((layer) => layer.group),
    ["", ""],
  );
});

test("Tab goes through what overlaps, downwards, and without a place through all layers", () => {
  const state = editor([A, { ...A, region: { ...A.region, radius: 20 } }, B]);
  const seen = [];
  let now = state;
  for (let step = 0; step < 3; step += 1) {
    now = after(now, { type: "select-next", at: [100, 100], back: false });
    seen.push(now.selection.layers[0]);
  }
  assert.deepEqual(seen, [1, 0, 1]);
  assert.deepEqual(after(state, { type: "select-next", at: null, back: true }).selection.layers, [2]);
  const empty = editor([]);
  assert.equal(after(empty, { type: "select-next", at: null, back: false }), empty);
});

test("a preset goes on what is selected, else on the camera", () => {
  assert.deepEqual(layersOf(after(selecting(editor([A]), 0), { type: "apply-preset", name: "zoom" }))[0], {
    ...A,
    motion: {
      scale: [
        [0, 1],
        [1, 1.3],
      ],
    },
  });
  const camera = after(editor([A]), { type: "apply-preset", name: "pan" });
  assert.deepEqual(layersOf(camera)[1], {
    region: { kind: "frame" },
    motion: {
      path: {
        points: [
          [0, 0],
          [160, 0],
        ],
      },
    },
  });
  assert.equal(after(camera, { type: "apply-preset", name: "nonsense" }).document, camera.document);
});

test("set key and visibility act at the playhead, on what is selected", () => {
  const state = at(selecting(editor([A]), 0), 0.5);
  assert.deepEqual(layersOf(after(state, { type: "set-key" }))[0], {
    ...A,
    motion: {
      rotation: [
        [0, 0],
        [0.5, 0],
      ],
      scale: [
        [0, 1],
        [0.5, 1],
      ],
    },
  });
  assert.deepEqual(layersOf(after(state, { type: "toggle-visibility" }))[0], { ...A, visible: [[0, 0.49375]] });
  assert.equal(after(at(editor([A]), 0.5), { type: "set-key" }).notice?.text, "notice.nothing-selected");
});

test("everything else is pinned below all, once", () => {
  const pinned = after(selecting(editor([A, B]), 1), { type: "pin-rest" });
  assert.deepEqual([places(pinned), pinned.selection.layers], [["rest", [100, 100], [300, 100]], [2]]);
  const again = after(pinned, { type: "pin-rest" });
  assert.deepEqual([again.document, again.notice?.text], [pinned.document, "notice.rest-there"]);
});

test("selections are kept true to the document", () => {
  const state = after(editor([A, B]), {
    type: "select",
    selection: { layers: [1, 0, 1, 9, -1], points: [3], key: { layer: 7, track: "path", index: 0 } },
  });
  assert.deepEqual(state.selection, { layers: [0, 1], points: [], key: null });
  assert.deepEqual(after(state, { type: "select-all" }).selection.layers, [0, 1]);
});

test("progress stays in the clip, playing from the end starts over", () => {
  const state = editor([A]);
  assert.equal(at(state, 7).progress, 1);
  assert.equal(at(state, -7).progress, 0);
  assert.equal(at(state, Number.NaN), state);
  const playing = after(at(state, 1), { type: "play" });
  assert.deepEqual([playing.playing, playing.progress], [true, 0]);
  assert.equal(after(playing, { type: "pause" }).playing, false);
});

test("a drag stops the clip", () => {
  assert.equal(pressed(after(editor([A]), { type: "play" }), [[100, 100]]).playing, false);
  assert.equal(pressed(after(withTool(editor([A]), "hand"), { type: "play" }), [[100, 100]]).playing, true);
});

test("an edit from a panel keeps an unfinished path as a step of its own", () => {
  const drawn = drag(drag(withTool(editor(), "points"), [[100, 100]]), [[200, 100]]);
  const edited = after(drawn, { type: "edit", document: { ...drawn.document, layers: [] } });
  assert.equal(edited.history.past.length, 2);
  assert.equal(edited.gesture.kind, "none");
});

test("view, overlays, options, clip and notices change without a step", () => {
  const state = after(
    editor([A]),
    { type: "set-viewport", viewport: { scale: 1e9, x: 5, y: 6 } },
    { type: "set-overlays", overlays: { coverage: true } },
    { type: "set-options", options: { brushRadius: 40 } },
    { type: "set-stage", stage: [400, 300] },
    { type: "notice", text: "notice.full", kind: "error" },
  );
  assert.deepEqual(
    [state.viewport.scale, state.overlays.coverage, state.options.brushRadius, state.stage],
    [64, true, 40, [400, 300]],
  );
  assert.deepEqual(state.notice, { text: "notice.full", kind: "error" });
  assert.equal(after(state, { type: "dismiss-notice" }).notice, null);
  assert.equal(state.history.past.length, 0);
});

test("of 256 dense layers the one under the pointer is found and dragged", () => {
  const layers = Array.from({ length: 256 }, (_, index) => ({
    region: { kind: "rectangle", box: [(index % 16) * 50, Math.floor(index / 16) * 30, 48, 28] },
    motion: {
      path: {
        kind: "catmull-rom",
        points: [
          [0, 0],
          [3, 1],
          [6, 0],
          [8, 4],
        ],
      },
    },
    density: 64,
  }));
  const state = at(editor(layers), 0.5);
  const down = pressed(state, [
    [420, 250],
    [430, 260],
  ]);
  assert.equal(down.gesture.kind, "drag");
  assert.deepEqual(down.selection.layers, [136]);
  assert.deepEqual(after(state, { type: "pointer-move", input: inputAt([470, 250]) }).hover, { kind: "layer", layer: 137 });
});
