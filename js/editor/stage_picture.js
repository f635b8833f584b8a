/** The picture under the stage, brought from where the host says it is. */

/** @import { Lifetime, Picture } from "../types.js" */

/** Longest side, px: more is not seen and not every graphics card takes it. */
const LARGEST = 4096;

/**
 * Returns what loads a picture; `show` is called with its pixels, with null for none, and with null and the picture that was
 * wanted when it cannot be had. A picture that comes after a later one was asked for is dropped.
 *
 * @param {Lifetime} lifetime
 * @param {(canvas: HTMLCanvasElement | null, wanted: Picture | null) => void} show
 * @returns {(picture: Picture | null) => void}
 */
export function loadPicture(lifetime, show) {
  let turn = 0;
  lifetime.also(() => {
    turn = -1;
  });
  return (wanted) => {
    if (turn < 0) return;
    turn += 1;
    const mine = turn;
    if (!wanted) {
      show(null, null);
      return;
    }
    const image = new Image();
    image.crossOrigin = "anonymous";
    image.src = wanted.url;
    image.decode().then(
      () => {
        if (mine === turn) show(paint(image), wanted);
      },
      () => {
        if (mine === turn) show(null, wanted);
      },
    );
  };
}

/**
 * What is clear in the picture is black, as it is for the model.
 *
 * @param {HTMLImageElement} image
 */
function paint(image) {
  const share = Math.min(1, LARGEST / Math.max(image.naturalWidth, image.naturalHeight, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(Math.round(image.naturalWidth * share), 1);
  canvas.height = Math.max(Math.round(image.naturalHeight * share), 1);
  const context = canvas.getContext("2d");
  if (context) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}
