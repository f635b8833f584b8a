import assert from "node:assert/strict";
import { test } from "node:test";
import { changeLayers, growAt, holdAt, isStill, moveAt, moveSelected, setLayer, turnAt } from "../../js/model/edits.js";
import { affineAt, applyAffine } from "../../js/model/motion.js";
import { documentOf, layersOf } from "./gesture_script.js";

/** @import { Pair, TrackDocument } from "../../js/types.js" */

const DISC = { kind: "disc", centre: [100, 100], radius: 20 };

/** @param {number} progress */
function moment(progress) {
  return { progress, length: 81 };
}

/**
 * The motion of the first layer after it has been moved at moments, as JSON.
 *
 * @param {unknown} motion
 * @param {...[number, Pair]} moves
 */
function movedMotion(motion, ...moves) {
  let document = documentOf([{ region: DISC, motion }]);
  for (const [progress, by] of moves) document = setLayer(document, 0, moveAt(document, 0, by, moment(progress)));
  return /** @type {{ motion: unknown }} */ (layersOf(document)[0]).motion;
}

/**
 * Where the disc's centre is shown.
 *
 * @param {TrackDocument} document
 * @param {number} progress
 */
function shown(document, progress) {
  const place = applyAffine(affineAt(document, document.layers[0], progress), 100, 100);
  return place.map((value) => Math.round(value * 1e3) / 1e3 + 0);
}

test("a first move makes a path: straight to the end, or there and then rest", () => {
  assert.deepEqual(movedMotion({}, [1, [50, -20]]), {
    path: {
      points: [
        [0, 0],
        [50, -20],
      ],
    },
  });
  assert.deepEqual(movedMotion({}, [0.5, [50, -20]]), {
    path: {
      points: [
        [0, 0],
        [50, -20],
        [50, -20],
      ],
      times: [0, 0.5, 1],
    },
  });
});

test("a reversed motion is at its path's end at the start, so the move goes to the other end", () => {
  const timing = { reverse: true };
  assert.deepEqual(movedMotion({ timing }, [1, [50, 0]]), {
    path: {
      points: [
        [50, 0],
        [0, 0],
      ],
    },
    timing,
  });
  assert.deepEqual(movedMotion({ timing }, [0.75, [50, 0]]), {
    path: {
      points: [
        [50, 0],
        [50, 0],
        [0, 0],
      ],
      times: [0, 0.25, 1],
    },
    timing,
  });
});

test("a move at the end moves the last point and keeps the constant speed", () => {
  const path = {
    points: [
      [0, 0],
      [10, 0],
      [50, 0],
    ],
  };
  assert.deepEqual(movedMotion({ path }, [1, [0, 5]]), {
    path: {
      points: [
        [0, 0],
        [10, 0],
        [50, 5],
      ],
    },
  });
});

test("a move in the middle puts a point there and every other time keeps its place", () => {
  const path = {
    points: [
      [0, 0],
      [100, 0],
    ],
  };
  assert.deepEqual(movedMotion({ path }, [0.5, [0, 30]]), {
    path: {
      points: [
        [0, 0],
        [50, 30],
        [100, 0],
      ],
      times: [0, 0.5, 1],
    },
  });
  const timed = {
    points: [
      [0, 0],
      [80, 0],
      [100, 0],
    ],
    times: [0, 0.25, 1],
  };
  assert.deepEqual(movedMotion({ path: timed }, [0.25, [0, 7]]), {
    path: {
      points: [
        [0, 0],
        [80, 7],
        [100, 0],
      ],
      times: [0, 0.25, 1],
    },
  });
  assert.deepEqual(movedMotion({ path: timed }, [0.625, [0, 7]]), {
    path: {
      points: [
        [0, 0],
        [80, 0],
        [90, 7],
        [100, 0],
      ],
      times: [0, 0.25, 0.625, 1],
    },
  });
});

test("within half a frame the point that is there moves", () => {
  const path = {
    points: [
      [0, 0],
      [80, 0],
      [100, 0],
    ],
    times: [0, 0.25, 1],
  };
  assert.deepEqual(movedMotion({ path }, [0.255, [0, 7]]), {
    path: {
      ...path,
      points: [
        [0, 0],
        [80, 7],
        [100, 0],
      ],
    },
  });
});

test("moved twice at a moment, the rest that follows goes along; at the end it alone moves", () => {
  assert.deepEqual(movedMotion({}, [0.5, [50, 0]], [0.5, [0, 9]]), {
    path: {
      points: [
        [0, 0],
        [50, 9],
        [50, 9],
      ],
      times: [0, 0.5, 1],
    },
  });
  assert.deepEqual(movedMotion({}, [0.5, [50, 0]], [1, [0, 9]]), {
    path: {
      points: [
        [0, 0],
        [50, 0],
        [50, 9],
      ],
      times: [0, 0.5, 1],
    },
  });
});

test("where the motion has not begun or is back at its start, nothing can be set", () => {
  const rows = [
    [{ timing: { start: 0.5 } }, 0.3],
    [{ timing: { repeat: "ping-pong" } }, 1],
    [{ timing: { easing: "step" } }, 0.7],
    [{}, 0],
  ];
  for (const [motion, progress] of /** @type {[unknown, number][]} */ (rows)) {
    const document = documentOf([{ region: DISC, motion }]);
    assert.equal(isStill(document.layers[0], moment(progress)), true);
    assert.equal(moveAt(document, 0, [5, 5], moment(progress)), document.layers[0]);
    assert.equal(turnAt(document.layers[0], 20, moment(progress)), document.layers[0]);
  }
});

