/** Which keys mean what. A table and pure functions; `commands.js` says what they do. */

/**
 * @typedef {object} KeyPress what of a keyboard event counts
 * @property {string} key
 * @property {string} code
 * @property {boolean} shift
 * @property {boolean} control Ctrl or Meta
 * @property {boolean} alt
 */

/**
 * Shift counts only where the table says so: "?" and "<" need it on one keyboard and not on another.
 *
 * @typedef {object} Shortcut
 * @property {string} command
 * @property {string} key as in KeyboardEvent.key, letters small
 * @property {boolean} [control]
 * @property {boolean} [shift] must be held (true) or not (false); left out: either
 * @property {string} group where the sheet of shortcuts lists it
 * @property {string} [shown] how it is written, else made from the other fields
 */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  { command: "tool.select", key: "v", group: "tools" },
  { command: "tool.lasso", key: "l", group: "tools" },
  { command: "tool.smart", key: "s", group: "tools" },
  { command: "tool.brush", key: "k", group: "tools" },
  { command: "tool.rectangle", key: "m", group: "tools" },
  { command: "tool.disc", key: "d", control: false, group: "tools" },
  { command: "tool.points", key: "a", group: "tools" },
  { command: "tool.pen", key: "p", group: "tools" },
  { command: "tool.pencil", key: "b", group: "tools" },
  { command: "tool.record", key: "r", group: "tools" },
  { command: "tool.pin", key: "o", group: "tools" },
  { command: "tool.camera", key: "c", group: "tools" },
  { command: "tool.hand", key: "h", group: "tools" },
  { command: "tool.zoom", key: "z", group: "tools" },
  { command: "smaller", key: "[", group: "tools" },
  { command: "larger", key: "]", group: "tools" },

  { command: "play", key: " ", group: "time", shown: "Space" },
  { command: "frame-back", key: ",", group: "time" },
  { command: "frame-on", key: ".", group: "time" },
  { command: "key-back", key: "<", group: "time" },
  { command: "key-on", key: ">", group: "time" },
  { command: "latent-back", key: "PageUp", group: "time" },
  { command: "latent-on", key: "PageDown", group: "time" },
  { command: "first", key: "Home", group: "time" },
  { command: "last", key: "End", group: "time" },
  { command: "set-key", key: "i", group: "time" },
  { command: "toggle-visibility", key: "x", group: "time" },
  { command: "easing", key: "e", group: "time" },

  { command: "undo", key: "z", control: true, shift: false, group: "edit" },
  { command: "redo", key: "z", control: true, shift: true, group: "edit" },
  { command: "redo", key: "y", control: true, group: "edit" },
  { command: "copy", key: "c", control: true, shift: false, group: "edit" },
  { command: "cut", key: "x", control: true, shift: false, group: "edit" },
  { command: "paste", key: "v", control: true, shift: false, group: "edit" },
  { command: "duplicate", key: "d", control: true, group: "edit" },
  { command: "select-all", key: "a", control: true, group: "edit" },
  { command: "select-next", key: "Tab", shift: false, group: "edit" },
  { command: "select-previous", key: "Tab", shift: true, group: "edit" },
  { command: "group", key: "g", shift: false, group: "edit" },
  { command: "ungroup", key: "g", shift: true, group: "edit" },
  { command: "delete", key: "Delete", group: "edit" },
  { command: "delete", key: "Backspace", group: "edit" },
  { command: "nudge-left", key: "ArrowLeft", shift: false, group: "edit", shown: "← ↑ → ↓" },
  { command: "nudge-right", key: "ArrowRight", shift: false, group: "edit" },
  { command: "nudge-up", key: "ArrowUp", shift: false, group: "edit" },
  { command: "nudge-down", key: "ArrowDown", shift: false, group: "edit" },
  { command: "cell-left", key: "ArrowLeft", shift: true, group: "edit", shown: "Shift+← ↑ → ↓" },
  { command: "cell-right", key: "ArrowRight", shift: true, group: "edit" },
  { command: "cell-up", key: "ArrowUp", shift: true, group: "edit" },
  { command: "cell-down", key: "ArrowDown", shift: true, group: "edit" },

  { command: "overlay.dots", key: "1", group: "view" },
  { command: "overlay.warp", key: "2", group: "view" },
  { command: "overlay.model", key: "3", group: "view" },
  { command: "overlay.coverage", key: "4", group: "view" },
  { command: "overlay.achieved", key: "5", group: "view" },
  { command: "fit", key: "0", group: "view" },
  { command: "zoom-in", key: "+", group: "view" },
  { command: "zoom-in", key: "=", group: "view" },
  { command: "zoom-out", key: "-", group: "view" },
  { command: "help", key: "?", group: "view" },
  { command: "accept", key: "Enter", group: "view" },
  { command: "escape", key: "Escape", group: "view", shown: "Esc" },
];

/**
 * The command of a key press, by its character, else by the key's place (other alphabets than the Latin one).
 *
 * @param {KeyPress} press
 * @returns {string | null}
 */
export function commandOf(press) {
  if (press.alt) return null;
  const named = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const found = match(press, named) ?? (isLatin(named) ? undefined : match(press, placed(press.code)));
  return found?.command ?? null;
}

/**
 * How a command's key is written, "" without one.
 *
 * @param {string} command
 */
export function shownKey(command) {
  const row = SHORTCUTS.find((shortcut) => shortcut.command === command);
  return row ? written(row) : "";
}

/**
 * "Ctrl+Z"
 *
 * @param {Shortcut} shortcut
 */
export function written({ key, control, shift, shown }) {
  if (shown) return shown;
  return `${control ? "Ctrl+" : ""}${shift ? "Shift+" : ""}${key.length === 1 ? key.toUpperCase() : key}`;
}

/**
 * @param {KeyPress} press
 * @param {string} key
 */
function match({ shift, control }, key) {
  return SHORTCUTS.find(
    (row) => row.key === key && (row.control ?? false) === control && (row.shift === undefined || row.shift === shift),
  );
}

/** @param {string} key */
function isLatin(key) {
  return key.length > 1 || (key >= "a" && key <= "z");
}

/** @param {string} code of a key, by its place on an American keyboard */
function placed(code) {
  if (/^(Key|Digit)./.test(code)) return code.replace(/^(Key|Digit)/, "").toLowerCase();
  return { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: "." }[code] ?? code;
}
