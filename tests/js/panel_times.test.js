import assert from "node:assert/strict";
import test from "node:test";
import { formatNumber, held, parseNumber, shared, stepped } from "../../js/editor/numbers.js";
import { echoesOf, momentOf, phaseInPass, rulerTicks, settled, snapped } from "../../js/editor/timeline/moments.js";
import { depthAt, followOpened, layOut, rowsBetween } from "../../js/editor/timeline/rows.js";
import { roundAbove, speedOutline, speedsOf } from "../../js/editor/timeline/speed.js";
import { layerOf, sceneOf, WHOLE } from "./panel_scene.js";

/** @import { Timing } from "../../js/types.js" */

test("typed numbers are read with any unit, other text is refused", () => {
  const rows = /** @type {[string, number | null][]} */ ([
    ["12", 12],
    [" -3.5 px", -3.5],
    ["+.5", 0.5],
    ["50%", 50],
    ["\u22127°", -7],
    ["1e3", 1000],
    ["", null],
    ["NaN", null],
    ["Infinity", null],
    ["1e999", null],
    ["1,5", null],
    ["2 + 2", null],
    ["px", null],
    ["0x10", null],
  ]);
  for (const [text, value] of rows) {
    assert.equal(parseNumber(text), value, text);
  }
});

test("numbers are shown without needless digits and kept in limits", () => {
  const rows = /** @type {[number, number, string][]} */ ([
    [1.5, 2, "1.5"],
    [0.30000000000000004, 2, "0.3"],
    [-0.001, 2, "0"],
    [1000000, 1, "1000000"],
  ]);
  for (const [value, digits, text] of rows) assert.equal(formatNumber(value, digits), text);
  assert.equal(held(7.6, { low: 0, high: 7 }), 7);
  assert.equal(held(2.6, { low: 0, high: 7, whole: true }), 3);
  assert.equal(stepped(0.1, 2, 0.1), 0.3);
  assert.equal(shared([2, 2]), 2);
  assert.equal(shared([2, 3]), undefined);
});

test("moments snap to frames", () => {
  assert.equal(snapped(0.26, 81), 21 / 80);
  assert.equal(snapped(-2, 81), 0);
  assert.equal(snapped(0.7, 1), 0);
  assert.equal(settled(0.3 - 1e-9, 11), 0.3);
  assert.equal(settled(0.34, 11), 0.34);
});

test("a phase is found again at its moment of the clip, however the motion is timed", () => {
  /** @type {Partial<Timing>[]} */
  const rows = [
    {},
    { start: 0.25, end: 0.75 },
    { easing: "ease-in-out" },
    { easing: "anticipate" },
    { easing: "overshoot", start: 0.5 },
    { easing: "step" },
    { repeat: "loop", cycles: 3 },
    { repeat: "ping-pong", cycles: 2, easing: "ease" },
    { reverse: true, start: 0.25, repeat: "loop", cycles: 2 },
    { easing: [0.1, -1, 0.9, 2] },
  ];
  for (const some of rows) {
    const timing = { ...WHOLE, ...some };
    for (const phase of [0, 0.25, 0.5, 0.8, 1]) {
      const again = phaseInPass(timing, momentOf(timing, phase));
      assert.ok(Math.abs(again - phase) < 1e-9, `${JSON.stringify(some)}: ${phase} came back as ${again}`);
    }
  }
  assert.equal(momentOf({ ...WHOLE, start: 0.5 }, 0.5), 0.75);
  assert.equal(momentOf({ ...WHOLE, repeat: "ping-pong", cycles: 2 }, 1), 0.25);
});

test("a phase that recurs is shown at each of its moments", () => {
  assert.deepEqual(echoesOf(WHOLE, 0.5), []);
  assert.deepEqual(echoesOf({ ...WHOLE, repeat: "loop", cycles: 2 }, 0.5), [0.75]);
  assert.deepEqual(echoesOf({ ...WHOLE, repeat: "ping-pong", cycles: 1 }, 0.5), [0.75]);
  assert.equal(echoesOf({ ...WHOLE, repeat: "loop", cycles: 1000 }, 0.5).length <= 64, true);
});

test("the ruler has a tick a latent frame, and numbers with room between them", () => {
  const { latent, frames, seconds } = rulerTicks(81, 16, 800);
  assert.equal(latent.length, 21);
  assert.deepEqual(frames.slice(0, 3), [0, 4, 8]);
  assert.deepEqual(seconds.slice(0, 2), [
    { frame: 0, text: "0" },
    { frame: 8, text: "0.5" },
  ]);
  assert.deepEqual(rulerTicks(1, 16, 400).frames, [0, 1]);
  assert.ok(rulerTicks(4097, 16, 300).frames.length < 10);
});

test("rows lie from the top layer down and only those in the window are made", () => {
  const opened = new Set([1]);
  const { tops, height } = layOut(3, opened);
  assert.deepEqual(tops, [24 + 24 + 188, 24, 0]);
  assert.equal(height, 24 * 3 + 188);
  const many = layOut(256, new Set()).tops;
  assert.deepEqual(rowsBetween(many, new Set(), 2400, 2448), [156, 155, 154, 153]);
  assert.deepEqual(
    [-5, 20, 2000].map((y) => depthAt(layOut(2, new Set()).tops, y)),
    [2, 1, 0],
  );
});

test("speed is pixels a frame of the fastest place of the layer", () => {
  const path = {
    kind: /** @type {const} */ ("linear"),
    points: /** @type {const} */ ([
      [0, 0],
      [40, 0],
    ]),
    handles: [],
    times: [],
  };
  const layer = layerOf({}, { path });
  assert.deepEqual([...speedsOf(sceneOf([layer]), layer, 5)], [10, 10, 10, 10]);
  assert.deepEqual([...speedsOf(sceneOf([layer]), layer, 1)], []);
  const hidden = { ...layer, region: { kind: /** @type {const} */ ("frame") }, enabled: false };
  assert.deepEqual([...speedsOf(sceneOf([hidden]), hidden, 3)], [20, 20]);
  assert.equal(speedOutline(Float64Array.of(5, 10), 10), "M0 100V50L25 50L75 0H100V0V100Z");
  assert.equal(speedOutline(new Float64Array(0), 10), "M0 100H100");
  assert.deepEqual([0, 0.03, 7, 10, 11].map(roundAbove), [1, 0.05, 10, 10, 20]);
});

test("what is opened follows its layer when it moves, and stays at its place when it is edited", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => layerOf({ name }));
  const rows = /** @type {const} */ ([
    [[a, b, c], [c, a, b], [1]],
    [[a, b, c], [{ ...a }, b, c], [0]],
    [[a, b, c], [b, c], []],
    [[a, b, c], [a, b, c, layerOf()], [0]],
  ]);
  for (const [before, after, opened] of rows) assert.deepEqual([...followOpened(new Set([0]), before, after)], [...opened]);
});
