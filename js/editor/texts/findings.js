/** @import { Wording } from "../../types.js" */

/** @type {Wording} */
const en = {
  "finding.source-size":
    "The picture is {width} × {height}, the video {targetWidth} × {targetHeight}: another shape. Choose stretch or crop as the fit.",
  "finding.length":
    "The clip has {length} frames; the model needs one more than a multiple of four, such as {below} or {above}. What follows frame {below} would be left out.",
  "fix.length": "Make it {nearest} frames",
  "finding.start-outside":
    "{count} of {of} tracks start outside the picture. There is nothing to carry along, so they are left out.",
  "fix.start-outside": "Move the start inside",
  "finding.hidden-start":
    "{count} of {of} tracks are hidden at the first frame. They carry what the start picture shows there; if something covers it, show them from the start.",
  "fix.hidden-start": "Show from the start",
  "finding.far-edge": "{count} of {of} tracks touch the right or lower border of the picture, which counts as outside.",
  "fix.far-edge": "Move in by a pixel",
  "finding.collision-lost":
    "{count} of {of} tracks are covered by tracks above them in the same cell of {cell} × {cell} px. Move the layer up, part the paths or lower the density.",
  "fix.collision-lost": "Move the layer up",
  "finding.motion-under-a-cell":
    "{count} of {of} tracks move but never leave their cell of {cell} × {cell} px, so the model sees them stand still. Make the motion larger or pin them.",
  "fix.motion-under-a-cell": "Pin in place",
  "finding.jump":
    "{count} of {of} tracks move more than {cells} cells of {cell} px in one latent frame; the video tends to cut or smear there. Slow the motion down or shorten the path.",
  "fix.jump": "Slow down",
  "finding.cannot-bake": "{error}",
};

/** @type {Wording} */
const zh = {
  "finding.source-size":
    "图片为 {width} × {height}，视频为 {targetWidth} × {targetHeight}，形状不同。请选择拉伸或裁剪的适配方式。",
  "finding.length": "片段有 {length} 帧；模型需要 4 的倍数加 1，例如 {below} 或 {above}。第 {below} 帧之后的部分会被忽略。",
  "fix.length": "改为 {nearest} 帧",
  "finding.start-outside": "{of} 条轨迹中有 {count} 条的起点在画面之外，没有可携带的内容，会被忽略。",
  "fix.start-outside": "把起点移入画面",
  "finding.hidden-start":
    "{of} 条轨迹中有 {count} 条在首帧被隐藏。它们携带起始图在该处的内容；如果那里被其他物体遮挡，请从首帧起显示。",
  "fix.hidden-start": "从首帧起显示",
  "finding.far-edge": "{of} 条轨迹中有 {count} 条碰到画面的右边界或下边界，边界算作画面之外。",
  "fix.far-edge": "向内移动一个像素",
  "finding.collision-lost":
    "{of} 条轨迹中有 {count} 条在同一个 {cell} × {cell} 像素的格子里被上方的轨迹覆盖。请上移图层、分开路径或降低密度。",
  "fix.collision-lost": "上移图层",
  "finding.motion-under-a-cell":
    "{of} 条轨迹中有 {count} 条在移动，但从未离开自己 {cell} × {cell} 像素的格子，模型会认为它们静止。请加大运动幅度或将其固定。",
  "fix.motion-under-a-cell": "固定在原处",
  "finding.jump":
    "{of} 条轨迹中有 {count} 条在一个潜在帧内移动超过 {cells} 个 {cell} 像素的格子；视频在那里容易跳切或模糊。请放慢运动或缩短路径。",
  "fix.jump": "放慢",
  "finding.cannot-bake": "{error}",
};

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const findings = { en, zh };
