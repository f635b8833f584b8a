/** Drags of the panels: pointer capture, a threshold, and one way to end or to give up. */

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
 * @returns {() => boolean} gives up a drag under way; false = there was none
 */
export function onDrag(lifetime, element, start) {
  /** @type {{ drag: Drag, pointer: number, x: number, y: number, moved: boolean } | null} */
  let active = null;

  const cancel = () => {
    const ended = active;
    active = null;
    if (ended) ended.drag.cancel();
    return ended !== null;
  };
  const isActive = (/** @type {Event} */ event) => active !== null && /** @type {PointerEvent} */ (event).pointerId === active.pointer;

  lifetime.listen(element, "pointerdown", (raw) => {
    const event = /** @type {PointerEvent} */ (raw);
    if (event.button !== 0 || active) return;
    const drag = start(event);
    if (!drag) return;
    active = { drag, pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
    element.setPointerCapture(event.pointerId);
  });
  lifetime.listen(element, "pointermove", (raw) => {
    const event = /** @type {PointerEvent} */ (raw);
    if (!active || !isActive(event)) return;
    active.moved ||= Math.hypot(event.clientX - active.x, event.clientY - active.y) > TREMBLE;
    if (active.moved) active.drag.move(event);
  });
  lifetime.listen(element, "pointerup", (raw) => {
    const event = /** @type {PointerEvent} */ (raw);
    if (!active || !isActive(event)) return;
    const { drag, moved } = active;
    active = null;
    drag.end(event, moved);
  });
  for (const type of ["pointercancel", "lostpointercapture"]) {
    lifetime.listen(element, type, (event) => {
      if (isActive(event)) cancel();
    });
  }
  lifetime.listen(
    element.ownerDocument,
    "keydown",
    (raw) => {
      if (/** @type {KeyboardEvent} */ (raw).key !== "Escape" || !cancel()) return;
      raw.stopPropagation();
      raw.preventDefault();
    },
    { capture: true },
  );
  lifetime.also(cancel);
  return cancel;
}
