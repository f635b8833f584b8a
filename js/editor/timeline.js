/** The timeline: a row a layer, from the upper to the lower, under a ruler. Only the rows on the screen exist. */

import { changeLayers } from "../model/timeline_edits.js";
import { h } from "./dom.js";
import { createLifetime } from "./lifetime.js";
import { listenToPointer } from "./timeline/lane_drags.js";
import { listenToKeyboard } from "./timeline/lane_keys.js";
import { LATENT } from "./timeline/moments.js";
import { renameIn } from "./timeline/rename.js";
import { Row } from "./timeline/row.js";
import { followOpened, layOut, OPENED, ROW, rowsBetween } from "./timeline/rows.js";
import { Ruler } from "./timeline/ruler.js";

/** @import { EditorContext, EditorState, View } from "../types.js" */
/** @import { TimelinePanel } from "./timeline/acts.js" */

/** Pixels that a mark of a key takes on a lane. */
const MARK = 6;

/**
 * @param {EditorContext} context
 * @returns {View}
 */
export function createTimeline(context) {
  const timeline = new Timeline(context);
  return { element: timeline.element, dispose: () => timeline.dispose() };
}

class Timeline {
  #context;
  #lifetime = createLifetime();
  #ruler;
  /** @type {Map<number, Row>} by layer index */
  #shown = new Map();
  /** @type {Set<number>} */
  #opened = new Set();
  /** The row that Tab goes to. */
  #current = 0;
  /** What was measured of the lanes and the scroller; asking the page for it lays the page out. */
  #sizes = { width: 0, from: 0, height: 0 };
  #stale = true;
  /** @type {{ tops: number[], height: number }} */
  #layout = { tops: [], height: 0 };
  #parts;
  #ask;
  #panel;

  /** @param {EditorContext} context */
  constructor(context) {
    this.#context = context;
    this.#ruler = new Ruler(context, this.#lifetime);
    this.#parts = build(context, this.#ruler);
    this.element = this.#parts.element;
    this.#panel = this.#createPanel();
    this.#ask = this.#lifetime.onFrame(() => this.#draw());
    this.#listen();
    this.#ask();
  }

  dispose() {
    this.#lifetime.dispose();
    for (const row of this.#shown.values()) row.dispose();
    this.#shown.clear();
    this.element.remove();
  }

  /** @returns {TimelinePanel} */
  #createPanel() {
    return {
      context: this.#context,
      lifetime: this.#lifetime,
      isOpened: (index) => this.#opened.has(index),
      setOpened: (index, opened) => {
        if (opened) this.#opened.add(index);
        else this.#opened.delete(index);
        this.#draw();
        if (opened) this.#scrollTo(index, ROW + OPENED);
      },
      focusRow: (index) => this.#focusRow(index),
      rename: (index) => this.#rename(index),
      tops: () => this.#layout.tops,
      showDrop: (to) => this.#showDrop(to),
    };
  }

