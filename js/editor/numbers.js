/** Numbers as people type and read them; pure. */

/** A number, its sign and exponent, then perhaps a unit that is not looked at. */
const NUMBER = /^\s*([+\-\u2212]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*[\p{L}%°²/ ]*$/iu;

/**
 * A typed number; null where the text is none. Units are ignored: "12 px" is 12.
 *
 * @param {string} text
 * @returns {number | null}
 */
export function parseNumber(text) {
  const found = NUMBER.exec(text);
  if (!found) return null;
  const value = Number(found[1].replace("\u2212", "-"));
  return Number.isFinite(value) ? value : null;
}

/**
 * A number with at most so many digits after the point, without trailing zeros.
 *
 * @param {number} value
 * @param {number} [digits]
 */
export function formatNumber(value, digits = 2) {
  const rounded = Number(value.toFixed(digits));
  return String(rounded === 0 ? 0 : rounded);
}

/**
 * A value put into limits, a whole one where only such count.
 *
 * @param {number} value
 * @param {{ low: number, high: number, whole?: boolean }} limits
 */
export function held(value, { low, high, whole = false }) {
  return Math.max(low, Math.min(high, whole ? Math.round(value) : value));
}

/**
 * How coarse a step is: Shift for a tenth, Control for ten.
 *
 * @param {{ shiftKey: boolean, ctrlKey: boolean, metaKey: boolean }} event
 */
export function coarseness({ shiftKey, ctrlKey, metaKey }) {
  if (shiftKey) return 0.1;
  return ctrlKey || metaKey ? 10 : 1;
}

/**
 * A value stepped on, on the grid of the step, so that 0.1 + 0.2 reads 0.3.
 *
 * @param {number} value
 * @param {number} steps
 * @param {number} step
 */
export function stepped(value, steps, step) {
  const next = value + steps * step;
  return Number(next.toPrecision(12));
}

/**
 * The value that all share; undefined where they differ or are none.
 *
 * @template T
 * @param {readonly T[]} values
 * @returns {T | undefined}
 */
export function shared(values) {
  return values.every((value) => Object.is(value, values[0])) ? values[0] : undefined;
}
