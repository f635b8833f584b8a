/** Findings are Python's, and what their buttons do mends them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { findings as wording } from "../../js/editor/texts/findings.js";
import { parseDocument, serialiseDocument } from "../../js/model/document.js";
import { cellEdit } from "../../js/model/guidance.js";
import { findingsOf } from "../../js/model/lint.js";
import { bake } from "../../js/model/sampling.js";
import { documentOf, guidanceCases, tracksOf } from "./golden_cases.js";

/** @import { Clip, Finding, FindingKind, TrackDocument } from "../../js/types.js" */

/** @type {Clip} */
const CLIP = { width: 128, height: 80, length: 17, fps: 16, fit: null };
const BOX = { kind: "rectangle", box: [8, 32, 24, 24] };
const REST = { name: "rest", region: { kind: "rest" } };

/**
 * @param {TrackDocument} document
 * @param {Clip} [clip]
 */
function lint(document, clip = CLIP) {
  try {
    const tracks = bake(document, clip);
    return findingsOf(document, clip, tracks, cellEdit(tracks), null);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return findingsOf(document, clip, null, null, error.message);
  }
}

/** @param {...object} layers */
function picture(...layers) {
  return documentOf({ version: 1, width: 128, height: 80, layers });
}

/** @param {readonly Finding[]} findings */
function brief(findings) {
  return findings.map(({ kind, layer, count, of }) => ({ kind, layer, count, of }));
}

/**
 * @param {readonly number[]} by
 * @param {object} [timing]
 */
function moved(by, timing = {}) {
  return { path: { points: [[0, 0], by] }, timing };
}

for (const row of guidanceCases()) {
  test(`Python's findings: ${row.name}`, () => {
    const [document, clip, tracks] = [documentOf(row.document), { ...row.clip, fps: 16 }, tracksOf(row)];
    assert.deepEqual(brief(findingsOf(document, clip, tracks, cellEdit(tracks), null)), row.findings);
  });
}

/** Documents with one finding of a kind that a button mends, and what of the layer is then changed. */
/** @type {[string, FindingKind, TrackDocument, Partial<Clip>, string[]][]} */
const MENDED = [
  ["a point left of the picture", "start-outside", picture(REST, point([-4, 20])), {}, ["region"]],
  ["a point on the right border", "start-outside", picture(REST, point([128, 20])), {}, ["region"]],
  ["a point far off", "start-outside", picture(REST, point([1e6, -1e6])), {}, ["region"]],
  ["a point alone and outside", "start-outside", picture(point([40, 90])), {}, ["region"]],
  ["a point that the crop cuts off", "start-outside", picture(point([3, 20]), REST), { width: 80, fit: "crop" }, ["region"]],
  ["a point on a small target", "start-outside", picture(point([130, 20]), REST), { width: 16, height: 10 }, ["region"]],
  [
    "a layer hidden at first",
    "hidden-start",
    picture({
      region: BOX,
      visible: [
        [0.3, 0.6],
        [0.8, 1],
      ],
    }),
    {},
    ["visible"],
  ],
  ["a point that ends on the border", "far-edge", picture(point([60, 42], moved([68, 0]))), {}, ["motion"]],
  ["an area that ends on the border", "far-edge", picture({ region: BOX, motion: moved([100, 0]) }), {}, ["motion"]],
  ["one that ends on the lower border", "far-edge", picture({ region: BOX, motion: moved([0, 36]) }), {}, ["motion"]],
  [
    "one played backwards onto the border",
    "far-edge",
    picture({ region: BOX, motion: moved([-100, 0], { reverse: true }) }),
    {},
    ["motion"],
  ],
  [
    "growth onto the border",
    "far-edge",
    picture({
      region: BOX,
      motion: {
        scale: [
          [0, 1],
          [1, 2],
        ],
        anchor: [-68, 0],
      },
    }),
    {},
    ["motion"],
  ],
  [
    "a small sway",
    "motion-under-a-cell",
    picture({ region: BOX, motion: { components: [{ kind: "sway", amplitude: 3 }] } }),
    {},
    ["motion"],
  ],
  ["a quick move", "jump", picture({ region: BOX, motion: moved([80, 0], { start: 0.5, end: 0.6 }) }), {}, ["motion"]],
  ["a step", "jump", picture({ region: BOX, motion: moved([80, 0], { easing: "step" }) }), {}, ["motion"]],
  [
    "a path that starts over",
    "jump",
    picture({ region: BOX, motion: moved([95, 0], { repeat: "loop", cycles: 2 }) }),
    { length: 33 },
    ["motion"],
  ],
  ["a long way in a short clip", "jump", picture({ region: BOX, motion: moved([88, 10]) }), { length: 5 }, ["motion"]],
  [
    "a stop in the middle",
    "jump",
    picture({
      region: BOX,
      motion: {
        path: {
          points: [
            [0, 0],
            [0, 0],
            [80, 0],
          ],
          times: [0, 0.9, 1],
        },
      },
    }),
    {},
    ["motion"],
  ],
  [
    "a half turn at once",
    "jump",
    picture({
      region: BOX,
      motion: {
        rotation: [
          [0, 0],
          [1, 120],
        ],
        anchor: [64, 64],
      },
    }),
    { length: 5 },
    ["motion"],
  ],
];

