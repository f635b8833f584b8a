import assert from "node:assert/strict";
import { test } from "node:test";
import { after, at, click, drag, editor, pressed, selecting } from "./gesture_script.js";

const BOX = { region: { kind: "rectangle", box: [300, 100, 60, 40] } };
const OUTLINE = {
  region: {
    kind: "polygon",
    points: [
      [130, 100],
      [300, 140],
      [270, 300],
      [100, 250],
    ],
  },
};

/** @type {(turns: number) => [number, number][]} places around the middle of BOX, from above it, a sixteenth of a turn each */
const around = (turns) =>
  Array.from({ length: Math.abs(turns) * 16 + 1 }, (_, step) => {
    const angle = (Math.sign(turns) * step * Math.PI) / 8 - Math.PI / 2;
    return [330 + 46 * Math.cos(angle), 120 + 46 * Math.sin(angle)];
  });

test("the handle turns on beyond half a turn, as often as it is led around, either way", () => {
  const state = at(selecting(editor([BOX]), 0), 1);
  for (const turns of [1, 2.5, -1.5]) {
    const turned = drag(state, around(turns)).document.layers[0].motion.rotation.at(-1)?.value ?? 0;
    assert.ok(Math.abs(turned - turns * 360) < 0.01, `${turned}`);
  }
});

test("with Shift a turn of several rounds goes by 15 degrees", () => {
  const state = at(selecting(editor([BOX]), 0), 1);
  const turned = drag(state, [...around(1), [340, 74]], { shift: true });
  assert.equal(turned.document.layers[0].motion.rotation.at(-1)?.value, 375);
});

/** @param {ReturnType<typeof editor>} state */
function corners(state) {
  const { region } = state.document.layers[0];
  return region.kind === "polygon" || region.kind === "brush" ? region.points : [];
}

test("a double click on an outline's edge puts a corner there, which Delete takes away again", () => {
  const state = selecting(editor([OUTLINE]), 0);
  const added = click(state, [186, 272], { clicks: 2 });
  assert.deepEqual(corners(added), [
    [130, 100],
    [300, 140],
    [270, 300],
    [185.108, 275.032],
    [100, 250],
  ]);
  assert.deepEqual(added.selection, { layers: [0], points: [], key: null, regionPoints: [3] });
  assert.equal(added.history.past.length, 1);
  assert.deepEqual(corners(after(added, { type: "delete" })), corners(state));
  // The last edge leads back to the first corner.
  assert.deepEqual(corners(click(state, [112, 190], { clicks: 2 })).at(-1), [112, 190]);
});

test("a double click inside an outline, at a later moment or on a locked layer puts no corner", () => {
  const state = selecting(editor([OUTLINE]), 0);
  assert.equal(corners(click(state, [200, 200], { clicks: 2 })).length, 4);
  assert.equal(corners(click(at(state, 1), [185, 275], { clicks: 2 })).length, 4);
  assert.equal(corners(click(selecting(editor([{ ...OUTLINE, locked: true }]), 0), [185, 275], { clicks: 2 })).length, 4);
});

test("an edge of a stroke of the brush takes a point, but not between its ends", () => {
  const stroke = {
    region: {
      kind: "brush",
      points: [
        [100, 100],
        [300, 100],
        [300, 300],
      ],
      radius: 20,
    },
  };
  const state = selecting(editor([stroke]), 0);
  assert.equal(corners(click(state, [200, 104], { clicks: 2 })).length, 4);
  assert.equal(corners(click(state, [200, 200], { clicks: 2 })).length, 3);
});

test("corners are selected by a click, more with Shift, and move together", () => {
  let state = click(selecting(editor([OUTLINE]), 0), [130, 100]);
  assert.deepEqual(state.selection.regionPoints, [0]);
  state = click(state, [300, 140], { shift: true });
  assert.deepEqual(state.selection.regionPoints, [0, 1]);
  assert.deepEqual(
    corners(
      drag(state, [
        [300, 140],
        [310, 130],
      ]),
    ),
    [
      [140, 90],
      [310, 130],
      [270, 300],
      [100, 250],
    ],
  );
  assert.deepEqual(corners(after(state, { type: "nudge", by: [0, -8] })), [
    [130, 92],
    [300, 132],
    [270, 300],
    [100, 250],
  ]);
  assert.deepEqual(
    corners(
      drag(state, [
        [270, 300],
        [290, 300],
      ]),
    ),
    [
      [130, 100],
      [300, 140],
      [290, 300],
      [100, 250],
    ],
  );
  assert.deepEqual(click(state, [300, 140], { shift: true }).selection.regionPoints, [0]);
});

test("an outline keeps three corners", () => {
  const state = after(selecting(editor([OUTLINE]), 0), {
    type: "select",
    selection: { layers: [0], points: [], key: null, regionPoints: [0, 1] },
  });
  const refused = after(state, { type: "delete" });
  assert.deepEqual([refused.document, refused.notice?.text], [state.document, "notice.last-corners"]);
});

test("selected corners are those of the only selected layer, and Escape lets go of them first", () => {
  const selection = { layers: [0], points: [], key: null, regionPoints: [3, 1, 9, -1] };
  const state = after(editor([OUTLINE, BOX]), { type: "select", selection });
  assert.deepEqual(state.selection.regionPoints, [1, 3]);
  assert.equal(selecting(state, 0, 1).selection.regionPoints, undefined);
  assert.equal(pressed(state, [[200, 200]]).selection.regionPoints, undefined);
});
