/** Values as error messages show them, word for word as Python's messages do. */

const SHOWN_CHARACTERS = 60;

/**
 * A value of JSON, short, and safe for anything that a file can hold.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  if (typeof value === "string") return shownText(value);
  if (typeof value === "number") return Number.isFinite(value) ? rounded(value, 10) : "not finite";
  if (typeof value === "bigint") return shownWhole(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (value instanceof Map) return `an object of ${value.size}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return `a ${typeof value}`;
}

/**
 * A finite number to so many digits, as C's "%g" and Python's "g" write it.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function rounded(value, digits = 6) {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) return withoutZeros(mantissa) + shownExponent(exponent);
  return withoutZeros(value.toFixed(digits - 1 - exponent));
}

/**
 * "e-07", "e+12": at least two digits.
 * @param {number} exponent
 * @returns {string}
 */
export function shownExponent(exponent) {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/**
 * Whether a text holds half a pair of UTF-16, which no file can be written with.
 * @param {string} value
 */
export function hasSurrogates(value) {
  return /\p{Surrogate}/u.test(value);
}

/** @param {string} value */
function shownText(value) {
  const letters = [...(hasSurrogates(value) ? escaped(value) : value)];
  return letters.length > SHOWN_CHARACTERS ? `"${letters.slice(0, SHOWN_CHARACTERS).join("")}…"` : `"${letters.join("")}"`;
}

/** @param {bigint} value */
function shownWhole(value) {
  const bits = (value < 0n ? -value : value).toString(2).length;
  return bits < 64 ? String(value) : `a whole number of ${bits} bits`;
}

/** @param {string} value */
function escaped(value) {
  return Array.from(value, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) return letter;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  }).join("");
}

/** @param {string} decimal */
function withoutZeros(decimal) {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
