/** Pointers, wheel and fingers over the stage, as actions of the store. */

import { panBy, viewToImage, zoomAt } from "../model/viewport.js";
import { watchSpace } from "./held_space.js";

/** @import { EditorHost, ImagePoint, Lifetime, Pair, PointerInput, Store, Viewport, ViewPoint } from "../types.js" */

/** Milliseconds and CSS pixels within which a second press is a double click; PointerEvent.detail does not say. */
const DOUBLE = { wait: 400, away: 6 };
const WHEEL_LINE = 16;
const WHEEL_PAGE = 400;
const ZOOM_SPEED = 0.0016;

/**
 * @typedef {object} Seat
 * @property {HTMLElement} element that has the focus
 * @property {HTMLElement} surface that hears the pointer
 * @property {Store} store
 * @property {EditorHost} host
 * @property {Lifetime} lifetime
 * @property {(look: Pointing) => void} changed
 */

/** @typedef {{ pointer: ViewPoint | null, panning: boolean }} Pointing */

/**
 * Hears everything that is done to the stage with hands, from now to the end of the lifetime. Nothing is prevented on
 * pointerdown: hosts take their undo snapshot from the events that follow it.
 *
 * @param {Seat} seat
 */
export function listenToHands(seat) {
  new Hands(seat).listen();
}

/**
 * Where an event lies on the stage. The host may scale the page around us, so the box on the screen is not the box in CSS.
 *
 * @param {{ clientX: number, clientY: number }} event
 * @param {{ left: number, top: number, width: number, height: number }} rectangle on the screen
 * @param {Pair} size clientWidth, clientHeight
 * @returns {ViewPoint}
 */
export function viewPointOf({ clientX, clientY }, { left, top, width, height }, size) {
  return [((clientX - left) * size[0]) / Math.max(width, 1e-6), ((clientY - top) * size[1]) / Math.max(height, 1e-6)];
}

/**
 * The view after two fingers went from one pair of places to another: what was under each stays under it.
 *
 * @param {Viewport} viewport
 * @param {readonly [ViewPoint, ViewPoint]} from
 * @param {readonly [ViewPoint, ViewPoint]} to
 * @returns {Viewport}
 */
export function pinch(viewport, from, to) {
  const [before, now] = [spread(from), spread(to)];
  const [x, y] = middle(from);
  const [toX, toY] = middle(to);
  const zoomed = zoomAt(viewport, [x, y], before > 1 ? now / before : 1);
  return panBy(zoomed, [toX - x, toY - y]);
}

/**
 * By what a turn of the wheel zooms.
 *
 * @param {Pick<WheelEvent, "deltaY" | "deltaMode">} event
 */
export function wheelFactor({ deltaY, deltaMode }) {
  const pixels = deltaY * (deltaMode === 1 ? WHEEL_LINE : deltaMode === 2 ? WHEEL_PAGE : 1);
  return Math.exp(-Math.min(Math.max(pixels, -300), 300) * ZOOM_SPEED);
}

class Hands {
  #seat;
  /** Fingers that are down, by their pointer's id. @type {Map<number, ViewPoint>} */
  #fingers = new Map();
  /** The pointer that draws. @type {number | null} */
  #drawing = null;
  /** The pointer that pans, and where it was. @type {{ id: number, at: ViewPoint } | null} */
  #panning = null;
  #penSeen = false;
  /** @type {ViewPoint | null} */
  #pointer = null;
  /** The last press. */
  #press = { time: Number.NEGATIVE_INFINITY, at: /** @type {ViewPoint} */ ([0, 0]), count: 0 };

  #space;

  /** @param {Seat} seat */
  constructor(seat) {
    this.#seat = seat;
    this.#space = watchSpace(seat.element, seat.store, seat.lifetime, () => this.#tell());
  }

