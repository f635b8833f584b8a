/** A fixed noise, the same in every language: 32-bit multiply, xor, shift. */

/**
 * A number -1 … 1 for a whole number.
 * @param {number} seed
 * @param {number} channel
 * @param {number} index
 * @returns {number}
 */
export function hash32(seed, channel, index) {
  let x = Math.imul(index, 0x9e3779b1) + Math.imul(seed, 0x85ebca6b) + Math.imul(channel, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2147483648 - 1;
}

/**
 * Value noise: `hash32` at whole numbers, 3t² - 2t³ between them; about -1 … 1.
 * @param {number} seed
 * @param {number} channel
 * @param {number} at
 * @returns {number}
 */
export function smoothNoise(seed, channel, at) {
  const index = Math.floor(at);
  const t = at - index;
  const before = hash32(seed, channel, index);
  return before + (hash32(seed, channel, index + 1) - before) * (t * t * (3 - 2 * t));
}
