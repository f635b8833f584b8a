/** The warp preview on the graphics card. */

import { link, makeMask, makeTexture } from "./gl_objects.js";
import { sourcesOf } from "./ground.js";
import { MovedMeshes } from "./moved_meshes.js";
import { CUTOUT, GROUND } from "./shaders.js";
import { Sheets } from "./sheets.js";

/** @import { Pair, Viewport } from "../../types.js" */
/** @import { Program } from "./gl_objects.js" */
/** @import { Mesh } from "./mesh.js" */
/** @import { Mask } from "./sheets.js" */
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

const GROUND_CELL = 16;
const MOST_INDICES = 600;

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
  /** @type {Map<HTMLCanvasElement | Mask, WebGLTexture>} */
  #textures = new Map();
  /** @type {Set<HTMLCanvasElement | Mask>} */
  #used = new Set();
  #meshes = new MovedMeshes();
  /** @type {Map<Mesh, WebGLBuffer>} */
  #indices = new Map();
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
    const mesh = this.#meshes.grid([0, 0, width, height], bends ? GROUND_CELL : Number.POSITIVE_INFINITY);
    this.#drawMesh(mesh, mesh.places, still ? mesh.places : sourcesOf(mesh.places, ground));
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
    const { mesh, moved } = this.#meshes.cutout(cut, scene.progress);
    this.#drawMesh(mesh, moved, mesh.places);
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
   * @param {Float64Array} at
   * @param {Float64Array} from
   */
  #drawMesh(mesh, at, from) {
    const gl = this.#gl;
    const vertices = new Float32Array(at.length * 2);
    for (let i = 0, to = 0; i < at.length; i += 2, to += 4) {
      vertices[to] = at[i];
      vertices[to + 1] = at[i + 1];
      vertices[to + 2] = from[i];
      vertices[to + 3] = from[i + 1];
    }
    gl.bufferData(gl.ARRAY_BUFFER, vertices, gl.STREAM_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#indicesOf(mesh));
    gl.drawElements(gl.TRIANGLES, mesh.triangles.length, gl.UNSIGNED_INT, 0);
  }

  /**
   * @param {number} unit
   * @param {HTMLCanvasElement | Mask} source
   */
  #bind(unit, source) {
    const gl = this.#gl;
    this.#used.add(source);
    gl.activeTexture(gl.TEXTURE0 + unit);
    const known = this.#textures.get(source);
    if (known) {
      gl.bindTexture(gl.TEXTURE_2D, known);
      return;
    }
    const isPicture = source === this.#picture;
    const texture = "cover" in source ? makeMask(gl, source) : makeTexture(gl, source, isPicture || unit === 1, isPicture);
    this.#textures.set(source, texture);
  }

  /** @param {Mesh} mesh */
  #indicesOf(mesh) {
    const gl = this.#gl;
    let indices = this.#indices.get(mesh);
    if (!indices) {
      indices = gl.createBuffer();
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles, gl.STATIC_DRAW);
      this.#indices.set(mesh, indices);
    }
    return indices;
  }

  /** Gives back what the last scenes needed and this one does not. */
  #sweep() {
    const gl = this.#gl;
    if (this.#textures.size > 2 * this.#used.size + 8) {
      for (const [source, texture] of this.#textures) {
        if (this.#used.has(source)) continue;
        gl.deleteTexture(texture);
        this.#textures.delete(source);
      }
    }
    if (this.#indices.size <= MOST_INDICES) return;
    for (const indices of this.#indices.values()) gl.deleteBuffer(indices);
    this.#indices.clear();
  }
}
