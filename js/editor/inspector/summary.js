/** What is shown with nothing selected: the document and the clip. */

import { h } from "../dom.js";
import { NumberField } from "../number_field.js";
import { formatNumber } from "../numbers.js";
import { LATENT } from "../timeline/moments.js";
import { foldOf, lineOf, pairOf } from "./fields.js";

/** @import { Clip } from "../../types.js" */
/** @import { InspectorPanel, Section } from "./panel.js" */

const LIMITS = { length: [1, 4096], fps: [1, 240], width: [16, 16_384], height: [16, 16_384] };

/** @typedef {keyof typeof LIMITS} ClipNumber */

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createSummary(panel) {
  const { texts, context } = panel;
  const fact = () => h("span", { class: "wanmove-fact" });
  const [size, layers, tracks] = [fact(), fact(), fact()];
  const trouble = h("p", { class: "wanmove-hint" });
  const clip = context.host.setClip ? createClipFields(panel, context.host.setClip) : createClipFacts(panel);
  const facts = [
    lineOf(texts("inspector.picture"), size),
    lineOf(texts("inspector.layers"), layers),
    lineOf(texts("inspector.tracks"), tracks),
    trouble,
  ];
  return {
    element: h("div", {}, foldOf(texts("inspector.document"), ...facts), clip.element),
    update(view) {
      const derived = context.derive(view.document, view.clip);
      const hidden = view.document.layers.filter((layer) => !layer.enabled).length;
      size.textContent = `${view.document.width} × ${view.document.height} px`;
      const count = view.document.layers.length;
      layers.textContent = hidden > 0 ? texts("inspector.layers.off", { count, off: hidden }) : String(count);
      tracks.textContent = derived.tracks ? String(derived.tracks.count) : "\u2013";
      trouble.hidden = derived.error === null || count === 0;
      trouble.textContent = derived.error ?? "";
      clip.update(view);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
function createClipFacts({ texts }) {
  const [length, size] = [h("span", { class: "wanmove-fact" }), h("span", { class: "wanmove-fact" })];
  const note = h("p", { class: "wanmove-hint" }, texts("inspector.clip.elsewhere"));
  return {
    element: foldOf(
      texts("inspector.clip"),
      lineOf(texts("inspector.clip.length"), length),
      lineOf(texts("inspector.clip.size"), size),
      note,
    ),
    update({ clip }) {
      const seconds = formatNumber(clip.length / clip.fps);
      length.textContent = texts("inspector.clip.fact", { frames: clip.length, fps: formatNumber(clip.fps), seconds });
      size.textContent = `${clip.width} × ${clip.height} px`;
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {(clip: Clip) => void} setClip
 * @returns {Section}
 */
function createClipFields(panel, setClip) {
  const { texts, store, lifetime } = panel;
  /** @type {Clip | null} */
  let draft = null;
  const show = () => store.state().clip;
  const fields = /** @type {ClipNumber[]} */ (Object.keys(LIMITS)).map((name) => {
    const [low, high] = LIMITS[name];
    const unit = { length: "", fps: "", width: "px", height: "px" }[name];
    const look = {
      label: texts(`inspector.clip.${name}`),
      low,
      high,
      unit,
      whole: name !== "fps",
      step: name === "length" ? LATENT : 1,
    };
    const field = new NumberField(lifetime, texts, look, {
      attempt: (change) => {
        const clip = show();
        draft = { ...clip, [name]: change(clip[name]) };
        field.update({ value: draft[name] });
      },
      keep: () => {
        const wanted = draft && { ...draft, length: name === "length" ? wholeLength(draft.length) : draft.length };
        draft = null;
        note.hidden = !wanted || name !== "length";
        note.textContent = texts("inspector.clip.whole", { length: wanted?.length ?? 0 });
        if (wanted) setClip(wanted);
        update();
      },
      drop: () => {
        draft = null;
        update();
      },
    });
    return { name, field };
  });
  const fit = createFit(panel, setClip);
  const note = h("p", { class: "wanmove-hint", role: "status", hidden: true });
  const update = () => {
    for (const { name, field } of fields) field.update({ value: (draft ?? show())[name] });
    fit.value = show().fit ?? "";
  };
  return {
    element: foldOf(
      texts("inspector.clip"),
      pairOf(...fields.map(({ field }) => field.element)),
      note,
      lineOf(texts("inspector.clip.fit"), fit),
    ),
    update,
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {(clip: Clip) => void} setClip
 */
function createFit({ texts, store, lifetime }, setClip) {
  const select = h("select", { class: "wanmove-select", "aria-label": texts("inspector.clip.fit") });
  for (const name of ["", "stretch", "crop"]) select.append(h("option", { value: name }, texts(`fit.${name || "none"}`)));
  lifetime.listen(select, "change", () => {
    const fit = select.value === "stretch" || select.value === "crop" ? select.value : null;
    setClip({ ...store.state().clip, fit });
  });
  return select;
}

/**
 * The nearest length that a model can make: a first frame and whole latent frames.
 *
 * @param {number} length
 */
export function wholeLength(length) {
  return Math.max(1, Math.round((length - 1) / LATENT) * LATENT + 1);
}
