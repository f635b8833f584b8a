import assert from "node:assert/strict";
import test from "node:test";
import {
  layerTitle,
  MAX_BYTES,
  makeDocument,
  makeLayer,
  makeMotion,
  migrate,
  parseDocument,
  STILL,
  serialiseDocument,
  WHOLE_CLIP,
} from "../../js/model/document.js";
import { readJson } from "../../js/model/json.js";
import { isSame } from "../../js/model/values.js";
import { rounded } from "../../js/model/wording.js";
import { goldenRows } from "./golden.js";

/** @typedef {{ source: string, error?: string, written?: string }} DocumentRow */

/** @type {readonly DocumentRow[]} */
const ROWS = goldenRows("documents");
const SOUND = ROWS.filter((row) => row.error === undefined);
const BROKEN = ROWS.filter((row) => row.error !== undefined);

test("a broken document is refused in Python's words", () => {
  assert.ok(BROKEN.length > 100);
  for (const { source, error } of BROKEN) {
    assert.throws(() => parseDocument(source), { name: "DocumentError", message: error }, source);
  }
});

test("a sound document is written as Python writes it", () => {
  assert.ok(SOUND.length > 15);
  for (const { source, written } of SOUND) assert.equal(serialiseDocument(parseDocument(source)), written, source);
});

test("what is written is read back equal, frozen all through", () => {
  for (const { source } of SOUND) {
    const document = parseDocument(source);
    assert.deepEqual(parseDocument(serialiseDocument(document)), document);
    assert.deepEqual(thawedPlaces(document), [], source);
  }
});

test("every kind of region, path and component is in the sound documents", () => {
  const layers = SOUND.flatMap(({ source }) => parseDocument(source).layers);
  assert.equal(new Set(layers.map((layer) => layer.region.kind)).size, 8);
  assert.equal(new Set(layers.flatMap(({ motion }) => motion.path?.kind ?? [])).size, 3);
  assert.equal(new Set(layers.flatMap(({ motion }) => motion.components.map((part) => part.kind))).size, 9);
});

test("defaults are filled in", () => {
  const [layer] = parseDocument(documentOf('{"region":{"kind":"rest"}}')).layers;
  assert.deepEqual(layer, {
    name: "",
    region: { kind: "rest" },
    motion: {
      path: null,
      rotation: [],
      scale: [],
      anchor: null,
      components: [],
      timing: { start: 0, end: 1, easing: "linear", repeat: "hold", cycles: 1, reverse: false },
    },
    visible: [[0, 1]],
    density: 1,
    enabled: true,
    locked: false,
    colour: "",
    group: "",
  });
  assert.deepEqual(makeLayer({ region: { kind: "rest" } }), layer);
  assert.equal(layer.motion, STILL);
  assert.equal(makeMotion({ anchor: [1, 2] }).timing, WHOLE_CLIP);
});

test("a document that is made is frozen and keeps the layers it is given", () => {
  const layer = makeLayer({ name: "a", region: { kind: "point", at: [1, 2] }, motion: { ...STILL, rotation: [] } });
  const document = makeDocument(64, 48, [layer]);
  assert.equal(document.layers[0], layer);
  assert.deepEqual(thawedPlaces(document), []);
  assert.equal(
    serialiseDocument(document),
    '{"version":1,"width":64,"height":48,"layers":[{"name":"a","region":{"kind":"point","at":[1,2]}}]}',
  );
});

test("a document without layers is one", () => {
  const document = makeDocument(8, 9);
  assert.equal(serialiseDocument(document), '{"version":1,"width":8,"height":9,"layers":[]}');
  assert.deepEqual(parseDocument(serialiseDocument(document)), document);
});

test("messages call a layer by its number and name", () => {
  const layers = ["balloon", "", "x".repeat(61)].map((name) => makeLayer({ name, region: { kind: "rest" } }));
  const document = makeDocument(8, 8, layers);
  const titles = layers.map((_, index) => layerTitle(document, index));
  assert.deepEqual(titles, ['Layer 1 "balloon"', "Layer 2", `Layer 3 "${"x".repeat(60)}…"`]);
});

test("four megabytes of UTF-8 are read and a byte more is not", () => {
  const rows = /** @type {[string, number][]} */ ([
    ["a", 1],
    ["é", 2],
    ["字", 3],
    ["😀", 4],
    ["\ud800", 3],
  ]);
  for (const [letter, bytes] of rows) {
    const text = `["${letter.repeat(1_000_000)}"]`;
    const most = text + " ".repeat(MAX_BYTES - 4 - 1_000_000 * bytes);
    assert.throws(() => parseDocument(most), { message: "The document is a list of 1; an object {…} is needed." });
    assert.throws(() => parseDocument(`${most} `), /has 4194305 bytes; 4194304 are allowed. Use fewer points/);
  }
});

