/** @import { Wording } from "../../types.js" */

/** Why something that was tried has not been done. @type {Readonly<Record<"en" | "zh", Wording>>} */
export const notices = {
  en: {
    "notice.full": "A document holds 256 layers at most. Merge or delete some first.",
    "notice.full-path": "A path holds 4096 points at most.",
    "notice.outside": "That lies outside the picture, where there is nothing to move. Start inside it.",
    "notice.locked": "The layer is locked. Unlock it in the timeline to change it.",
    "notice.still": "At this moment the layer is where it started. Move the playhead to where it should be elsewhere.",
    "notice.last-corners": "An outline needs three corners. Without a corner selected, Delete removes the layer.",
    "notice.lasso-empty": "The lasso went around nothing. Draw around the thing that is to move.",
    "notice.nothing-selected": "Nothing is selected. Click a layer first.",
    "notice.rest-there": "Everything else is pinned already.",
  },
  zh: {
    "notice.full": "一个文档最多 256 个图层。请先合并或删除一些。",
    "notice.full-path": "一条路径最多 4096 个点。",
    "notice.outside": "这里在画面之外，没有可以移动的内容。请从画面内开始。",
    "notice.locked": "图层已锁定。请在时间轴中解锁后再修改。",
    "notice.still": "此刻图层就在它的起始位置。请先把播放头移到它应在别处的时刻。",
    "notice.last-corners": "轮廓至少需要三个角点。未选中角点时，Delete 会删除整个图层。",
    "notice.lasso-empty": "套索没有围住任何内容。请围着要移动的东西画一圈。",
    "notice.nothing-selected": "没有选中任何图层。请先点击一个图层。",
    "notice.rest-there": "其余部分已经全部固定。",
  },
};
