/** @import { Wording } from "../../types.js" */

/** @type {Readonly<Record<"en" | "zh", Wording>>} */
export const stage = {
  en: {
    "stage.name": "Stage: the picture, the regions on it and their paths",
    "stage.coverage": "{percent} % of the cells guided over the clip",
    "stage.coverage.few": "a part of the time",
    "stage.coverage.all": "all the time",
    "stage.model": "Latent frame {frame}: {guided} of {cells} cells guided ({percent} %)",
    "stage.model-start": "Latent frame 0 is the start picture itself",
    "stage.picture-failed": "The picture cannot be shown: {url}",
    "stage.drawing-failed": "Something could not be drawn: {reason}",
  },
  zh: {
    "stage.name": "画布：图片、图上的区域及其路径",
    "stage.coverage": "整段视频中有 {percent} % 的单元格受到引导",
    "stage.coverage.few": "部分时间",
    "stage.coverage.all": "全部时间",
    "stage.model": "潜空间帧 {frame}：{cells} 个单元格中有 {guided} 个受到引导（{percent} %）",
    "stage.model-start": "潜空间帧 0 就是起始图片本身",
    "stage.picture-failed": "无法显示图片：{url}",
    "stage.drawing-failed": "有内容无法绘制：{reason}",
  },
};
