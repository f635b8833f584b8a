/** Imports below js/ point one way, and only where it is allowed does a module touch the page, the clock or chance. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freeNames, importsOf, topLevelActs, touchedProperties } from "./syntax.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** From top to bottom; a module imports its own layer and those below it. */
const LAYERS = ["wanmove.js", "comfy", "editor", "model"];
const ENTRY = "js/wanmove.js";
/** ComfyUI's own modules, as the browser sees them from js/wanmove.js. Nobody else imports from the host. */
const HOST_MODULES = ["../../scripts/app.js", "../../scripts/api.js"];
const MAX_LINES = 450;
/** One file in twenty may be longer than this. */
const USUAL_LINES = 300;

const PAGE = ["document", "window", "navigator", "localStorage", "sessionStorage", "customElements", "matchMedia", "fetch"];
const TIMERS = [
  "requestAnimationFrame",
  "setTimeout",
  "setInterval",
  "ResizeObserver",
  "MutationObserver",
  "IntersectionObserver",
];
const CHANCE = ["Date", "performance", "Math.random", "crypto", "globalThis", "self", "console", "process"];
const LISTENING =
  /^(addEventListener|removeEventListener|on(load|error|click|input|change|message|abort|resize|(pointer|key).*))$/;
/** Where listeners, timers and observers may be started. */
const STARTERS = ["js/editor/lifetime.js"];

/**
 * A line for each thing that a module's place forbids.
 *
 * @param {string} source
 * @param {string} path from the root, with slashes
 * @returns {string[]}
 */
function violations(source, path) {
  const layer = path.split("/")[1] ?? "";
  const uses = freeNames(source);
  const reasons = [
    ...importsOf(source).map(({ from, line }) => ({ line, reason: importReason(from, path) })),
    ...uses.map((use) => ({ line: use.line, reason: useReason(use, layer, path) })),
    ...touchedProperties(source).map(({ name, line }) => ({ line, reason: listenReason(name, path) })),
    ...(path === ENTRY ? [] : topLevelActs(source).map((line) => ({ line, reason: "does something on import" }))),
  ];
  return [...new Set(reasons.filter(({ reason }) => reason).map(({ line, reason }) => `${path}:${line} ${reason}`))];
}

/**
 * @param {string} from
 * @param {string} path
 */
function importReason(from, path) {
  if (path === ENTRY && HOST_MODULES.includes(from)) return "";
  if (!/^\.\.?\/.*\.js$/.test(from)) return `imports "${from}"; a relative path that ends in .js is needed`;
  const target = posix.join(posix.dirname(path), from);
  const [here, there] = [path, target].map((file) => LAYERS.indexOf(file.split("/")[1] ?? ""));
  if (!target.startsWith("js/") || here === undefined || there === undefined || there < 0) return `imports ${target}, no layer`;
  if (there < here) return `imports ${target}, which lies above it`;
  return path === ENTRY && there > 1 ? `imports ${target}; it only hands ComfyUI to comfy/` : "";
}

/**
 * @param {import("./syntax.js").Use} use
 * @param {string} layer
 * @param {string} path
 */
function useReason({ name, onImport }, layer, path) {
  if (layer === "model" && [...PAGE, ...TIMERS, ...CHANCE].includes(name)) return `uses ${name}; model/ only computes`;
  if (TIMERS.includes(name) && !STARTERS.includes(path)) return `uses ${name}; a Lifetime does that`;
  return onImport && PAGE.includes(name) && path !== ENTRY ? `uses ${name} on import` : "";
}

/**
 * @param {string} name
 * @param {string} path
 */
function listenReason(name, path) {
  return LISTENING.test(name) && !STARTERS.includes(path) ? `has ${name}; a Lifetime does that` : "";
}

/** @returns {string[]} all modules below js/, from the root */
function modules() {
  const files = readdirSync(join(ROOT, "js"), { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => relative(ROOT, join(file.parentPath, file.name)));
  return paths.map((path) => path.replaceAll("\\", "/")).filter((path) => path.endsWith(".js"));
}

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), "utf8");