test("whatever its path, timing and camera, a layer is shown where it was moved to", () => {
  const camera = {
    region: { kind: "frame" },
    motion: {
      scale: [
        [0, 1],
        [1, 2],
      ],
      rotation: [
        [0, 0],
        [1, 90],
      ],
    },
  };
  const bend = [
    [0, 0],
    [60, 10],
    [90, 80],
  ];
  const motions = [
    {},
    { path: { points: bend } },
    {
      path: {
        kind: "bezier",
        points: bend,
        handles: [
          [0, 0, 30, 0],
          [-9, -9, 9, 9],
          [0, -20, 0, 0],
        ],
      },
    },
    { path: { kind: "bezier", points: bend, times: [0, 0.2, 1] } },
    { timing: { easing: "ease-in-out", start: 0.1, end: 0.9 }, path: { points: bend } },
    { timing: { repeat: "loop", cycles: 2 }, path: { points: bend } },
    { timing: { reverse: true }, path: { points: bend } },
    {
      rotation: [
        [0, 0],
        [1, 50],
      ],
      components: [{ kind: "sway" }],
    },
  ];
  for (const motion of motions) {
    for (const progress of [0.3, 0.62, 0.8]) {
      const document = documentOf([{ region: DISC, motion }, camera]);
      const [x, y] = shown(document, progress);
      const moved = setLayer(document, 0, moveAt(document, 0, [12, -34], moment(progress)));
      const [left, top] = shown(moved, progress);
      assert.ok(Math.hypot(left - x - 12, top - y + 34) < 0.01, `${JSON.stringify(motion)} at ${progress}`);
      assert.deepEqual(shown(moved, 0), [100, 100]);
    }
  }
});

test("a camera is moved through the cameras above it", () => {
  const document = documentOf([
    { region: { kind: "frame" } },
    {
      region: { kind: "frame" },
      motion: {
        scale: [
          [0, 1],
          [1, 2],
        ],
      },
    },
  ]);
  assert.deepEqual(layersOf(setLayer(document, 0, moveAt(document, 0, [10, 0], moment(1))))[0], {
    region: { kind: "frame" },
    motion: {
      path: {
        points: [
          [0, 0],
          [5, 0],
        ],
      },
    },
  });
});

test("turning and growing set a key at the moment and one at the start", () => {
  const [layer] = documentOf([{ region: DISC }]).layers;
  assert.deepEqual(turnAt(layer, 30, moment(0.5)).motion.rotation, [
    { time: 0, value: 0, easing: "linear" },
    { time: 0.5, value: 30, easing: "linear" },
  ]);
  assert.deepEqual(growAt(layer, 2, moment(1)).motion.scale, [
    { time: 0, value: 1, easing: "linear" },
    { time: 1, value: 2, easing: "linear" },
  ]);
});

test("a key within half a frame is changed, a scale between keys grows by equal factors, values end at their limits", () => {
  const [layer] = documentOf([
    {
      region: DISC,
      motion: {
        scale: [
          [0, 1],
          [1, 4],
        ],
        rotation: [
          [0, 0],
          [0.5, 10],
          [1, 10],
        ],
      },
    },
  ]).layers;
  assert.deepEqual(
    turnAt(layer, 5, moment(0.505)).motion.rotation.map((key) => key.value),
    [0, 15, 10],
  );
  assert.deepEqual(
    growAt(layer, 1.5, moment(0.5)).motion.scale.map((key) => key.value),
    [1, 3, 4],
  );
  assert.deepEqual(
    growAt(layer, 1e9, moment(1)).motion.scale.map((key) => key.value),
    [1, 100],
  );
  assert.deepEqual(
    turnAt(layer, -1e9, moment(1)).motion.rotation.map((key) => key.value),
    [0, 10, -36000],
  );
});

test("setting keys changes nothing that is seen", () => {
  const motion = {
    path: {
      points: [
        [0, 0],
        [100, 0],
      ],
    },
    rotation: [
      [0, 0, "ease-in"],
      [1, 40],
    ],
    scale: [
      [0, 1],
      [1, 4],
    ],
  };
  const document = documentOf([{ region: DISC, motion }]);
  const held = changeLayers(document, [0], (layer) => holdAt(layer, moment(0.5)));
  assert.deepEqual(held.layers[0].motion.path?.times, [0, 0.5, 1]);
  assert.deepEqual(
    held.layers[0].motion.scale.map((key) => key.value),
    [1, 2, 4],
  );
  assert.deepEqual(shown(held, 0.5), shown(document, 0.5));
  assert.deepEqual(shown(held, 1), shown(document, 1));
});

test("a full path refuses another point and loses none", () => {
  const points = Array.from({ length: 4096 }, (_, index) => [index, 0]);
  const document = documentOf([{ region: DISC, motion: { path: { points } } }]);
  assert.equal(moveAt(document, 0, [0, 5], { progress: 0.50011, length: 4_000_000 }), document.layers[0]);
});

test("several layers move together; locked ones and, among others, the camera stay", () => {
  const document = documentOf([
    { region: DISC },
    { region: DISC, locked: true },
    { region: { kind: "frame" } },
    { region: { kind: "point", at: [5, 5] } },
  ]);
  const moved = moveSelected(document, [0, 1, 2, 3], [10, 0], moment(1));
  assert.deepEqual(
    moved.layers.map((layer) => layer.motion.path?.points.at(-1) ?? null),
    [[10, 0], null, null, [10, 0]],
  );
  assert.equal(moved.layers[1], document.layers[1]);
  assert.equal(moved.layers[2], document.layers[2]);
});