/**
 * @param {number[]} at
 * @param {object} [motion]
 */
function point(at, motion = {}) {
  return { name: "p", region: { kind: "point", at }, motion };
}

for (const [title, kind, document, some, changed] of MENDED) {
  test(`${kind}: the button mends ${title}`, () => {
    const clip = { ...CLIP, ...some };
    const found = lint(document, clip).filter((finding) => finding.kind === kind);
    assert.equal(found.length, 1, JSON.stringify(brief(lint(document, clip))));
    const [{ layer, fix }] = found;
    assert.ok(typeof fix === "function" && layer !== null);
    const mended = /** @type {TrackDocument} */ (fix(document));
    assert.deepEqual(
      lint(mended, clip).filter((finding) => finding.kind === kind),
      [],
    );
    const before = Object.entries(document.layers[layer]);
    const after = new Map(Object.entries(mended.layers[layer]));
    assert.deepEqual(
      before.filter(([name, value]) => after.get(name) !== value).map(([name]) => name),
      changed,
    );
    mended.layers.forEach((other, index) => {
      assert.equal(other === document.layers[index], index !== layer);
    });
    assert.deepEqual(parseDocument(serialiseDocument(mended)), mended);
  });
}

test("collision-lost: the button lifts the layer above the one that covers it, and no higher", () => {
  const over = { name: "over", region: { kind: "rectangle", box: [80, 32, 24, 24] } };
  const aside = { name: "aside", region: { kind: "point", at: [4, 4] } };
  const document = picture({ name: "under", region: BOX, motion: moved([72, 0]) }, over, aside);
  const [{ kind, layer, fix }] = lint(document);
  assert.deepEqual([kind, layer], ["collision-lost", 0]);
  assert.ok(typeof fix === "function");
  const mended = /** @type {TrackDocument} */ (fix(document));
  assert.deepEqual(
    mended.layers.map(({ name }) => name),
    ["over", "under", "aside"],
  );
  assert.deepEqual(brief(lint(mended)), [{ kind: "collision-lost", layer: 0, count: 9, of: 9 }]);
});

/** @type {[string, FindingKind, TrackDocument][]} */
const NOT_MENDED = [
  ["the rest cannot be lifted", "collision-lost", picture(REST, { region: BOX, motion: moved([40, 0]) })],
  [
    "what covers itself cannot be lifted",
    "collision-lost",
    picture({
      region: BOX,
      motion: {
        scale: [
          [0, 1],
          [1, 0.05],
        ],
        timing: { end: 0.05 },
      },
    }),
  ],
  [
    "a turn is not pinned for its middle",
    "motion-under-a-cell",
    picture({
      region: BOX,
      motion: {
        rotation: [
          [0, 0],
          [1, 20],
        ],
      },
    }),
  ],
  ["a locked layer is left alone", "hidden-start", picture({ region: BOX, visible: [[0.3, 1]], locked: true })],
  [
    "a spring over the whole clip has no slower way",
    "jump",
    picture({ region: BOX, motion: { components: [{ kind: "spring", x: 80, y: 0, cycles: 0, damping: 20 }] } }),
  ],
];

for (const [title, kind, document] of NOT_MENDED) {
  test(`${kind}: ${title}`, () => {
    const found = lint(document).filter((finding) => finding.kind === kind);
    assert.deepEqual(
      found.map(({ layer, fix }) => [layer, fix]),
      [[0, null]],
    );
  });
}

