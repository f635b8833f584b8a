/** Listeners, observers, timers and frame requests that end together. The only place of the editor that starts any. */

/** @import { Lifetime } from "../types.js" */

let living = 0;

/** How many listeners, observers, timers and frame requests are alive in all editors; 0 after the last dispose. */
export function countLiving() {
  return living;
}

/** @returns {Lifetime} */
export function createLifetime() {
  /** @type {Set<() => void>} */
  const undos = new Set();
  let over = false;

  /**
   * @param {() => void} undo
   * @returns {() => void} ends it now
   */
  const keep = (undo) => {
    living += 1;
    const end = () => {
      if (!undos.delete(end)) return;
      living -= 1;
      undo();
    };
    undos.add(end);
    if (over) end();
    return end;
  };

  return {
    listen(target, type, listener, options) {
      target.addEventListener(type, listener, options);
      keep(() => target.removeEventListener(type, listener, options));
    },
    onFrame(draw) {
      /** @type {(() => void) | null} */
      let end = null;
      return () => {
        if (end || over) return;
        const id = requestAnimationFrame((now) => {
          end?.();
          end = null;
          draw(now);
        });
        end = keep(() => cancelAnimationFrame(id));
      };
    },
    observeSize(element, listener) {
      const observer = new ResizeObserver(() => {
        const { clientWidth, clientHeight } = element;
        listener(clientWidth, clientHeight);
      });
      observer.observe(element);
      keep(() => observer.disconnect());
    },
    observeTree(element, listener) {
      const observer = new MutationObserver(listener);
      observer.observe(element, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden", "disabled"] });
      keep(() => observer.disconnect());
    },
    later(wait, run) {
      const id = setTimeout(() => {
        end();
        run();
      }, wait);
      const end = keep(() => clearTimeout(id));
    },
    also(undo) {
      keep(undo);
    },
    dispose() {
      over = true;
      for (const undo of [...undos]) undo();
    },
  };
}
