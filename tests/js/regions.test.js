/** Masks and start points agree with Python's, and with what a person would count. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inDepthOrder, ownMask, regionMask, seedPoints } from "../../js/model/regions.js";
import { assertClose, bitsOf, documentOf, goldenFile } from "./golden_cases.js";

/** @typedef {{ name: string, document: object, layer: number, mask: number[], own: number[], cell: number, seeds: number[][] }} Row */
/** @typedef {{ why: string, region: object, other?: object, pixels: number, seeds: number[][] }} HandRow */

/** @type {{ tolerance: number, cases: Row[] }} */
const { tolerance, cases } = goldenFile("regions");
/** @type {{ tolerance: number, regions: HandRow[] }} */
const HAND = goldenFile("hand");
const DISC = { kind: "disc", centre: [16, 16], radius: 6 };

for (const row of cases) {
  test(`Python's pixels and starts: ${row.name}`, () => {
    const document = documentOf(row.document);
    const layer = document.layers[row.layer];
    assert.deepEqual([...regionMask(document, layer).bits], bitsOf(row.mask));
    assert.deepEqual([...ownMask(document, layer).bits], bitsOf(row.own));
    assertClose(seedPoints(document, layer, row.cell), row.seeds, tolerance);
  });
}

for (const row of HAND.regions) {
  test(`counted by hand: ${row.why}`, () => {
    const layers = [{ region: row.region }, ...(row.other ? [{ region: row.other }] : [])];
    const document = documentOf({ version: 1, width: 32, height: 32, layers });
    const pixels = regionMask(document, document.layers[0]).bits.reduce((sum, bit) => sum + bit, 0);
    assert.equal(pixels, row.pixels);
    assertClose(seedPoints(document, document.layers[0], 8), row.seeds, 0);
  });
}

test("the depth order is frames, rests, then the enabled layers as they are listed", () => {
  const layers = [
    { region: DISC },
    { region: { kind: "rest" } },
    { region: DISC, enabled: false },
    { region: { kind: "frame" } },
    { region: DISC },
    { region: { kind: "rest" } },
  ];
  assert.deepEqual(inDepthOrder(documentOf({ version: 1, width: 32, height: 32, layers })), [3, 1, 5, 0, 4]);
});

test("starts are worked out again when a layer above changes its region, and only then", () => {
  const layers = [{ region: { kind: "rest" } }, { region: DISC }];
  const document = documentOf({ version: 1, width: 32, height: 32, layers });
  const [rest, disc] = document.layers;
  const before = seedPoints(document, rest);
  const motion = { ...disc.motion, rotation: [{ time: 0, value: 30, easing: "linear" }] };
  assert.equal(seedPoints({ ...document, layers: [rest, { ...disc, motion }] }, rest), before);
  /** @type {typeof disc} */
  const smaller = { ...disc, region: { kind: "disc", centre: [4, 4], radius: 3 } };
  assert.equal(before.length / 2, 12);
  assert.equal(seedPoints({ ...document, layers: [rest, smaller] }, rest).length / 2, 15);
});
