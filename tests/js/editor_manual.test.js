import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { commandText } from "../../js/editor/shell.js";
import { SHORTCUTS, written } from "../../js/editor/shortcuts.js";
import { createTexts } from "../../js/editor/texts.js";

const DOCS = new URL("../../docs/", import.meta.url);
const MANUAL = readFileSync(new URL("editor.md", DOCS), "utf8");
const KEYS = MANUAL.slice(MANUAL.indexOf("## Keys"));
/** Four arrows are one row. */
const SHOWN_ELSEWHERE = /^(nudge|cell)-(right|up|down)$/;

/** @param {string} group */
function tableOf(group) {
  const texts = createTexts("en");
  const rows = SHORTCUTS.filter((row) => row.group === group && !SHOWN_ELSEWHERE.test(row.command));
  const lines = [...new Set(rows.map(({ command }) => command))].map((command) => {
    const keys = rows.filter((row) => row.command === command).map((row) => `\`${written(row)}\``);
    return `| ${keys.join(" or ")} | ${texts(commandText(command))} |`;
  });
  return [`### ${texts(`help.${group}`)}`, "", "| key | what |", "| --- | --- |", ...lines].join("\n");
}

for (const group of new Set(SHORTCUTS.map((row) => row.group))) {
  test(`the manual's keys for "${group}" are those of the editor`, () => {
    const expected = tableOf(group);
    const at = KEYS.indexOf(expected.slice(0, expected.indexOf("\n")));
    assert.equal(KEYS.slice(at).split("\n").slice(0, expected.split("\n").length).join("\n"), expected);
  });
}

test("the manual's pictures are there, and each picture is the manual's in one theme", () => {
  const linked = [...MANUAL.matchAll(/\]\(images\/editor\/(\w+)_(light|dark)\.jpg\)/g)].map(([, name, theme]) => ({
    name,
    theme,
  }));
  const there = readdirSync(new URL("images/editor/", DOCS));
  for (const { name, theme } of linked) assert.ok(there.includes(`${name}_${theme}.jpg`), `${name}_${theme}.jpg`);
  const names = new Set(there.map((file) => file.replace(/_(light|dark)\.jpg$/, "")));
  assert.deepEqual([...names].sort(), linked.map(({ name }) => name).sort());
});