test("what a module may do is left alone", () => {
  const cases = [
    ["js/wanmove.js", 'import { app } from "../../scripts/app.js";\nimport { a } from "./comfy/a.js";\napp.start(a);'],
    ["js/comfy/a.js", 'import { mountEditor } from "../editor/mount.js";\nimport { bake } from "../model/sampling.js";'],
    ["js/editor/a.js", 'import { bake } from "../model/sampling.js";\nexport { h } from "./dom.js";'],
    [
      "js/editor/a.js",
      "export const f = () => document.createElement('p');\nlet living = 0;\nexport const g = () => living++;",
    ],
    ["js/editor/lifetime.js", "export const f = (target, run) => target.addEventListener('click', run) ?? setTimeout(run, 1);"],
    [
      "js/model/a.js",
      "export const f = (document) => document.width;\nexport const g = ({ window: a, ...Date }) => a + Date.x;",
    ],
    [
      "js/model/a.js",
      "export function f(a) {\n  for (const document of a) a.window = { Date: document.self };\n  return Math.sin(1);\n}",
    ],
    ["js/model/a.js", "export class A extends Error { document = 1; }\nexport const T = Object.freeze({ a: 1 });"],
  ];
  for (const [path = "", source = ""] of cases) assert.deepEqual(violations(source, path), [], source);
});

test("what a module may not do is named with its line", () => {
  const cases = [
    ["js/model/a.js", 'import { h } from "../editor/dom.js";', "js/model/a.js:1 imports js/editor/dom.js, which lies above it"],
    ["js/editor/a.js", '\nexport { x } from "../comfy/x.js";', "js/editor/a.js:2 imports js/comfy/x.js, which lies above it"],
    ["js/editor/a.js", 'import { x } from "../wanmove.js";', "js/editor/a.js:1 imports js/wanmove.js, which lies above it"],
    [
      "js/editor/a.js",
      'const f = () => import("../comfy/x.js");',
      "js/editor/a.js:1 imports js/comfy/x.js, which lies above it",
    ],
    [
      "js/wanmove.js",
      'import "./editor/mount.js";',
      "js/wanmove.js:1 imports js/editor/mount.js; it only hands ComfyUI to comfy/",
    ],
    ["js/editor/a.js", 'import "../../tests/js/x.js";', "js/editor/a.js:1 imports tests/js/x.js, no layer"],
    ["js/comfy/a.js", 'import "../../../scripts/app.js";', "js/comfy/a.js:1 imports ../scripts/app.js, no layer"],
    ["js/model/a.js", 'import { x } from "./x";', 'js/model/a.js:1 imports "./x"; a relative path that ends in .js is needed'],
    [
      "js/model/a.js",
      'import { x } from "three";',
      'js/model/a.js:1 imports "three"; a relative path that ends in .js is needed',
    ],
    ["js/model/a.js", "export const f = () => document.body;", "js/model/a.js:1 uses document; model/ only computes"],
    ["js/model/a.js", "export const f = () => Math.random();", "js/model/a.js:1 uses Math.random; model/ only computes"],
    ["js/model/a.js", "export const f = () => new Date();", "js/model/a.js:1 uses Date; model/ only computes"],
    ["js/model/a.js", "export const f = (a = performance) => a;", "js/model/a.js:1 uses performance; model/ only computes"],
    ["js/editor/a.js", "export const f = (a) => setTimeout(a);", "js/editor/a.js:1 uses setTimeout; a Lifetime does that"],
    [
      "js/editor/a.js",
      "export const f = () => new ResizeObserver();",
      "js/editor/a.js:1 uses ResizeObserver; a Lifetime does that",
    ],
    [
      "js/editor/a.js",
      "const f = (a) => a.addEventListener('x');",
      "js/editor/a.js:1 has addEventListener; a Lifetime does that",
    ],
    ["js/editor/a.js", "const f = (a) => { a.onload = f; };", "js/editor/a.js:1 has onload; a Lifetime does that"],
    ["js/editor/a.js", "const a = 1;\nstart(a);", "js/editor/a.js:2 does something on import"],
    ["js/editor/a.js", "const page = document.body;", "js/editor/a.js:1 uses document on import"],
  ];
  for (const [path = "", source = "", line] of cases) assert.deepEqual(violations(source, path), [line], source);
});

test("the code keeps to its layers", () => {
  const paths = modules();
  assert.ok(paths.length > 5);
  assert.deepEqual(
    paths.flatMap((path) => violations(read(path), path)),
    [],
  );
});

test("every import names a file that is there", () => {
  const missing = modules().flatMap((path) =>
    importsOf(read(path))
      .filter(({ from }) => !HOST_MODULES.includes(from) && !existsSync(join(ROOT, dirname(path), from)))
      .map(({ from, line }) => `${path}:${line} ${from}`),
  );
  assert.deepEqual(missing, []);
});

test("a file can be read at one sitting", () => {
  const lengths = modules().map((path) => ({ path, lines: read(path).split("\n").length - 1 }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > MAX_LINES),
    [],
  );
  const long = lengths.filter(({ lines }) => lines > USUAL_LINES);
  assert.ok(long.length <= lengths.length / 20, `too many files over ${USUAL_LINES} lines: ${JSON.stringify(long)}`);
});
