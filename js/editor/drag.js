/** Drags of the panels: pointer capture, a threshold, and one way to end or to give up. */

import { createLifetime } from "./lifetime.js";

/** @import { Lifetime } from "../types.js" */

/**
 * What a press has begun. `move` is called after the pointer has gone a few pixels, `end` on release with whether it had,
 * `cancel` where the capture is lost or Escape is pressed.
 *
 * @typedef {object} Drag
 * @property {(event: PointerEvent) => void} move
 * @property {(event: PointerEvent, moved: boolean) => void} end
 * @property {() => void} cancel
 */

/** CSS pixels that a press may tremble. */
const TREMBLE = 3;

/**
 * Makes an element start drags. The capture is the element's own, so what it contains may be redrawn meanwhile.
 *
 * @param {Lifetime} lifetime
 * @param {HTMLElement} element
 * @param {(event: PointerEvent) => Drag | null} start called on a press of the first button
 */
export function onDrag(lifetime, element, start) {
  /** @type {Lifetime | null} */
  let active = null;
  lifetime.listen(element, "pointerdown", (raw) => {
    const event = /** @type {PointerEvent} */ (raw);
    if (event.button !== 0 || active) return;
    const drag = start(event);
    if (!drag) return;
    active = follow(element, event, drag, () => {
      active = null;
    });
  });
  lifetime.also(() => active?.dispose());
}

/**
 * Listens until the drag is over; disposed before that, it is cancelled.
 *
 * @param {HTMLElement} element
 * @param {PointerEvent} press
 * @param {Drag} drag
 * @param {() => void} over
 * @returns {Lifetime}
 */
function follow(element, press, drag, over) {
  const lifetime = createLifetime();
  let moved = false;
  let done = false;
  lifetime.also(() => {
    over();
    if (!done) drag.cancel();
  });
  /** @type {(type: string, act: (event: PointerEvent) => void) => void} */
  const listen = (type, act) =>
    lifetime.listen(element, type, (raw) => {
      const event = /** @type {PointerEvent} */ (raw);
      if (event.pointerId === press.pointerId) act(event);
    });
  listen("pointermove", (event) => {
    moved ||= Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) > TREMBLE;
    if (moved) drag.move(event);
  });
  listen("pointerup", (event) => {
    done = true;
    lifetime.dispose();
    drag.end(event, moved);
  });
  listen("pointercancel", () => lifetime.dispose());
  listen("lostpointercapture", () => lifetime.dispose());
  const giveUp = (/** @type {Event} */ raw) => {
    if (/** @type {KeyboardEvent} */ (raw).key !== "Escape") return;
    raw.stopPropagation();
    raw.preventDefault();
    lifetime.dispose();
  };
  lifetime.listen(element.ownerDocument, "keydown", giveUp, { capture: true });
  element.setPointerCapture(press.pointerId);
  return lifetime;
}
