/** The shell's guidance: first steps, hints on tools, the sheet of shortcuts. */

/** @import { Wording } from "../../types.js" */

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const guide = {
  en: {
    "welcome.draw": "Draw around what should move",
    "welcome.draw.smart": "Draw around what should move, or use Smart select (S)",
    "welcome.drag": "Drag it to where it ends up",
    "welcome.drag.now": "Now drag it to where it is at the end of the clip",
    "welcome.play": "Press Space to play",
    "welcome.close": "Close the first steps",

    "hint.select.start": "At the start, dragging moves the region itself. Go to a later moment to say where it goes.",
    "hint.select.later": "Drag a layer to where it is at this moment; the dashed outline is where it started.",
    "hint.lasso": "Draw around the thing that should move.",
    "hint.smart": "Drag a rectangle around a thing, or click on it.",
    "hint.brush": "Paint the region that should move. [ and ] change the size.",
    "hint.rectangle": "Drag a rectangle. Shift makes it square.",
    "hint.disc": "Drag from the middle outwards.",
    "hint.points": "Click the places of the path one after the other; Enter ends it.",
    "hint.pen": "Click for corners, drag for curves; Enter ends the path.",
    "hint.pencil": "Draw the path of the selected layer, or start anywhere for a new point.",
    "hint.record": "Hold and move: the clip plays and your timing is kept.",
    "hint.pin": "Click to hold a point still, drag to hold a rectangle still.",
    "hint.camera": "At a later moment, drag the picture to pan; the handles zoom and roll.",
    "hint.hand": "Drag to move the view.",
    "hint.zoom": "Click to come nearer, with Shift to go farther; drag a rectangle to fill the stage with it.",

    "help.title": "Shortcuts",
    "help.close": "Close",
    "help.tools": "Tools",
    "help.time": "Time",
    "help.edit": "Editing",
    "help.view": "View",
    "help.gestures.mini":
      "Ctrl+wheel zooms the stage; wheel and middle button belong to the graph. Touch: one finger draws, two move and zoom. Shift holds to an axis or 45°.",
    "help.gestures.full":
      "The wheel zooms, the middle button moves the view. Touch: one finger draws, two move and zoom. Shift holds to an axis or 45°.",
  },
  zh: {
    "welcome.draw": "圈出要移动的物体",
    "welcome.draw.smart": "圈出要移动的物体，或用智能选择 (S) 找出",
    "welcome.drag": "把它拖到终点位置",
    "welcome.drag.now": "现在把它拖到视频结尾时的位置",
    "welcome.play": "按空格键播放",
    "welcome.close": "关闭入门提示",

    "hint.select.start": "在开头拖动会移动区域本身；到之后的时刻再拖动，即设定它的去向。",
    "hint.select.later": "把图层拖到它此刻所在的位置；虚线轮廓是它的起点。",
    "hint.lasso": "圈出要移动的物体。",
    "hint.smart": "在物体周围拖出矩形，或单击物体。",
    "hint.brush": "涂出要移动的区域。[ 和 ] 调整大小。",
    "hint.rectangle": "拖出矩形。按住 Shift 为正方形。",
    "hint.disc": "从中心向外拖动。",
    "hint.points": "依次单击路径经过的位置，按 Enter 结束。",
    "hint.pen": "单击为角点，拖动为曲线，按 Enter 结束路径。",
    "hint.pencil": "画出所选图层的路径，或在任意处起笔新建一点。",
    "hint.record": "按住并移动：视频同时播放，并保留您的节奏。",
    "hint.pin": "单击固定一点，拖动固定一个矩形。",
    "hint.camera": "在之后的时刻拖动画面即平移镜头；手柄用于缩放和旋转。",
    "hint.hand": "拖动以移动视图。",
    "hint.zoom": "单击放大，按住 Shift 单击缩小；拖出矩形则放大到该范围。",

    "help.title": "快捷键",
    "help.close": "关闭",
    "help.tools": "工具",
    "help.time": "时间",
    "help.edit": "编辑",
    "help.view": "视图",
    "help.gestures.mini": "Ctrl+滚轮缩放画布；滚轮和中键属于节点图。触摸：单指绘制，双指移动和缩放。Shift 限制为轴向或 45°。",
    "help.gestures.full": "滚轮缩放，中键移动视图。触摸：单指绘制，双指移动和缩放。Shift 限制为轴向或 45°。",
  },
};
