/** The row of tools and commands: the same buttons in a node and full screen, in another order of importance. */

import { createButton, setPressed } from "./buttons.js";
import { actionOf } from "./commands.js";
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
 * @property {(state: EditorState) => boolean} [pressed]
 * @property {(state: EditorState) => boolean} [enabled]
 */

/** @type {(command: string, icon: IconName, group: string) => Control} */
const tool = (command, icon, group) => ({ command, icon, group, pressed: (state) => `tool.${state.tool}` === command });
/** @type {(name: "dots" | "warp" | "model" | "coverage" | "onion") => Control} */
const overlay = (name) => ({
  command: `overlay.${name}`,
  icon: name,
  group: "overlays",
  pressed: (state) => state.overlays[name],
});

/** In their order. Regions stand before paths: first what moves, then how. */
/** @type {readonly Control[]} */
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
  { command: "undo", icon: "undo", group: "history", enabled: ({ history }) => history.past.length > 0 },
  { command: "redo", icon: "redo", group: "history", enabled: ({ history }) => history.future.length > 0 },
  overlay("dots"),
  overlay("warp"),
  overlay("model"),
  overlay("coverage"),
  overlay("onion"),
  { command: "open", icon: "open", group: "file" },
  { command: "export", icon: "export", group: "file" },
  { command: "revert", icon: "revert", group: "file", enabled: (state) => state.document !== state.opened },
  { command: "help", icon: "help", group: "file" },
];

/** What stays longest in a narrow node. The others follow in their order. */
const FIRST = ["tool.select", "tool.lasso", "tool.smart", "tool.points", "tool.pencil", "tool.pin", "presets", "undo", "redo"];

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createToolbar(shell) {
  const { context, lifetime, popovers } = shell;
  const { store, texts, host } = context;
  const presets = createPresetsMenu(shell);
  const rows = CONTROLS.filter(({ command }) => isOffered(command, shell)).map((control) => {
    const { command, icon, group, pressed } = control;
    const look = {
      icon,
      text: commandText(command),
      shortcut: shownKey(command),
      toggle: pressed !== undefined,
      wordy: command === "presets" && host.size === "full",
    };
    const button = createButton(texts, lifetime, look, () => {
      const action = actionOf(command, store.state());
      if (command === "presets") popovers.toggle(inSight(button, more), presets, texts("presets.name"), "menu");
      else if (button.getAttribute("aria-disabled") === "true") return;
      else if (action) store.dispatch(action);
      else shell.perform(command);
      if (command !== "presets") popovers.close();
    });
    button.dataset.command = command;
    return { control, button, group, rank: rankOf(command, host.size) };
  });

  const more = createButton(texts, lifetime, { icon: "more", text: "shell.more" }, () =>
    popovers.toggle(more, strip.rest, texts("shell.more")),
  );
  const fixed = [];
  if (host.enlarge)
    fixed.push(createButton(texts, lifetime, { icon: "enlarge", text: "shell.enlarge" }, () => host.enlarge?.()));
  if (host.close) fixed.push(createButton(texts, lifetime, { icon: "close", text: "shell.close" }, () => host.close?.()));
  const strip = createStrip({ name: texts("shell.tools"), buttons: rows, more, fixed, lifetime });

  watch(
    store,
    lifetime,
    (state) => [state.tool, state.overlays, state.history, state.document],
    () => {
      const state = store.state();
      for (const { control, button } of rows) {
        if (control.pressed) setPressed(button, control.pressed(state));
        if (control.enabled) button.setAttribute("aria-disabled", String(!control.enabled(state)));
      }
    },
  );
  return { element: strip.element, dispose: () => strip.element.remove() };
}

/**
 * @param {string} command
 * @param {Shell} shell
 */
function isOffered(command, { context: { host } }) {
  if (command === "tool.smart") return host.selectSmartly !== undefined;
  if (command === "open") return host.openPicture !== undefined;
  if (command === "export") return host.exportTracks !== undefined;
  return true;
}

/**
 * @param {string} command
 * @param {"mini" | "full"} size
 */
function rankOf(command, size) {
  const first = size === "mini" ? FIRST.indexOf(command) : -1;
  return first >= 0 ? first : FIRST.length + CONTROLS.findIndex((control) => control.command === command);
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
