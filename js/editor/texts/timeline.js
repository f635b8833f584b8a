/** The timeline and the speed graph. */

/** @import { Wording } from "../../types.js" */

/** @type {Wording} */
const en = {
  "timeline.name": "Timeline",
  "timeline.layers": "Layers, the upper ones first",
  "timeline.empty": "Each region that you draw gets a row here: when it moves, its keys, when it is hidden.",
  "timeline.unnamed": "Layer {number}",
  "timeline.eye": "{layer}: takes part",
  "timeline.lock": "{layer}: locked",
  "timeline.open": "{layer}: keys and speed",
  "timeline.rename": "Name of the layer",
  "timeline.playhead": "Playhead",
  "timeline.moment": "Frame {frame} / {last} · {seconds} s",
  "timeline.frame": "Frame {frame}",
  "timeline.from-to": "Frames {from} to {to}",
  "timeline.bar": "Motion",
  "timeline.start": "Start of the motion",
  "timeline.end": "End of the motion",
  "timeline.appears": "Appears",
  "timeline.disappears": "Disappears",
  "timeline.key": "{track}, key {number} of {of}, frame {frame}",
  "timeline.track.path": "Path",
  "timeline.track.rotation": "Rotation",
  "timeline.track.scale": "Scale",
  "timeline.track.visible": "Visible",
  "timeline.track.hint": "Double click: a key here",
  "timeline.visible.hint": "Double click: hide this frame, or show what is hidden",
  "timeline.no-path": "This layer has no path yet. Drag it at a later moment, or draw a path.",
  "graph.fastest": "Up to {speed} px per frame",
  "graph.unit": "fastest place; dashed: easing",
  "graph.name": "Speed over the clip, at most {speed} px per frame",
};

/** @type {Wording} */
const zh = {
  "timeline.name": "时间轴",
  "timeline.layers": "图层，上层在前",
  "timeline.empty": "绘制的每个区域在这里各占一行：何时运动、关键帧、何时隐藏。",
  "timeline.unnamed": "图层 {number}",
  "timeline.eye": "{layer}：启用",
  "timeline.lock": "{layer}：锁定",
  "timeline.open": "{layer}：关键帧与速度",
  "timeline.rename": "图层名称",
  "timeline.playhead": "播放头",
  "timeline.moment": "帧 {frame} / {last} · {seconds} 秒",
  "timeline.frame": "第 {frame} 帧",
  "timeline.from-to": "第 {from} 至 {to} 帧",
  "timeline.bar": "运动",
  "timeline.start": "运动开始",
  "timeline.end": "运动结束",
  "timeline.appears": "出现",
  "timeline.disappears": "消失",
  "timeline.key": "{track}，关键帧 {number}/{of}，第 {frame} 帧",
  "timeline.track.path": "路径",
  "timeline.track.rotation": "旋转",
  "timeline.track.scale": "缩放",
  "timeline.track.visible": "可见",
  "timeline.track.hint": "双击：在此设置关键帧",
  "timeline.visible.hint": "双击：隐藏该帧，或显示隐藏的部分",
  "timeline.no-path": "该图层还没有路径。在之后的时刻拖动它，或绘制一条路径。",
  "graph.fastest": "每帧最多 {speed} 像素",
  "graph.unit": "最快处；虚线为缓动",
  "graph.name": "整段速度，最高每帧 {speed} 像素",
};

export const timeline = { en, zh };
