/** The row of tools and commands: the same buttons in a node and full screen, in another order of importance. */

import { createButton, setEnabled, setPressed } from "./buttons.js";
import { actionOf } from "./commands.js";
import { canUndo } from "./history.js";
import { createPresetsMenu } from "./presets_menu.js";
import { commandText } from "./shell.js";
import { shownKey } from "./shortcuts.js";
import { createStrip } from "./strip.js";
import { watch } from "./watch.js";

/** @import { EditorState, View } from "../types.js" */
/** @import { IconName } from "./icons.js" */
/** @import { Shell } from "./shell.js" */

/**
 * @typedef {object} Control
 * @property {string} command
 * @property {IconName} icon
 * @property {string} group
 * @property {string} [word]
 * @property {(state: EditorState) => boolean} [pressed]
 * @property {(state: EditorState) => boolean} [enabled]
 */

/** @type {(command: string, icon: IconName, group: string) => Control} */
const tool = (command, icon, group) => ({ command, icon, group, pressed: (state) => `tool.${state.tool}` === command });
/** @type {(name: "dots" | "warp" | "model" | "coverage" | "onion" | "achieved") => Control} */
const overlay = (name) => ({
  command: `overlay.${name}`,
  icon: name,
  group: "overlays",
  word: `overlay.${name}.word`,
  pressed: (state) => state.overlays[name],
});

/** In their order. Regions stand before paths: first what moves, then how. @type {readonly Control[]} */
const CONTROLS = [
  tool("tool.select", "select", "select"),
  tool("tool.lasso", "lasso", "regions"),
  tool("tool.smart", "smart", "regions"),
  tool("tool.brush", "brush", "regions"),
  tool("tool.rectangle", "rectangle", "regions"),
  tool("tool.disc", "disc", "regions"),
  tool("tool.points", "points", "paths"),
  tool("tool.pen", "pen", "paths"),
  tool("tool.pencil", "pencil", "paths"),
  tool("tool.record", "record", "paths"),
  { command: "presets", icon: "presets", group: "motion" },
  tool("tool.camera", "camera", "motion"),
  tool("tool.pin", "pin", "motion"),
  { command: "pin-rest", icon: "pin-rest", group: "motion" },
  tool("tool.hand", "hand", "view"),
  tool("tool.zoom", "zoom", "view"),
  { command: "undo", icon: "undo", group: "history", enabled: canUndo },
  { command: "redo", icon: "redo", group: "history", enabled: ({ history }) => history.future.length > 0 },
  overlay("dots"),
  overlay("warp"),
  overlay("model"),
  overlay("coverage"),
  overlay("onion"),
  { ...overlay("achieved"), enabled: ({ measured }) => measured !== null },
  { command: "open", icon: "open", group: "file" },
  { command: "export", icon: "export", group: "file" },
  { command: "revert", icon: "revert", group: "file", enabled: (state) => state.document !== state.opened },
  { command: "help", icon: "help", group: "file" },
];

/** What stays longest where there is little room. The others follow in their order. */
const FIRST = {
  mini: ["tool.select", "tool.lasso", "tool.smart", "tool.points", "presets", "undo", "tool.pin", "tool.pencil", "redo"],
  full: [
    ...["tool.select", "undo", "redo", "tool.lasso", "tool.smart", "tool.points", "tool.pencil", "presets", "tool.camera"],
    ...["tool.pin", "overlay.warp", "overlay.model", "overlay.coverage", "overlay.dots"],
  ],
};

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createToolbar(shell) {
  const { context, lifetime, popovers } = shell;
  const { store, texts } = context;
  const presets = createPresetsMenu(shell);
  const press = (/** @type {string} */ command, /** @type {HTMLElement} */ button) => {
    if (command === "presets") return popovers.toggle(inSight(button, more), presets, texts("presets.name"), "menu");
    popovers.close();
    const action = actionOf(command, store.state());
    if (action) store.dispatch(action);
    else shell.perform(command);
  };
  const rows = CONTROLS.filter(({ command }) => isOffered(command, shell)).map((control) => createRow(shell, control, press));
  const more = createButton(texts, lifetime, { icon: "more", text: "shell.more" }, () =>
    popovers.toggle(more, strip.rest, texts("shell.more")),
  );
  const parts = { name: texts("shell.tools"), buttons: rows, more, fixed: createFixed(shell), lifetime };
  const strip = createStrip(parts);

  watch(
    store,
    lifetime,
    (state) => [state.tool, state.overlays, state.history, state.document, state.measured],
    () => {
      for (const { update } of rows) update(store.state());
    },
  );
  return { element: strip.element, dispose: () => strip.element.remove() };
}

/**
 * @param {Shell} shell
 * @param {Control} control
 * @param {(command: string, button: HTMLElement) => void} press
 */
function createRow({ context: { texts, host }, lifetime }, { command, icon, group, word, pressed, enabled }, press) {
  const wordy = command === "presets" && host.size === "full";
  const words = { text: commandText(command), word: host.size === "full" ? word : undefined, wordy };
  const look = { icon, ...words, shortcut: shownKey(command), toggle: pressed !== undefined };
  const button = createButton(texts, lifetime, look, () => {
    if (button.getAttribute("aria-disabled") !== "true") press(command, button);
  });
  button.dataset.command = command;
  const update = (/** @type {EditorState} */ state) => {
    if (pressed) setPressed(button, pressed(state));
    if (enabled) setEnabled(button, enabled(state));
  };
  return { button, group, rank: rankOf(command, host.size), update };
}

/**
 * What is there however narrow it gets: the way to the large editor, or out of it.
 *
 * @param {Shell} shell
 */
function createFixed({ context: { texts, host }, lifetime }) {
  const fixed = [];
  if (host.enlarge)
    fixed.push(createButton(texts, lifetime, { icon: "enlarge", text: "shell.enlarge" }, () => host.enlarge?.()));
  if (host.close) fixed.push(createButton(texts, lifetime, { icon: "close", text: "shell.close" }, () => host.close?.()));
  return fixed;
}

/**
 * @param {string} command
 * @param {Shell} shell
 */
function isOffered(command, { context: { host } }) {
  if (command === "tool.smart") return host.selectSmartly !== undefined;
  if (command === "overlay.achieved") return host.measured !== undefined;
  if (command === "open") return host.openPicture !== undefined;
  if (command === "export") return host.exportTracks !== undefined;
  return true;
}

/**
 * @param {string} command
 * @param {"mini" | "full"} size
 */
function rankOf(command, size) {
  const first = FIRST[size].indexOf(command);
  return first >= 0 ? first : FIRST[size].length + CONTROLS.findIndex((control) => control.command === command);
}

/**
 * A menu opens at its own button, or at the one of the menu that its button lies in.
 *
 * @param {HTMLElement} button
 * @param {HTMLElement} more
 */
function inSight(button, more) {
  return button.closest(".wanmove-popover") ? more : button;
}
