/** The space bar over the stage: a tap plays or pauses, held it makes every press the hand's. */

/** @import { Lifetime, Store } from "../types.js" */

/**
 * @param {HTMLElement} element that has the focus meanwhile
 * @param {Store} store
 * @param {Lifetime} lifetime
 * @param {() => void} changed held or released
 * @returns {{ isHeld: () => boolean, use: () => void }} `use`: it was the hand, so releasing it does not play
 */
export function watchSpace(element, store, lifetime, changed) {
  let held = false;
  let used = false;

  /** @type {(now: boolean) => void} */
  const hold = (now) => {
    held = now;
    used = false;
    changed();
  };
  lifetime.listen(element, "keydown", (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    if (event.target !== element || !isSpace(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    claim(event);
    if (!event.repeat && !held) hold(true);
  });
  lifetime.listen(element, "keyup", (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    if (!held || !isSpace(event)) return;
    claim(event);
    const wasTap = !used;
    hold(false);
    if (wasTap) store.dispatch({ type: store.state().playing ? "pause" : "play" });
  });
  lifetime.listen(element, "blur", () => {
    if (held) hold(false);
  });
  return {
    isHeld: () => held,
    use() {
      used = true;
    },
  };
}

/** @param {KeyboardEvent} event */
function isSpace({ key }) {
  return key === " ";
}

/** @param {Event} event */
function claim(event) {
  event.preventDefault();
  event.stopPropagation();
}
