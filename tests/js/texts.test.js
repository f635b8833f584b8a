import assert from "node:assert/strict";
import { test } from "node:test";
import { commandText } from "../../js/editor/shell.js";
import { SHORTCUTS } from "../../js/editor/shortcuts.js";
import { createTexts, WORDINGS } from "../../js/editor/texts.js";
import { PRESETS } from "../../js/model/presets.js";

const KEYS = Object.keys(WORDINGS.en);

/** @param {string} text */
function placeholders(text) {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).sort();
}

test("every text exists in both languages", () => {
  assert.deepEqual(Object.keys(WORDINGS.zh).sort(), [...KEYS].sort());
});

test("a text has the same placeholders in both languages", () => {
  for (const key of KEYS) assert.deepEqual(placeholders(WORDINGS.zh[key] ?? ""), placeholders(WORDINGS.en[key]), key);
});

test("no text is empty", () => {
  const empty = KEYS.filter((key) => !WORDINGS.en[key].trim() || !WORDINGS.zh[key]?.trim());
  assert.deepEqual(empty, []);
});

test("every shortcut and every preset has its text", () => {
  const shown = SHORTCUTS.filter(({ command }) => !/^(nudge|cell)-(right|up|down)$/.test(command));
  const wanted = [
    ...shown.map(({ command }) => commandText(command)),
    ...PRESETS.flatMap(({ name }) => [`preset.${name}`, `preset.${name}.line`]),
  ];
  assert.deepEqual(
    wanted.filter((key) => !KEYS.includes(key)),
    [],
  );
});

/** @type {readonly [string, string][]} */
const LOCALES = [
  ["en", "Undo"],
  ["zh-TW", "撤销"],
  ["ZH", "撤销"],
  ["de", "Undo"],
];

for (const [locale, expected] of LOCALES) {
  test(`the words of locale ${locale}`, () => assert.equal(createTexts(locale)("command.undo"), expected));
}

test("values stand in for placeholders, unknown ones stay as they are", () => {
  const texts = createTexts("en");
  assert.equal(texts("play.frame", { frame: 3, last: 80 }), "Frame 3 of 0 to 80");
  assert.equal(texts("play.frame", { frame: 3 }), "Frame 3 of 0 to {last}");
  assert.throws(() => texts("no.such.key"), /no text "no\.such\.key"/);
});
