import assert from "node:assert/strict";
import { test } from "node:test";
import { after, click, drag, editor, inputAt, layersOf, pressed, selecting, withTool } from "./gesture_script.js";

/** @import { Tool } from "../../js/types.js" */

const DISC = { region: { kind: "disc", centre: [100, 100], radius: 30 } };

test("with the points tool a click makes a point and the next ones its path, one step in all", () => {
  let state = withTool(editor(), "points");
  for (const place of /** @type {[number, number][]} */ ([
    [100, 100],
    [200, 150],
    [300, 100],
  ]))
    state = click(state, place);
  assert.equal(state.history.past.length, 0);
  state = after(state, { type: "finish-path" });
  assert.equal(state.history.past.length, 1);
  assert.deepEqual(layersOf(state), [
    {
      region: { kind: "point", at: [100, 100] },
      motion: {
        path: {
          kind: "catmull-rom",
          points: [
            [0, 0],
            [100, 50],
            [200, 0],
          ],
        },
      },
    },
  ]);
});

test("the selected layer's path becomes longer; a double click ends it", () => {
  const state = withTool(
    selecting(
      editor([
        {
          ...DISC,
          motion: {
            path: {
              points: [
                [0, 0],
                [50, 0],
              ],
            },
          },
        },
      ]),
      0,
    ),
    "points",
  );
  const longer = click(click(state, [300, 100]), [300, 100], { clicks: 2 });
  assert.deepEqual(longer.document.layers[0].motion.path?.points, [
    [0, 0],
    [50, 0],
    [200, 0],
  ]);
  assert.equal(longer.gesture.kind, "none");
  assert.equal(longer.history.past.length, 1);
});

test("another tool keeps the unfinished path, Escape takes it back", () => {
  const state = click(click(withTool(editor(), "points"), [100, 100]), [200, 150]);
  assert.equal(withTool(state, "hand").history.past.length, 1);
  assert.deepEqual(layersOf(after(state, { type: "cancel-gesture" })), []);
});

test("the pen pulls handles", () => {
  let state = drag(withTool(editor(), "pen"), [
    [100, 100],
    [120, 80],
  ]);
  state = drag(state, [
    [300, 100],
    [330, 110],
  ]);
  assert.deepEqual(layersOf(after(state, { type: "finish-path" }))[0], {
    region: { kind: "point", at: [100, 100] },
    motion: {
      path: {
        kind: "bezier",
        points: [
          [0, 0],
          [200, 0],
        ],
        handles: [
          [-20, 20, 20, -20],
          [-30, -10, 30, 10],
        ],
      },
    },
  });
});

test("a pencil stroke becomes the path of what it starts on, else of a new point", () => {
  const stroke = /** @type {[number, number][]} */ ([
    [100, 100],
    [150, 100],
    [220, 100],
  ]);
  const path = {
    points: [
      [0, 0],
      [120, 0],
    ],
  };
  assert.deepEqual(layersOf(drag(withTool(editor([DISC]), "pencil"), stroke)), [{ ...DISC, motion: { path } }]);
  const elsewhere = drag(
    withTool(selecting(editor([DISC]), 0), "pencil"),
    stroke.map(([x, y]) => [x + 300, y + 50]),
  );
  assert.deepEqual(layersOf(elsewhere), [{ ...DISC, motion: { path } }]);
  assert.deepEqual(layersOf(drag(withTool(editor(), "pencil"), stroke)), [
    { region: { kind: "point", at: [100, 100] }, motion: { path } },
  ]);
});

test("stroke after stroke of the pencil makes point after point", () => {
  let state = withTool(editor(), "pencil");
  for (const y of [50, 150, 250])
    state = drag(state, [
      [100, y],
      [300, y],
    ]);
  assert.equal(state.document.layers.length, 3);
  assert.equal(state.history.past.length, 3);
});

test("a locked layer takes no path and says why", () => {
  for (const tool of /** @type {Tool[]} */ (["points", "pencil", "record"])) {
    const state = selecting(editor([{ ...DISC, locked: true }]), 0);
    const refused = drag(withTool(state, tool), [
      [300, 300],
      [400, 300],
    ]);
    assert.deepEqual([refused.document, refused.notice?.text], [state.document, "notice.locked"], tool);
  }
});

test("recording plays the clip and keeps where the pointer was when", () => {
  let state = withTool(selecting(editor([DISC]), 0), "record");
  state = after(state, { type: "pointer-down", input: inputAt([100, 100], { time: 1000 }) });
  assert.deepEqual([state.playing, state.progress], [true, 0]);
  state = after(state, { type: "pointer-move", input: inputAt([200, 100], { time: 2000 }) });
  state = after(state, { type: "pointer-move", input: inputAt([200, 180], { time: 3500 }) });
  state = after(state, { type: "pointer-up", input: inputAt([200, 180], { time: 3600 }) });
  // 81 frames at 16 frames a second are 5 seconds from the first to the last.
  assert.deepEqual(state.document.layers[0].motion.path, {
    kind: "linear",
    points: [
      [0, 0],
      [100, 0],
      [100, 80],
      [100, 80],
    ],
    handles: [],
    times: [0, 0.2, 0.5, 1],
  });
  assert.deepEqual([state.playing, state.history.past.length], [false, 1]);
});

test("a recording ends with the clip, by the clock of the events or of the player", () => {
  const begun = pressed(withTool(selecting(editor([DISC]), 0), "record"), [[100, 100]]);
  const late = after(begun, { type: "pointer-move", input: inputAt([200, 100], { time: 5000 }) });
  assert.deepEqual([late.gesture.kind, late.playing, late.history.past.length], ["none", false, 1]);
  const moved = after(
    begun,
    { type: "pointer-move", input: inputAt([200, 100], { time: 3000 }) },
    { type: "set-progress", progress: 0.6 },
  );
  const round = after(moved, { type: "set-progress", progress: 0.01 });
  assert.deepEqual([round.gesture.kind, round.playing, round.history.past.length], ["none", false, 1]);
});

test("a click of the recorder records nothing", () => {
  const state = click(withTool(editor(), "record"), [100, 100]);
  assert.deepEqual([layersOf(state), state.playing, state.history.past.length], [[], false, 0]);
});

test("a recording goes through the camera", () => {
  const camera = {
    region: { kind: "frame" },
    motion: {
      scale: [
        [0, 1],
        [1, 2],
      ],
      anchor: [100, 100],
    },
  };
  let state = pressed(withTool(selecting(editor([DISC, camera]), 0), "record"), [[100, 100]]);
  state = after(state, { type: "pointer-move", input: inputAt([200, 100], { time: 5000 }) });
  assert.deepEqual(state.document.layers[0].motion.path?.points, [
    [0, 0],
    [50, 0],
  ]);
});
