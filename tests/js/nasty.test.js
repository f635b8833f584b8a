/** Inputs that nobody draws on purpose, through everything that works on documents. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument, serialiseDocument } from "../../js/model/document.js";
import { DocumentError } from "../../js/model/errors.js";
import { cellEdit, coverageOf } from "../../js/model/guidance.js";
import { handlesOf, hitAll, hitTest } from "../../js/model/hit.js";
import { findingsOf } from "../../js/model/lint.js";
import { PRESETS } from "../../js/model/presets.js";
import { bake } from "../../js/model/sampling.js";
import { isSame } from "../../js/model/values.js";
import { after, at, CLIP, click, drag, editor, selecting, withTool } from "./gesture_script.js";

/** @import { Action, Tool, TrackDocument } from "../../js/types.js" */

const FAR = 1_000_000;
const PATH = {
  points: [
    [0, 0],
    [FAR, -FAR],
    [-FAR, FAR],
  ],
};
const TWIRL = {
  rotation: [
    [0, -36000],
    [1, 36000],
  ],
  scale: [
    [0, 0.01],
    [1, 100],
  ],
};

/** @type {Readonly<Record<string, readonly object[]>>} */
const CASES = {
  "no layers": [],
  "one point": [{ region: { kind: "point", at: [0, 0] } }],
  "a point on the far corner": [{ region: { kind: "point", at: [832, 480] } }],
  "points upon each other": Array.from({ length: 20 }, () => ({ region: { kind: "point", at: [100, 100] } })),
  "a path of one place": [
    {
      region: { kind: "point", at: [9, 9] },
      motion: {
        path: {
          points: [
            [5, 5],
            [5, 5],
            [5, 5],
          ],
        },
      },
    },
  ],
  "curves of one place": ["bezier", "catmull-rom"].map((kind) => ({
    region: { kind: "disc", centre: [50, 50], radius: 9 },
    motion: {
      path: {
        kind,
        points: [
          [1, 1],
          [1, 1],
          [2, 2],
          [2, 2],
          [2, 2],
        ],
      },
    },
  })),
  "an outline of one place": [
    {
      region: {
        kind: "polygon",
        points: [
          [7, 7],
          [7, 7],
          [7, 7],
        ],
      },
    },
  ],
  "an outline on a line": [
    {
      region: {
        kind: "polygon",
        points: [
          [0, 7],
          [400, 7],
          [800, 7],
        ],
      },
    },
  ],
  "an outline that crosses itself": [
    {
      region: {
        kind: "polygon",
        points: [
          [0, 0],
          [400, 400],
          [400, 0],
          [0, 400],
        ],
      },
    },
  ],
  "a stroke of one place": [
    {
      region: {
        kind: "brush",
        points: [
          [7, 7],
          [7, 7],
        ],
        radius: 1e-6,
      },
    },
  ],
  "the smallest disc": [{ region: { kind: "disc", centre: [416, 240], radius: 1e-9 } }],
  "the farthest places": [
    { region: { kind: "point", at: [FAR, -FAR] }, motion: { path: PATH } },
    { region: { kind: "disc", centre: [-FAR, FAR], radius: FAR }, motion: { path: PATH, ...TWIRL, anchor: [FAR, FAR] } },
    { region: { kind: "rectangle", box: [-FAR, -FAR, FAR, FAR] }, motion: TWIRL },
    {
      region: {
        kind: "polygon",
        points: [
          [-FAR, -FAR],
          [FAR, -FAR],
          [0, FAR],
        ],
      },
      motion: { path: PATH },
    },
  ],
  "wild cameras": [
    { region: { kind: "disc", centre: [400, 200], radius: 40 } },
    { region: { kind: "frame" }, motion: { ...TWIRL, path: PATH } },
    { region: { kind: "frame" }, motion: { ...TWIRL, components: [{ kind: "dolly", travel: 0.9 }] } },
  ],
  "never seen": [{ region: { kind: "disc", centre: [400, 200], radius: 40 }, visible: [] }],
  "a mask of one cell": [{ region: { kind: "mask", columns: 104, rows: 60, runs: [6239, 1] } }],
  "only the rest": [{ region: { kind: "rest" } }],
};

