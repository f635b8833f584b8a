/** The shell's guidance: first steps, hints on tools, the sheet of shortcuts. */

/** @import { Wording } from "../../types.js" */

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const guide = {
  en: {
    "welcome.draw": "Draw around a thing: Lasso (L)",
    "welcome.draw.smart": "Draw around a thing: Lasso (L) or Smart select (S)",
    "welcome.drag": "Drag it to where it should end",
    "welcome.drag.now": "Now drag it: the playhead stands at the end",
    "welcome.play": "Press Space to play",
    "welcome.close": "Close the first steps",

    "hint.select": "Drag a layer: at the start it changes the region, later where it goes. Shift adds to the selection.",
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
    "welcome.draw": "圈出物体：套索 (L)",
    "welcome.draw.smart": "圈出物体：套索 (L) 或智能选择 (S)",
    "welcome.drag": "把它拖到终点位置",
    "welcome.drag.now": "现在拖动它：播放头已在结尾",
    "welcome.play": "按空格键播放",
    "welcome.close": "关闭入门提示",

    "hint.select": "拖动图层：在开头改变区域，之后改变去向。按住 Shift 可加选。",
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