/** @type {[number, number][]} */
const LENGTHS = [
  [2, 5],
  [6, 5],
  [16, 17],
  [80, 81],
  [82, 81],
  [83, 85],
];

for (const [length, nearest] of LENGTHS) {
  test(`a clip of ${length} frames is offered ${nearest}`, () => {
    const document = picture({ region: BOX });
    const [{ kind, layer, fix }] = lint(document, { ...CLIP, length });
    assert.deepEqual([kind, layer, fix], ["length", null, { length: nearest }]);
    assert.deepEqual(lint(document, { ...CLIP, length: nearest }), []);
  });
}

test("another shape without a fit is a finding, a size that is no multiple of 16 is none", () => {
  const document = picture({ region: BOX });
  const [found, ...others] = lint(document, { ...CLIP, width: 80 });
  assert.deepEqual([found.kind, found.layer, found.fix, others], ["source-size", null, null, []]);
  assert.deepEqual(found.values, { width: 128, height: 80, targetWidth: 80, targetHeight: 80 });
  assert.deepEqual(lint(document, { ...CLIP, width: 80, fit: "crop" }), []);
  assert.deepEqual(lint(document, { ...CLIP, width: 136, height: 85 }), []);
});

test("while one layer cannot be baked the others are looked at", () => {
  const small = { components: [{ kind: "sway", amplitude: 3 }] };
  const document = picture({ region: BOX, motion: small }, point([-5, 5]), point([500, 5]));
  assert.deepEqual(brief(lint(document, { ...CLIP, length: 16 })), [
    { kind: "length", layer: null, count: 9, of: 9 },
    { kind: "motion-under-a-cell", layer: 0, count: 9, of: 9 },
    { kind: "start-outside", layer: 1, count: 1, of: 1 },
    { kind: "start-outside", layer: 2, count: 1, of: 1 },
  ]);
});

test("what cannot be baked is said in the words of the bake", () => {
  const [empty, ...none] = lint(picture());
  assert.deepEqual([empty.kind, empty.layer, empty.fix, none], ["cannot-bake", null, null, []]);
  assert.equal(empty.values.error, "The document makes no tracks: it has no enabled layer. Draw a layer inside the picture.");
  const wave = { components: [{ kind: "wave" }] };
  const [found] = lint(picture({ region: { kind: "frame" }, motion: wave }, { region: { kind: "frame" } }));
  assert.deepEqual([found.kind, found.layer], ["cannot-bake", 0]);
  assert.match(String(found.values.error), /^Layer 1 has a wave/);
  assert.equal(lint(picture({ region: BOX }), { ...CLIP, length: 5001 })[0].kind, "cannot-bake");
});

test("a finding says at which frame it is first so", () => {
  const document = picture({ region: BOX, motion: moved([80, 0], { start: 0.5, end: 0.6 }) });
  assert.equal(lint(document)[0].values.frame, 12);
  assert.equal(lint(picture(point([60, 42], moved([68, 0], { end: 0.5 }))))[0].values.frame, 8);
});

test("a path cannot be shortened out of what a document can hold", () => {
  const document = picture({
    region: BOX,
    motion: {
      path: {
        points: [
          [0, 0],
          [-1e6, 0],
          [100, 0],
        ],
      },
    },
  });
  for (const { fix } of lint(document)) {
    if (typeof fix === "function") serialiseDocument(fix(document));
  }
});

test("every finding has words, and every placeholder of them a value", () => {
  const documents = MENDED.map(([, , document, some]) => ({ document, clip: { ...CLIP, ...some } }));
  const more = [{ document: picture(REST, { region: BOX, motion: moved([40, 0]) }), clip: { ...CLIP, length: 16 } }];
  more.push({ document: picture({ region: BOX }), clip: { ...CLIP, width: 80 } }, { document: picture(), clip: CLIP });
  const seen = new Set();
  for (const { document, clip } of [...documents, ...more]) {
    for (const { kind, values, fix } of lint(document, clip)) {
      seen.add(kind);
      for (const language of [wording.en, wording.zh]) {
        const texts = [language[`finding.${kind}`], ...(fix ? [language[`fix.${kind}`]] : [])];
        const wanted = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
        assert.deepEqual(
          wanted.filter((name) => !(name in values)),
          [],
        );
      }
    }
  }
  assert.equal(seen.size, 9);
  assert.deepEqual(Object.keys(wording.en), Object.keys(wording.zh));
});