for (const [name, layers] of Object.entries(CASES)) {
  test(`${name}: baked in full or refused in words`, () => {
    const { document } = editor(layers);
    const tracks = baked(document);
    const edit = typeof tracks === "string" ? null : cellEdit(tracks);
    if (typeof tracks !== "string") assert.ok(tracks.positions.every(Number.isFinite));
    if (edit) assert.ok(coverageOf(edit).guided >= 0);
    const known = typeof tracks === "string" ? null : tracks;
    for (const { fix } of findingsOf(document, CLIP, known, edit, typeof tracks === "string" ? tracks : null)) {
      if (typeof fix === "function") assertReadable(fix(document));
    }
  });

  test(`${name}: hit, dragged and commanded with every tool, it stays a document`, () => {
    for (const progress of [0, 0.37, 1]) {
      for (const tool of TOOLS) {
        const start = withTool(at(editor(layers), progress), tool);
        const all = after(start, { type: "select-all" });
        for (const place of PLACES) {
          hitAll(start, place, 7);
          assert.ok(hitTest(all, place, 7).kind);
          assertReadable(drag(drag(start, [place, [400, 300], [-90, 1e7]]), [[400, 300], place]).document);
          assertReadable(click(all, place, { clicks: 2 }).document);
        }
        for (const { at: place } of handlesOf(all)) assert.ok(typeof place[0] === "number");
      }
    }
  });

  test(`${name}: every command leaves a document`, () => {
    for (const progress of [0, 0.5]) {
      for (const action of COMMANDS) {
        const state = after(at(editor(layers), progress), { type: "select-all" }, action);
        assertReadable(state.document);
        if (state.history.past.length) assert.equal(after(state, { type: "undo" }).document, state.history.past[0].document);
      }
    }
  });
}

test("text that is none, and numbers that are none, are refused in words", () => {
  const region = (/** @type {string} */ number) =>
    `{"version":1,"width":8,"height":8,"layers":[{"region":{"kind":"point","at":[${number},1]}}]}`;
  for (const text of [
    "",
    "null",
    "[]",
    "NaN",
    "{",
    '{"version":1}',
    region("NaN"),
    region("Infinity"),
    region("1e400"),
    region('"1"'),
  ]) {
    assert.throws(() => parseDocument(text), DocumentError, text);
  }
  assert.equal(parseDocument(region("1")).layers.length, 1);
});

test("pointers that are nowhere change nothing", () => {
  const state = withTool(editor([{ region: { kind: "disc", centre: [100, 100], radius: 30 } }]), "lasso");
  for (const place of /** @type {[number, number][]} */ ([
    [Number.NaN, 5],
    [5, Number.POSITIVE_INFINITY],
  ])) {
    assert.equal(drag(state, [place, place]), state);
  }
});

test("65,536 tracks are made and dragged; a few more are refused with their number and a way out", () => {
  const sheet = { region: { kind: "rectangle", box: [0, 0, 2048, 2048] } };
  const text = (/** @type {object[]} */ layers) => JSON.stringify({ version: 1, width: 2048, height: 2048, layers });
  const clip = { ...CLIP, width: 2048, height: 2048, length: 5 };
  const document = parseDocument(text([sheet]));
  assert.equal(bake(document, clip).count, 65_536);
  const state = selecting({ ...editor(), document, committed: { ...editor().committed, document }, clip }, 0);
  const moved = drag(at(state, 1), [
    [100, 100],
    [140, 100],
  ]);
  assert.deepEqual(moved.document.layers[0].motion.path?.points, [
    [0, 0],
    [40, 0],
  ]);
  assert.equal(bake(moved.document, clip).count, 65_536);
  assert.throws(() => bake(parseDocument(text([{ ...sheet, density: 1.01 }])), clip), {
    message:
      "The document makes 66049 tracks; 65536 are allowed. Layer 1 alone makes 66049: lower its density (now 1.01) or its scale.",
  });
});

/** @type {readonly Tool[]} */
const TOOLS = ["select", "points", "pen", "pencil", "record", "pin", "rectangle", "disc", "lasso", "brush", "smart", "camera"];
/** @type {readonly [number, number][]} */
const PLACES = [
  [100, 100],
  [416, 240],
  [0, 0],
  [832, 480],
  [1e9, -1e9],
];
/** @type {readonly Action[]} */
const COMMANDS = [
  ...PRESETS.map(({ name }) => /** @type {Action} */ ({ type: "apply-preset", name })),
  ...["duplicate", "delete", "group", "ungroup", "set-key", "toggle-visibility", "pin-rest", "cut", "paste"].map(
    (type) => /** @type {Action} */ ({ type }),
  ),
  { type: "nudge", by: [FAR, -FAR] },
  { type: "nudge", by: [0.25, 0] },
];

/**
 * @param {TrackDocument} document
 * @returns the tracks, or why there are none
 */
function baked(document) {
  try {
    return bake(document, { ...CLIP, length: 9 });
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.message;
  }
}

/** @param {TrackDocument} document */
function assertReadable(document) {
  assert.ok(isSame(parseDocument(serialiseDocument(document)), document));
}
