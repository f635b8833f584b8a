/** Holes in a small picture, filled with the colours around them: from coarse to fine, then smoothed. Not texture, a backdrop. */

/**
 * @typedef {object} Level
 * @property {Float32Array} colour [h, w, 3], times weight
 * @property {Float32Array} weight [h, w]
 * @property {number} width
 * @property {number} height
 */

const ROUNDS = 12;

/**
 * The picture with its holes made up; all else unchanged. Where everything is a hole, grey.
 *
 * @param {Uint8ClampedArray} pixels RGBA [h, w]
 * @param {Uint8Array} hole [h, w], not 0 where something is missing
 * @param {number} width
 * @param {number} height
 */
export function fillHoles(pixels, hole, width, height) {
  const filled = Uint8ClampedArray.from(pixels);
  if (!hole.includes(0)) return filled.fill(128);
  const levels = [firstLevel(pixels, hole, width, height)];
  for (let last = levels[0]; last.width > 1 || last.height > 1; last = levels[levels.length - 1]) levels.push(halved(last));
  let colour = mean(levels[levels.length - 1]);
  for (let i = levels.length - 2; i >= 0; i--) colour = pushed(levels[i], levels[i + 1], colour);
  smooth(colour, hole, width, height);
  for (let i = 0; i < hole.length; i++) {
    if (!hole[i]) continue;
    for (let c = 0; c < 3; c++) filled[4 * i + c] = colour[3 * i + c];
    filled[4 * i + 3] = 255;
  }
  return filled;
}

/**
 * @param {Uint8ClampedArray} pixels
 * @param {Uint8Array} hole
 * @param {number} width
 * @param {number} height
 * @returns {Level}
 */
function firstLevel(pixels, hole, width, height) {
  const colour = new Float32Array(width * height * 3);
  const weight = new Float32Array(width * height);
  for (let i = 0; i < weight.length; i++) {
    if (hole[i]) continue;
    weight[i] = 1;
    for (let c = 0; c < 3; c++) colour[3 * i + c] = pixels[4 * i + c];
  }
  return { colour, weight, width, height };
}

/**
 * Sums of 2 x 2 pixels; what weighs more than one whole pixel weighs one.
 *
 * @param {Level} level
 * @returns {Level}
 */
function halved({ colour, weight, width, height }) {
  const [across, down] = [Math.max((width + 1) >> 1, 1), Math.max((height + 1) >> 1, 1)];
  const small = {
    colour: new Float32Array(across * down * 3),
    weight: new Float32Array(across * down),
    width: across,
    height: down,
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [y * width + x, (y >> 1) * across + (x >> 1)];
      small.weight[to] += weight[from];
      for (let c = 0; c < 3; c++) small.colour[3 * to + c] += colour[3 * from + c];
    }
  }
  for (let i = 0; i < small.weight.length; i++) {
    if (small.weight[i] <= 1) continue;
    for (let c = 0; c < 3; c++) small.colour[3 * i + c] /= small.weight[i];
    small.weight[i] = 1;
  }
  return small;
}

/** @param {Level} level */
function mean({ colour, weight }) {
  return colour.map((value, index) => value / Math.max(weight[Math.floor(index / 3)], 1e-6));
}

/**
 * The colours of a level: its own as far as they are known, else those of the coarser level.
 *
 * @param {Level} level
 * @param {Level} coarser
 * @param {Float32Array} known colours of the coarser level
 */
function pushed({ colour, weight, width, height }, coarser, known) {
  const full = new Float32Array(colour.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      for (let c = 0; c < 3; c++) {
        const missing = weight[i] < 1 ? (1 - weight[i]) * between(known, coarser, x / 2 - 0.25, y / 2 - 0.25, c) : 0;
        full[3 * i + c] = colour[3 * i + c] + missing;
      }
    }
  }
  return full;
}

/**
 * @param {Float32Array} colour
 * @param {{ width: number, height: number }} size
 * @param {number} x
 * @param {number} y
 * @param {number} channel
 */
function between(colour, { width, height }, x, y, channel) {
  const [left, top] = [Math.max(Math.floor(x), 0), Math.max(Math.floor(y), 0)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const [along, down] = [Math.min(Math.max(x - left, 0), 1), Math.min(Math.max(y - top, 0), 1)];
  const at = (/** @type {number} */ column, /** @type {number} */ row) => colour[3 * (row * width + column) + channel];
  const upper = at(left, top) * (1 - along) + at(right, top) * along;
  const lower = at(left, bottom) * (1 - along) + at(right, bottom) * along;
  return upper * (1 - down) + lower * down;
}

/**
 * Evens out the blocks that the levels leave: each pixel of a hole becomes the mean of its neighbours, a few times over.
 *
 * @param {Float32Array} colour changed in place
 * @param {Uint8Array} hole
 * @param {number} width
 * @param {number} height
 */
function smooth(colour, hole, width, height) {
  for (let round = 0; round < ROUNDS; round++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        if (!hole[i]) continue;
        const left = x > 0 ? i - 1 : i;
        const right = x < width - 1 ? i + 1 : i;
        const above = y > 0 ? i - width : i;
        const below = y < height - 1 ? i + width : i;
        for (let c = 0; c < 3; c++) {
          colour[3 * i + c] =
            (colour[3 * left + c] + colour[3 * right + c] + colour[3 * above + c] + colour[3 * below + c]) / 4;
        }
      }
    }
  }
}