test("a document of more than four megabytes is not written", () => {
  const line = Array.from({ length: 4096 }, (_, index) => /** @type {const} */ ([index + 0.123456789012, 0.123456789012345]));
  const layers = Array.from({ length: 100 }, () => makeLayer({ region: { kind: "brush", points: line, radius: 1 } }));
  assert.throws(() => serialiseDocument(makeDocument(8, 8, layers)), /4194304 are allowed. Use fewer points/);
});

test("deep nesting, endless numbers and too many layers are refused, not choked on", () => {
  const layers = Array.from({ length: 257 }, () => '{"region":{"kind":"rest"}}').join(",");
  const rows = /** @type {[string, RegExp][]} */ ([
    ["[".repeat(1_000_000), /nested too deeply; a track document has about eight levels/],
    ['{"a":'.repeat(700_000), /nested too deeply/],
    [documentOf(`{"name":${"[".repeat(300)}${"]".repeat(300)},"region":{"kind":"rest"}}`), /nested too deeply/],
    [`[1${"0".repeat(4300)}]`, /a whole number of thousands of digits; coordinates end at 1000000/],
    [documentOf(`{"region":{"kind":"point","at":[1,0.${"1".repeat(1_000_000)}e9999999]}}`), /region.at\[1\] is not finite/],
    [documentOf(layers), /layers has 257 layers; 256 are allowed. Merge or delete some/],
    [`"${"\\u0061".repeat(600_000)}`, /Unterminated string starting at at line 1, column 1/],
  ]);
  for (const [source, message] of rows) assert.throws(() => parseDocument(source), { name: "DocumentError", message });
});

test("a number that JSON has no word for is not written", () => {
  for (const [value, name] of /** @type {[number, string][]} */ ([
    [Number.NaN, "nan"],
    [-1 / 0, "-inf"],
  ])) {
    const document = makeDocument(8, 8, [makeLayer({ region: { kind: "point", at: [value, 0] } })]);
    const message = `The document holds a number that JSON has no word for: Out of range float values are not JSON compliant: ${name}.`;
    assert.throws(() => serialiseDocument(document), { name: "DocumentError", message });
  }
});

test("an old document goes through every migration up to the newest version", () => {
  /** @type {Parameters<typeof migrate>[1]} */
  const migrations = new Map([1, 2].map((version) => [version, (source) => new Map([...source, [`from ${version}`, true]])]));
  const found = migrate(readJson('{"version":1,"width":8}'), migrations, 3);
  assert.deepEqual(Object.fromEntries(found), { version: 3, width: 8, "from 1": true, "from 2": true });
});

test("numbers in messages are rounded as Python's g rounds them", () => {
  const rows = /** @type {[number, number, string][]} */ ([
    [0, 6, "0"],
    [-0, 6, "-0"],
    [100, 6, "100"],
    [1e6, 6, "1e+06"],
    [123456.5, 10, "123456.5"],
    [0.0001, 6, "0.0001"],
    [0.00001, 6, "1e-05"],
    [-2.5e-300, 6, "-2.5e-300"],
    [0.1 + 0.2, 10, "0.3"],
    [999999.9, 6, "1e+06"],
  ]);
  for (const [value, digits, text] of rows) assert.equal(rounded(value, digits), text);
});

test("values are the same when all of them is", () => {
  const rows = /** @type {[unknown, unknown, boolean][]} */ ([
    [[], [], true],
    [[], {}, false],
    [null, {}, false],
    [{ a: [1] }, { a: [1] }, true],
    [{ a: 1 }, { b: 1 }, false],
    [[1, 2], [1], false],
    [0, -0, true],
  ]);
  for (const [one, other, same] of rows) assert.equal(isSame(one, other), same);
});

/** @param {string} layers */
function documentOf(layers) {
  return `{"version":1,"width":8,"height":8,"layers":[${layers}]}`;
}

/**
 * Objects below a value that could be written to.
 * @param {unknown} value
 * @returns {unknown[]}
 */
function thawedPlaces(value) {
  if (typeof value !== "object" || value === null) return [];
  return [...(Object.isFrozen(value) ? [] : [value]), ...Object.values(value).flatMap(thawedPlaces)];
}
