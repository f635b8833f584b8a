/** The page of `wanmove edit`: an editor over its server. Every address is below the token, as is this file's own. */

import { mountEditor } from "../../js/editor/mount.js";
import { serialiseDocument } from "../../js/model/document.js";

/** @import { Clip, MountedEditor, Picture, SmartRequest } from "../../js/types.js" */
/** @typedef {{ name: string, number: number, width: number, height: number }} AboutPicture */
/** @typedef {{ clip: Clip, locale: string, document: string, picture: AboutPicture }} About */

const BASE = new URL("../../", import.meta.url);
const MOST_PICTURE_BYTES = 64 * 1024 * 1024;

const WORDS = {
  en: {
    lost: "Not saved: wanmove edit no longer answers. Select all (Ctrl+A), copy (Ctrl+C), start it again and paste.",
    unsaved: "Not saved: ",
    large: "{name} is larger than 64 MB; save it smaller.",
    failed: "The editor cannot start: ",
  },
  zh: {
    lost: "未保存：wanmove edit 已无响应。请全选（Ctrl+A）、复制（Ctrl+C），重新启动后粘贴。",
    unsaved: "未保存：",
    large: "{name} 超过 64 MB，请先缩小。",
    failed: "编辑器无法启动：",
  },
};

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} an answer that is not a refusal
 */
async function ask(path, options) {
  const response = await fetch(new URL(path, BASE), options);
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  throw new Error(told.error ?? `wanmove edit answered ${response.status}.`);
}

/**
 * Writes one text at a time; of those that come meanwhile only the last.
 *
 * @param {(error: unknown) => void} onFailure
 */
function createSaver(onFailure) {
  /** @type {string | null} */
  let next = null;
  let running = false;
  let failed = false;

  const run = async () => {
    running = true;
    while (next !== null) {
      const text = next;
      next = null;
      try {
        // Read to its end: until then the browser keeps the connection.
        await (await ask("document", { method: "PUT", body: text })).text();
        failed = false;
      } catch (error) {
        failed = true;
        onFailure(error);
      }
    }
    running = false;
  };
  return {
    /** @param {string} text */
    save(text) {
      next = text;
      if (!running) run();
    },
    isUnsaved: () => running || failed,
  };
}

/**
 * @param {Blob} content
 * @param {string} name
 */
function download(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * The tracks in pixels of the picture, as Wan-Move's own files have them; the visibility only where something is hidden.
 *
 * @param {MountedEditor} editor
 * @param {string} name
 */
async function exportTracks(editor, name) {
  const { committed, clip } = editor.store.state();
  const { width, height, length, fit } = clip;
  const body = serialiseDocument(committed.document);
  const sizes = { width: String(width), height: String(height), length: String(length), fit: fit ?? "" };
  for (const part of ["tracks", "visibility"]) {
    const query = new URLSearchParams({ ...sizes, pixels: "picture", part });
    const response = await ask(`bake?${query}`, { method: "POST", body });
    if (response.status === 200) download(await response.blob(), `${name}.${part}.npy`);
  }
}

/**
 * @param {About} about
 * @param {string} text the document
 */
function mount(about, text) {
  const locale = about.locale || navigator.language;
  const words = WORDS[locale.toLowerCase().startsWith("zh") ? "zh" : "en"];
  const stem = about.document.replace(/(\.wanmove)?\.json$/i, "");
  const place = /** @type {HTMLElement} */ (document.getElementById("editor"));
  const tell = (/** @type {string} */ sentence) => editor.store.dispatch({ type: "notice", text: sentence, kind: "error" });
  const saver = createSaver((error) => tell(error instanceof TypeError ? words.lost : words.unsaved + reasonOf(error)));

  /** @type {(picture: AboutPicture) => Picture} */
  const shown = ({ number }) => ({ url: new URL(`picture?number=${number}`, BASE).href });

  const show = async (/** @type {File} */ file) => {
    if (file.size > MOST_PICTURE_BYTES) return tell(fill(words.large, { name: file.name }));
    try {
      const response = await ask(`picture?${new URLSearchParams({ name: file.name })}`, { method: "POST", body: file });
      editor.setPicture(shown(await response.json()));
    } catch (error) {
      tell(reasonOf(error));
    }
  };

  const editor = mountEditor(place, {
    document: text,
    picture: shown(about.picture),
    clip: keptClip(about),
    size: "full",
    locale,
    commit: saver.save,
    selectSmartly: (request, signal) => selectSmartly(editor, request, signal),
    exportTracks: () => exportTracks(editor, stem),
    setClip: (clip) => {
      sessionStorage.setItem(clipKey(about), JSON.stringify(clip));
      editor.setClip(clip);
    },
    openPicture: () => chooseFile(show),
  });
  document.documentElement.lang = locale;
  document.title = `${about.document} · Wan-Move`;
  takeDrops(place, show);
  addEventListener("beforeunload", (event) => {
    if (saver.isUnsaved()) event.preventDefault();
  });
  return editor;
}

/**
 * @param {MountedEditor} editor
 * @param {SmartRequest} request
 * @param {AbortSignal} signal
 */
async function selectSmartly(editor, request, signal) {
  const { width, height } = editor.store.state().document;
  const response = await ask("segment", { method: "POST", body: JSON.stringify({ ...request, width, height }), signal });
  return (await response.json()).points;
}

/** @param {About} about */
const clipKey = ({ clip, document }) => `clip ${document} ${JSON.stringify(clip)}`;

/**
 * The clip as it was changed on this page, which reloading does not undo.
 *
 * @param {About} about
 * @returns {Clip}
 */
function keptClip(about) {
  const kept = sessionStorage.getItem(clipKey(about));
  return kept ? JSON.parse(kept) : about.clip;
}

/** @param {(file: File) => void} take */
function chooseFile(take) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) take(file);
  });
  input.click();
}

/**
 * @param {HTMLElement} place
 * @param {(file: File) => void} take
 */
function takeDrops(place, take) {
  const mark = (/** @type {boolean} */ isTarget) => place.classList.toggle("is-target", isTarget);
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const file = [...(event.dataTransfer?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (file) take(file);
  });
}

/**
 * @param {string} sentence
 * @param {Readonly<Record<string, string>>} values
 */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

try {
  const [about, text] = await Promise.all([ask("session"), ask("document")]);
  const editor = mount(await about.json(), await text.text());
  // For the tests, and for whoever is curious in the console.
  Object.assign(window, { wanmoveEditor: editor });
} catch (error) {
  const failure = document.createElement("p");
  failure.className = "page-failure";
  failure.setAttribute("role", "alert");
  failure.textContent = WORDS.en.failed + reasonOf(error);
  document.body.replaceChildren(failure);
}