  listen() {
    const { surface, lifetime } = this.#seat;
    /** @type {(type: string, hear: (event: PointerEvent) => void) => void} */
    const on = (type, hear) => lifetime.listen(surface, type, (event) => hear(/** @type {PointerEvent} */ (event)));
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#lose(event));
    on("lostpointercapture", (event) => this.#lose(event));
    on("pointerleave", () => this.#point(null));
    on("selectstart", (event) => event.preventDefault());
    on("contextmenu", (event) => this.#menu(event));
    lifetime.listen(surface, "wheel", (event) => this.#wheel(/** @type {WheelEvent} */ (event)), { passive: false });
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const { element, surface, store, host } = this.#seat;
    if (event.pointerType === "pen") this.#penSeen = true;
    const isFinger = event.pointerType === "touch";
    if (isFinger) this.#fingers.set(event.pointerId, this.#viewOf(event));
    const pans = (event.button === 1 && host.size === "full") || (event.button === 0 && this.#space.isHeld());
    if (event.button !== 0 && !pans) return;
    event.stopPropagation();
    element.focus({ preventScroll: true });
    surface.setPointerCapture(event.pointerId);
    if (isFinger && this.#fingers.size > 1) {
      this.#stopDrawing();
      return;
    }
    if (pans || (isFinger && this.#penSeen)) {
      this.#space.use();
      this.#panning = { id: event.pointerId, at: this.#viewOf(event) };
      this.#tell();
      return;
    }
    if (this.#drawing !== null) return;
    this.#count(event);
    if (this.#press.count === 2 && store.state().gesture.kind === "path") {
      store.dispatch({ type: "finish-path" });
      return;
    }
    this.#drawing = event.pointerId;
    store.dispatch({ type: "pointer-down", input: this.#inputOf(event) });
  }

  /** @param {PointerEvent} event */
  #count(event) {
    const at = this.#viewOf(event);
    const { time, at: before, count } = this.#press;
    const again = event.timeStamp - time < DOUBLE.wait && Math.hypot(at[0] - before[0], at[1] - before[1]) < DOUBLE.away;
    this.#press = { time: event.timeStamp, at, count: again ? count + 1 : 1 };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { store } = this.#seat;
    const at = this.#viewOf(event);
    if (event.pointerType !== "touch") this.#point(at);
    if (this.#fingers.has(event.pointerId) && this.#fingers.size > 1) return this.#pinch(event.pointerId, at);
    if (this.#panning?.id === event.pointerId) return this.#pan(at);
    if (this.#drawing === null) {
      if (event.pointerType !== "touch" && event.buttons === 0) {
        store.dispatch({ type: "pointer-move", input: this.#inputOf(event) });
      }
      return;
    }
    if (event.pointerId !== this.#drawing) return;
    event.stopPropagation();
    for (const part of this.#partsOf(event)) store.dispatch({ type: "pointer-move", input: this.#inputOf(part) });
  }

  /**
   * A stroke wants every place that the device has seen; of anything else only the last counts.
   *
   * @param {PointerEvent} event
   * @returns {readonly PointerEvent[]}
   */
  #partsOf(event) {
    const { kind } = this.#seat.store.state().gesture;
    if (kind !== "stroke" && kind !== "record") return [event];
    const parts = event.getCoalescedEvents?.() ?? [];
    return parts.length ? parts : [event];
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#fingers.delete(event.pointerId);
    if (this.#panning?.id === event.pointerId) {
      event.stopPropagation();
      this.#panning = null;
      this.#tell();
    }
    if (event.pointerId !== this.#drawing) return;
    event.stopPropagation();
    this.#drawing = null;
    this.#seat.store.dispatch({ type: "pointer-up", input: this.#inputOf(event) });
  }

  /** @param {PointerEvent} event */
  #lose(event) {
    this.#fingers.delete(event.pointerId);
    if (this.#panning?.id === event.pointerId) {
      this.#panning = null;
      this.#tell();
    }
    if (event.pointerId === this.#drawing) this.#stopDrawing();
  }

  #stopDrawing() {
    this.#panning = null;
    if (this.#drawing === null) return;
    this.#drawing = null;
    this.#seat.store.dispatch({ type: "cancel-gesture" });
  }

  /**
   * @param {number} id
   * @param {ViewPoint} at
   */
  #pinch(id, at) {
    const { store } = this.#seat;
    const ids = [...this.#fingers.keys()].slice(0, 2);
    const before = ids.map((one) => this.#fingers.get(one) ?? at);
    this.#fingers.set(id, at);
    const now = ids.map((one) => this.#fingers.get(one) ?? at);
    const viewport = pinch(store.state().viewport, [before[0], before[1]], [now[0], now[1]]);
    store.dispatch({ type: "set-viewport", viewport });
  }

  /** @param {ViewPoint} at */
  #pan(at) {
    const { store } = this.#seat;
    if (!this.#panning) return;
    const [x, y] = this.#panning.at;
    this.#panning.at = at;
    store.dispatch({ type: "set-viewport", viewport: panBy(store.state().viewport, [at[0] - x, at[1] - y]) });
  }

  /** In the node the plain wheel is the graph's. @param {WheelEvent} event */
  #wheel(event) {
    const { store, host } = this.#seat;
    if (host.size === "mini" && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const viewport = zoomAt(store.state().viewport, this.#viewOf(event), wheelFactor(event));
    store.dispatch({ type: "set-viewport", viewport });
  }

  /** A right click is nothing here; in the dialog the browser's menu would only cover the picture. @param {Event} event */
  #menu(event) {
    if (this.#seat.host.size === "full") event.preventDefault();
  }

  /** @param {ViewPoint | null} pointer */
  #point(pointer) {
    this.#pointer = pointer;
    this.#tell();
  }

  #tell() {
    this.#seat.changed({ pointer: this.#pointer, panning: this.#panning !== null || this.#space.isHeld() });
  }

  /**
   * @param {{ clientX: number, clientY: number }} event
   * @returns {ViewPoint}
   */
  #viewOf(event) {
    const { surface } = this.#seat;
    return viewPointOf(event, surface.getBoundingClientRect(), [surface.clientWidth, surface.clientHeight]);
  }

  /**
   * @param {PointerEvent} event
   * @returns {PointerInput}
   */
  #inputOf(event) {
    const view = this.#viewOf(event);
    /** @type {ImagePoint} */
    const at = viewToImage(this.#seat.store.state().viewport, view);
    const pointer = event.pointerType === "pen" || event.pointerType === "touch" ? event.pointerType : "mouse";
    const { button, shiftKey: shift, pressure, timeStamp: time } = event;
    const control = event.ctrlKey || event.metaKey;
    return { at, view, button, shift, control, pointer, pressure, time, clicks: this.#press.count };
  }
}

/** @param {readonly [ViewPoint, ViewPoint]} places */
function spread([a, b]) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

/**
 * @param {readonly [ViewPoint, ViewPoint]} places
 * @returns {ViewPoint}
 */
function middle([a, b]) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