  #listen() {
    const { scroller, rows, lanes } = this.#parts;
    const { store } = this.#context;
    const follow = this.#lifetime.onFrame(() => this.#movePlayhead());
    this.#lifetime.also(
      store.subscribe((state, previous) => {
        if (state.progress !== previous.progress) follow();
        if (state.document !== previous.document) this.#follow(state, previous);
        const same =
          state.document === previous.document && state.selection === previous.selection && state.clip === previous.clip;
        if (!same) this.#ask();
        if (state.selection.layers !== previous.selection.layers) this.#reveal(state);
      }),
    );
    const measure = () => {
      this.#stale = true;
      this.#ask();
    };
    this.#lifetime.listen(scroller, "scroll", measure, { passive: true });
    this.#lifetime.observeSize(scroller, measure);
    this.#lifetime.observeSize(lanes, measure);
    listenToPointer(this.#panel, rows);
    listenToKeyboard(this.#panel, rows);
    this.#lifetime.listen(rows, "focusin", (event) => {
      const row = event.target instanceof Element ? event.target.closest("[data-layer]") : null;
      if (row instanceof HTMLElement) this.#setCurrent(Number(row.dataset.layer));
    });
  }

  /** @param {EditorState} state @param {EditorState} previous */
  #follow(state, previous) {
    this.#opened = followOpened(this.#opened, previous.document.layers, state.document.layers);
    this.#current = Math.max(0, Math.min(this.#current, state.document.layers.length - 1));
  }

  /** @param {number} index */
  #setCurrent(index) {
    if (index === this.#current) return;
    this.#current = index;
    this.#ask();
  }

  #draw() {
    const state = this.#context.store.state();
    const { rows, empty } = this.#parts;
    const { layers } = state.document;
    this.#layout = layOut(layers.length, this.#opened);
    rows.style.height = `${this.#layout.height}px`;
    empty.hidden = layers.length > 0;
    const { width, from, height } = this.#measure();
    const latent = state.clip.length > 1 ? (LATENT / (state.clip.length - 1)) * 100 : 100;
    this.element.style.setProperty("--wanmove-latent", `${latent}%`);
    this.#ruler.draw(state.clip, width);
    this.#showRows(state, new Set(rowsBetween(this.#layout.tops, this.#opened, from, from + height)));
    this.#movePlayhead();
  }

  #measure() {
    const { scroller, lanes } = this.#parts;
    if (this.#stale) this.#sizes = { width: lanes.offsetWidth, from: scroller.scrollTop, height: scroller.clientHeight };
    this.#stale = false;
    return this.#sizes;
  }

  /**
   * @param {EditorState} state
   * @param {Set<number>} wanted
   */
  #showRows(state, wanted) {
    for (const [index, row] of this.#shown) {
      if (wanted.has(index) || (row.hasFocus && index < state.document.layers.length)) continue;
      row.dispose();
      this.#shown.delete(index);
    }
    for (const index of wanted) {
      if (!this.#shown.has(index)) {
        const row = new Row(this.#panel, index);
        this.#shown.set(index, row);
        this.#parts.rows.append(row.element);
      }
    }
    for (const [index, row] of this.#shown) this.#updateRow(state, index, row);
  }

  /**
   * @param {EditorState} state
   * @param {number} index
   * @param {Row} row
   */
  #updateRow({ document, clip, selection }, index, row) {
    row.update({
      document,
      clip,
      selected: selection.layers.includes(index),
      key: selection.key?.layer === index ? selection.key : null,
      opened: this.#opened.has(index),
      current: index === this.#current,
      top: this.#layout.tops[index],
      apart: MARK / Math.max(1, this.#sizes.width),
    });
  }

  #movePlayhead() {
    const { progress, clip } = this.#context.store.state();
    this.#ruler.show(progress, clip);
    this.#parts.shift.style.transform = `translateX(${progress * 100}%)`;
  }

  /** What is selected elsewhere is scrolled to. @param {EditorState} state */
  #reveal({ selection, document }) {
    const index = selection.layers.at(-1);
    if (index === undefined || this.element.contains(this.element.ownerDocument.activeElement)) return;
    this.#current = index;
    this.#layout = layOut(document.layers.length, this.#opened);
    this.#scrollTo(index);
  }

  /** @param {number} index @param {number} [height] pixels from its top on that are to be seen */
  #scrollTo(index, height = ROW) {
    const { scroller } = this.#parts;
    const top = this.#layout.tops[index];
    this.#stale = true;
    const room = scroller.clientHeight - this.#ruler.element.offsetHeight - height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top > scroller.scrollTop + room) scroller.scrollTop = Math.min(top, top - room);
  }

  /** @param {number} index */
  #focusRow(index) {
    const count = this.#context.store.state().document.layers.length;
    const held = Math.max(0, Math.min(count - 1, index));
    this.#current = held;
    this.#layout = layOut(count, this.#opened);
    this.#scrollTo(held);
    this.#draw();
    this.#shown.get(held)?.name.focus({ preventScroll: true });
  }

  /** @param {number} index */
  #rename(index) {
    const row = this.#shown.get(index);
    if (!row) return;
    const { store, texts } = this.#context;
    const { name } = store.state().document.layers[index];
    renameIn(row.name, name, texts("timeline.rename"), (text) => {
      const document = changeLayers(store.state().committed.document, [index], (layer) => ({ ...layer, name: text }));
      store.dispatch({ type: "edit", document });
    });
  }

  /** @param {number | null} to */
  #showDrop(to) {
    const { drop } = this.#parts;
    const { tops, height } = this.#layout;
    drop.hidden = to === null;
    if (to === null) return;
    drop.style.transform = `translateY(${to === 0 ? height : to === tops.length ? 0 : tops[to - 1]}px)`;
  }
}

/**
 * @param {EditorContext} context
 * @param {Ruler} ruler
 */
function build({ texts }, ruler) {
  const shift = h("div", { class: "wanmove-playhead-shift" }, h("div", { class: "wanmove-playhead-line" }));
  const lanes = h("div", { class: "wanmove-lane-inner" }, shift);
  const over = h("div", { class: "wanmove-timeline-over", "aria-hidden": "true" }, h("div", { class: "wanmove-lane" }, lanes));
  const drop = h("div", { class: "wanmove-drop-line", hidden: true });
  const rows = h("div", { class: "wanmove-rows", role: "list", "aria-label": texts("timeline.layers") });
  const empty = h("p", { class: "wanmove-timeline-empty" }, texts("timeline.empty"));
  const top = h(
    "div",
    { class: "wanmove-timeline-top" },
    h("div", { class: "wanmove-timeline-corner" }, ruler.readout),
    ruler.element,
  );
  const body = h("div", { class: "wanmove-timeline-body" }, rows, empty, over, drop);
  const scroller = h("div", { class: "wanmove-timeline-scroll" }, top, body);
  const element = h("section", { class: "wanmove-timeline", "aria-label": texts("timeline.name") }, scroller);
  return { element, scroller, rows, empty, lanes, shift, drop };
}
