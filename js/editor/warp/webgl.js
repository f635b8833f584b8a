/** The warp preview on the graphics card. */

import { makeRipple } from "../../model/motion.js";
import { placeOf } from "../draw/scene.js";
import { sourcesOf } from "./ground.js";
import { makeMesh } from "./mesh.js";
import { CUTOUT, GROUND, VERTEX } from "./shaders.js";
import { Sheets } from "./sheets.js";

/** @import { Layer, Pair, Viewport } from "../../types.js" */
/** @import { Mesh } from "./mesh.js" */
/** @import { ShownCut, WarpScene } from "./warp_scene.js" */

/**
 * How the scene is looked at.
 *
 * @typedef {object} WarpView
 * @property {Viewport} viewport
 * @property {Pair} stage CSS pixels
 * @property {number} ratio device pixels a CSS pixel
 * @property {boolean} busy a gesture is unfinished
 */

/**
 * @typedef {object} Renderer
 * @property {(picture: HTMLCanvasElement | null) => void} setPicture
 * @property {(scene: WarpScene, view: WarpView) => void} draw
 * @property {() => void} dispose
 */

/** @typedef {{ program: WebGLProgram, uniform: (name: string) => WebGLUniformLocation | null }} Program */

const GROUND_CELL = 16;
const CUT_CELL = 8;

/**
 * A renderer on a canvas; null where there is no WebGL2.
 *
 * @param {HTMLCanvasElement} canvas
 * @returns {Renderer | null}
 */
export function createWebGL(canvas) {
  const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, premultipliedAlpha: true });
  return gl ? new WebGLRenderer(canvas, gl) : null;
}

/** @implements {Renderer} */
class WebGLRenderer {
  #canvas;
  #gl;
  #ground;
  #cutout;
  #sheets = new Sheets();
  /** @type {HTMLCanvasElement | null} */
  #picture = null;
  /** @type {Map<HTMLCanvasElement, WebGLTexture>} */
  #textures = new Map();
  /** @type {Set<HTMLCanvasElement>} */
  #used = new Set();
  /** @type {Map<string, { mesh: Mesh, indices: WebGLBuffer }>} */
  #meshes = new Map();
  /** @type {WeakMap<Layer, { mesh: Mesh, ripple: (progress: number) => Float64Array }>} */
  #ripples = new WeakMap();
  #vertices;
  #black;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext} gl
   */
  constructor(canvas, gl) {
    this.#canvas = canvas;
    this.#gl = gl;
    this.#ground = link(gl, GROUND);
    this.#cutout = link(gl, CUTOUT);
    this.#vertices = gl.createBuffer();
    this.#black = document.createElement("canvas");
    [this.#black.width, this.#black.height] = [1, 1];
    gl.bindVertexArray(gl.createVertexArray());
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#vertices);
    gl.enableVertexAttribArray(0);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 16, 0);
    gl.vertexAttribPointer(1, 2, gl.FLOAT, false, 16, 8);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** @param {HTMLCanvasElement | null} picture */
  setPicture(picture) {
    this.#picture = picture;
    this.#sheets.setPicture(picture);
  }

  /**
   * @param {WarpScene} scene
   * @param {WarpView} view
   */
  draw(scene, view) {
    const gl = this.#gl;
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.#picture || gl.isContextLost()) return;
    this.#used.clear();
    this.#drawGround(scene, view);
    for (const cut of scene.cuts) if (cut.seen) this.#drawCut(cut, scene, view);
    this.#sweep();
    this.#sheets.sweep(scene);
  }

  dispose() {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /**
   * @param {WarpScene} scene
   * @param {WarpView} view
   */
  #drawGround(scene, view) {
    const { width, height, ground, still } = scene;
    const filled = still ? null : this.#sheets.filled(scene, view.busy);
    const holes = filled ? this.#sheets.holes(scene) : null;
    this.#use(this.#ground, scene, view);
    this.#bind(1, filled ?? this.#black);
    this.#bind(2, holes ?? this.#black);
    const bends = ground.ripples || ground.pulls.length > 0;
    const { mesh, indices } = this.#meshOf([0, 0, width, height], bends ? GROUND_CELL : Number.POSITIVE_INFINITY);
    this.#drawMesh(mesh, indices, mesh.places, still ? mesh.places : sourcesOf(mesh.places, ground));
  }

  /**
   * @param {ShownCut} cut
   * @param {WarpScene} scene
   * @param {WarpView} view
   */
  #drawCut(cut, scene, view) {
    this.#use(this.#cutout, scene, view);
    this.#gl.uniform4f(this.#cutout.uniform("box"), ...cut.box);
    this.#bind(2, this.#sheets.alphaOf(cut, scene));
    const { mesh, indices } = this.#meshOf(cut.box, cut.ripples ? CUT_CELL : Number.POSITIVE_INFINITY);
    this.#drawMesh(mesh, indices, this.#moved(cut, mesh, scene.progress), mesh.places);
  }

