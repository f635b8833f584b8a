import assert from "node:assert/strict";
import { test } from "node:test";
import { after, click, drag, editor, withTool } from "./gesture_script.js";

const A = { region: { kind: "disc", centre: [100, 100], radius: 30 } };

test("other buttons draw nothing, the middle one pans, a release without a press does nothing", () => {
  const state = withTool(editor([A]), "disc");
  assert.equal(
    drag(
      state,
      [
        [300, 300],
        [350, 300],
      ],
      { button: 2 },
    ),
    state,
  );
  assert.equal(
    drag(
      state,
      [
        [300, 300],
        [350, 300],
      ],
      { button: 5 },
    ),
    state,
  );
  assert.deepEqual(
    drag(
      state,
      [
        [300, 300],
        [350, 310],
      ],
      { button: 1 },
    ).viewport,
    { scale: 1, x: 50, y: 10 },
  );
  assert.equal(
    after(state, {
      type: "pointer-up",
      input: {
        at: [1, 1],
        view: [1, 1],
        button: 0,
        shift: false,
        control: false,
        pointer: "pen",
        pressure: 0,
        time: 0,
        clicks: 0,
      },
    }),
    state,
  );
});

test("the hand pans and the glass zooms, to a point or a rectangle", () => {
  const state = editor([A]);
  assert.deepEqual(
    drag(withTool(state, "hand"), [
      [10, 10],
      [60, 40],
    ]).viewport,
    { scale: 1, x: 50, y: 30 },
  );
  assert.deepEqual(click(withTool(state, "zoom"), [100, 50]).viewport, { scale: 2, x: -100, y: -50 });
  assert.deepEqual(click(withTool(state, "zoom"), [100, 50], { shift: true }).viewport, { scale: 0.5, x: 50, y: 25 });
  assert.deepEqual(
    drag(withTool(state, "zoom"), [
      [0, 0],
      [208, 120],
    ]).viewport,
    { scale: 4, x: 0, y: 0 },
  );
});
