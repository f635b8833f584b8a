/** What the graphics card runs for the warp preview. Places are reference pixels; colours are premultiplied. */

export const VERTEX = `#version 300 es
in vec2 at;
in vec2 from;
uniform vec2 size;
uniform vec3 view;
uniform vec2 stage;
uniform vec4 box;
out vec2 place;
out vec2 inBox;
void main() {
  place = from / size;
  inBox = (from - box.xy) / (box.zw - box.xy);
  vec2 shown = (at * view.x + view.yz) / stage * 2.0 - 1.0;
  gl_Position = vec4(shown.x, -shown.y, 0.0, 1.0);
}`;

/** The background: the picture, and what was filled in where something has left. Beyond its edges it is mirrored. */
export const GROUND = `#version 300 es
precision mediump float;
precision highp sampler2D;
in highp vec2 place;
in highp vec2 inBox;
uniform sampler2D picture;
uniform sampler2D filled;
uniform sampler2D mask;
out vec4 colour;
void main() {
  vec3 original = texture(picture, place).rgb;
  colour = vec4(mix(original, texture(filled, place).rgb, texture(mask, place).r), 1.0);
}`;

/** A cutout: the picture where the mask is white. */
export const CUTOUT = `#version 300 es
precision mediump float;
precision highp sampler2D;
in highp vec2 place;
in highp vec2 inBox;
uniform sampler2D picture;
uniform sampler2D mask;
out vec4 colour;
void main() {
  colour = vec4(texture(picture, place).rgb, 1.0) * texture(mask, inBox).r;
}`;