  /**
   * @param {ShownCut} cut
   * @param {Mesh} mesh
   * @param {number} progress
   */
  #moved({ layer, affine, ripples }, mesh, progress) {
    const moved = Float64Array.from(mesh.places);
    if (ripples) {
      let known = this.#ripples.get(layer);
      if (known?.mesh !== mesh) {
        known = { mesh, ripple: makeRipple(layer, mesh.places) };
        this.#ripples.set(layer, known);
      }
      const ripple = known.ripple(progress);
      for (let i = 0; i < moved.length; i++) moved[i] += ripple[i];
    }
    for (let i = 0; i < moved.length; i += 2) {
      const [x, y] = placeOf(affine, moved[i], moved[i + 1]);
      [moved[i], moved[i + 1]] = [x, y];
    }
    return moved;
  }

  /**
   * @param {Program} program
   * @param {WarpScene} scene
   * @param {WarpView} view
   */
  #use({ program, uniform }, { width, height }, { viewport, stage }) {
    const gl = this.#gl;
    gl.useProgram(program);
    gl.uniform2f(uniform("size"), width, height);
    gl.uniform3f(uniform("view"), viewport.scale, viewport.x, viewport.y);
    gl.uniform2f(uniform("stage"), stage[0], stage[1]);
    gl.uniform4f(uniform("box"), 0, 0, width, height);
    gl.uniform1i(uniform("picture"), 0);
    gl.uniform1i(uniform("filled"), 1);
    gl.uniform1i(uniform("mask"), 2);
    if (this.#picture) this.#bind(0, this.#picture);
  }

  /**
   * @param {Mesh} mesh
   * @param {WebGLBuffer} indices
   * @param {Float64Array} at
   * @param {Float64Array} from
   */
  #drawMesh(mesh, indices, at, from) {
    const gl = this.#gl;
    const vertices = new Float32Array(at.length * 2);
    for (let i = 0, to = 0; i < at.length; i += 2, to += 4) {
      vertices[to] = at[i];
      vertices[to + 1] = at[i + 1];
      vertices[to + 2] = from[i];
      vertices[to + 3] = from[i + 1];
    }
    gl.bufferData(gl.ARRAY_BUFFER, vertices, gl.STREAM_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
    gl.drawElements(gl.TRIANGLES, mesh.triangles.length, gl.UNSIGNED_INT, 0);
  }

  /**
   * @param {number} unit
   * @param {HTMLCanvasElement} canvas
   */
  #bind(unit, canvas) {
    const gl = this.#gl;
    this.#used.add(canvas);
    gl.activeTexture(gl.TEXTURE0 + unit);
    const known = this.#textures.get(canvas);
    if (known) {
      gl.bindTexture(gl.TEXTURE_2D, known);
      return;
    }
    const isPicture = canvas === this.#picture;
    this.#textures.set(canvas, makeTexture(gl, canvas, isPicture || unit === 1, isPicture));
  }

  /**
   * @param {readonly [number, number, number, number]} box
   * @param {number} cell
   */
  #meshOf(box, cell) {
    const key = [...box, cell].join(" ");
    let known = this.#meshes.get(key);
    if (!known) {
      const gl = this.#gl;
      const mesh = makeMesh(box, cell);
      const indices = gl.createBuffer();
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles, gl.STATIC_DRAW);
      known = { mesh, indices };
      this.#meshes.set(key, known);
    }
    return known;
  }

  /** Gives back what the last scenes needed and this one does not. */
  #sweep() {
    const gl = this.#gl;
    if (this.#textures.size > 2 * this.#used.size + 8) {
      for (const [canvas, texture] of this.#textures) {
        if (this.#used.has(canvas)) continue;
        gl.deleteTexture(texture);
        this.#textures.delete(canvas);
      }
    }
    if (this.#meshes.size <= 600) return;
    for (const { indices } of this.#meshes.values()) gl.deleteBuffer(indices);
    this.#meshes.clear();
  }
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {string} fragment
 * @returns {Program}
 */
function link(gl, fragment) {
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
function makeTexture(gl, canvas, coloured, zoomable) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  const [inside, format] = coloured ? [gl.RGBA, gl.RGBA] : [gl.R8, gl.RED];
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, format, gl.UNSIGNED_BYTE, canvas);
  // A background that has moved shows its mirrored self beyond its edges, and so do the holes in it.
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.MIRRORED_REPEAT);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.MIRRORED_REPEAT);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, zoomable ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
  if (zoomable) gl.generateMipmap(gl.TEXTURE_2D);
  return texture;
}
