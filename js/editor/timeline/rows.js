/** Which rows of the timeline are on the screen, and where; pure. Rows are counted from the top, layers from the bottom. */

/** Pixels. */
export const ROW = 24;
/** Pixels of what opens under a row: four tracks and the speed graph. */
export const OPENED = 188;

/**
 * @param {number} count layers
 * @param {ReadonlySet<number>} opened layers whose tracks are shown
 * @returns {{ tops: number[], height: number }} top edge by layer index
 */
export function layOut(count, opened) {
  const tops = new Array(count).fill(0);
  let height = 0;
  for (let index = count - 1; index >= 0; index -= 1) {
    tops[index] = height;
    height += ROW + (opened.has(index) ? OPENED : 0);
  }
  return { tops, height };
}

/**
 * Layers that are seen in a window, the topmost first, with a row to spare at both ends.
 *
 * @param {readonly number[]} tops
 * @param {ReadonlySet<number>} opened
 * @param {number} from pixels
 * @param {number} to pixels
 * @returns {number[]}
 */
export function rowsBetween(tops, opened, from, to) {
  const seen = [];
  for (let index = tops.length - 1; index >= 0; index -= 1) {
    const bottom = tops[index] + ROW + (opened.has(index) ? OPENED : 0);
    if (bottom > from - ROW && tops[index] < to + ROW) seen.push(index);
  }
  return seen;
}

/**
 * Where a row that is dragged to a height would be put: the layer index below which `moveLayers` puts it.
 *
 * @param {readonly number[]} tops
 * @param {number} y pixels
 * @returns {number} 0 ... count; count = on top of all
 */
export function depthAt(tops, y) {
  let to = 0;
  while (to < tops.length && tops[to] + ROW / 2 > y) to += 1;
  return to;
}

/**
 * The opened layers after an edit: they follow their layer where it moved, else stay at their place.
 *
 * @param {ReadonlySet<number>} opened
 * @param {readonly object[]} before layers
 * @param {readonly object[]} after
 * @returns {Set<number>}
 */
export function followOpened(opened, before, after) {
  const places = [...opened].map((index) => {
    if (before[index] === after[index]) return index;
    const moved = after.indexOf(before[index]);
    return moved < 0 && before.length === after.length ? index : moved;
  });
  return new Set(places.filter((index) => index >= 0 && index < after.length));
}
