/** Programs and textures of the graphics card. */

import { VERTEX } from "./shaders.js";

/** @import { Mask } from "./sheets.js" */

/** @typedef {{ program: WebGLProgram, uniform: (name: string) => WebGLUniformLocation | null }} Program */

/**
 * @param {WebGL2RenderingContext} gl
 * @param {string} fragment
 * @returns {Program}
 */
export function link(gl, fragment) {
  const program = gl.createProgram();
  for (const [type, source] of /** @type {const} */ ([
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, fragment],
  ])) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error("The graphics card gives no shader.");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "at");
  gl.bindAttribLocation(program, 1, "from");
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The graphics card refuses the warp preview: ${gl.getProgramInfoLog(program)}`);
  }
  /** @type {Map<string, WebGLUniformLocation | null>} */
  const places = new Map();
  const uniform = (/** @type {string} */ name) => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
    return places.get(name) ?? null;
  };
  return { program, uniform };
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} coloured else only its red is kept
 * @param {boolean} zoomable has smaller copies for zooming out
 */
export function makeTexture(gl, canvas, coloured, zoomable) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  const [inside, format] = coloured ? [gl.RGBA, gl.RGBA] : [gl.R8, gl.RED];
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, format, gl.UNSIGNED_BYTE, canvas);
  setSampling(gl, zoomable);
  return texture;
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {Mask} mask
 */
export function makeMask(gl, { width, height, cover }) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, cover);
  setSampling(gl, false);
  return texture;
}

/**
 * A background that has moved shows its mirrored self beyond its edges, and so do the holes in it.
 *
 * @param {WebGL2RenderingContext} gl
 * @param {boolean} zoomable
 */
function setSampling(gl, zoomable) {
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.MIRRORED_REPEAT);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.MIRRORED_REPEAT);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, zoomable ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
  if (zoomable) gl.generateMipmap(gl.TEXTURE_2D);
}
