import assert from "node:assert/strict";
import { test } from "node:test";
import { at, click, drag, editor, layersOf, withTool } from "./gesture_script.js";

const DISC = { region: { kind: "disc", centre: [100, 100], radius: 30 } };

test("the camera tool pans, zooms and rolls the picture at the moment; at the start it goes to the end", () => {
  const state = withTool(editor([DISC]), "camera");
  assert.equal(state.progress, 1);
  assert.deepEqual(
    layersOf(
      drag(state, [
        [400, 200],
        [350, 210],
      ]),
    )[1],
    {
      region: { kind: "frame" },
      motion: {
        path: {
          points: [
            [0, 0],
            [-50, 10],
          ],
        },
      },
    },
  );
  assert.deepEqual(
    layersOf(
      drag(state, [
        [832, 480],
        [1040, 600],
      ]),
    )[1],
    {
      region: { kind: "frame" },
      motion: {
        scale: [
          [0, 1],
          [1, 1.5],
        ],
      },
    },
  );
  assert.deepEqual(
    layersOf(
      drag(at(state, 0), [
        [416, -26],
        [682, 240],
      ]),
    )[1],
    {
      region: { kind: "frame" },
      motion: {
        rotation: [
          [0, 0],
          [1, 90],
        ],
      },
    },
  );
  assert.equal(click(state, [400, 200]).document, state.document);
});
