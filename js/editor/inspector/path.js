/** The path of the selected layers, and the anchor that they turn and grow about. */

import { PATH_KINDS, pathLength } from "../../model/curves.js";
import { withMotion } from "../../model/edits/layers.js";
import { anchorOf } from "../../model/motion.js";
import { COORDINATE_LIMIT } from "../../model/readers.js";
import { h } from "../dom.js";
import { formatNumber } from "../numbers.js";
import { choiceOf, foldOf, iconButton, lineOf, numberOf, pairOf, valuesOf, wordButton } from "./fields.js";

/** @import { Layer, Path, PathKind } from "../../types.js" */
/** @import { Access } from "./fields.js" */
/** @import { InspectorPanel, Section } from "./panel.js" */

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createPath(panel) {
  const { texts } = panel;
  const names = PATH_KINDS.map((kind) => /** @type {const} */ ([/** @type {PathKind} */ (kind), texts(`path.${kind}`)]));
  const kind = choiceOf(panel, texts("inspector.path.kind"), names, {
    read: ({ motion }) => motion.path?.kind,
    write: (layer, value) => changePath(layer, (path) => ofKind(path, value)),
  });
  const fact = h("span", { class: "wanmove-fact" });
  const close = wordButton(panel, texts("inspector.path.close"), () => panel.edit((layer) => changePath(layer, closed)));
  const even = wordButton(panel, texts("inspector.path.even"), () =>
    panel.edit((layer) => changePath(layer, (path) => ({ ...path, times: [] }))),
  );
  even.title = texts("inspector.path.even.long");
  const clear = wordButton(panel, texts("inspector.path.clear"), () =>
    panel.edit((layer) => withMotion(layer, { path: null })),
  );
  const buttons = h("div", { class: "wanmove-buttons" }, close, even, clear);
  const empty = h("p", { class: "wanmove-hint" }, texts("inspector.path.none"));
  return {
    element: foldOf(texts("inspector.path"), fact, empty, kind.element, buttons),
    update(view) {
      const paths = valuesOf(view, ({ motion }) => motion.path ?? undefined);
      fact.textContent = describe(panel, paths);
      fact.hidden = paths.length === 0;
      empty.hidden = paths.length > 0;
      kind.update(view);
      buttons.hidden = paths.length === 0;
      for (const button of [close, even, clear]) button.disabled = view.locked;
      close.disabled ||= paths.every(isClosed);
      even.disabled ||= paths.every((path) => path.times.length === 0);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createAnchor(panel) {
  const { texts } = panel;
  const look = { low: -COORDINATE_LIMIT, high: COORDINATE_LIMIT, digits: 1, unit: "px" };
  const across = numberOf(panel, { ...look, label: "X", name: texts("inspector.anchor-x") }, placeOf(panel, 0));
  const down = numberOf(panel, { ...look, label: "Y", name: texts("inspector.anchor-y") }, placeOf(panel, 1));
  const middle = iconButton(panel, "middle", texts("inspector.anchor.middle"), () =>
    panel.edit((layer) => withMotion(layer, { anchor: null })),
  );
  const fact = h("span", { class: "wanmove-fact" });
  return {
    element: foldOf(texts("inspector.anchor"), lineOf("", fact, middle), pairOf(across.element, down.element)),
    update(view) {
      const free = view.layers.filter(({ motion }) => motion.anchor !== null);
      fact.textContent = texts(free.length === 0 ? "inspector.anchor.at-middle" : "inspector.anchor.set");
      middle.disabled = view.locked || free.length === 0;
      across.update(view);
      down.update(view);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {0 | 1} axis
 * @returns {Access<number>}
 */
function placeOf({ store }, axis) {
  const place = (/** @type {Layer} */ layer) => anchorOf(store.state().document, layer);
  return {
    read: (layer) => (layer.region.kind === "rest" ? undefined : place(layer)[axis]),
    write: (layer, value) => {
      const [x, y] = place(layer);
      return withMotion(layer, { anchor: axis === 0 ? [value, y] : [x, value] });
    },
  };
}

/** @type {WeakMap<Path, number>} */
const lengths = new WeakMap();

/** @param {Path} path */
function lengthOf(path) {
  const known = lengths.get(path) ?? pathLength(path);
  lengths.set(path, known);
  return known;
}

/**
 * @param {InspectorPanel} panel
 * @param {readonly Path[]} paths
 */
function describe({ texts }, paths) {
  if (paths.length !== 1) return texts("inspector.paths", { count: paths.length });
  const [path] = paths;
  return texts("inspector.path.fact", { count: path.points.length, length: formatNumber(lengthOf(path), 1) });
}

/**
 * @param {Layer} layer
 * @param {(path: Path) => Path} change
 */
function changePath(layer, change) {
  const { path } = layer.motion;
  return path ? withMotion(layer, { path: change(path) }) : layer;
}

/**
 * The path as another kind. A Bezier gets handles that follow its neighbours, so that it is a curve from the start.
 *
 * @param {Path} path
 * @param {PathKind} kind
 * @returns {Path}
 */
function ofKind(path, kind) {
  if (path.kind === kind) return path;
  if (kind !== "bezier") return { ...path, kind, handles: [] };
  const { points } = path;
  const handles = points.map((_, index) => {
    const [before, after] = [points[Math.max(0, index - 1)], points[Math.min(points.length - 1, index + 1)]];
    const [x, y] = [tidy((after[0] - before[0]) / 6), tidy((after[1] - before[1]) / 6)];
    return /** @type {const} */ ([-x, -y, x, y]);
  });
  return { ...path, kind, handles };
}

/** Hundredths of pixels. @param {number} value */
function tidy(value) {
  return Number(value.toFixed(2));
}

/** @param {Path} path */
function isClosed({ points }) {
  const [first, last] = [points[0], points[points.length - 1]];
  return first[0] === last[0] && first[1] === last[1];
}

/**
 * The path back to where it began; with times, the way back takes as long as the other segments do on average.
 *
 * @param {Path} path
 * @returns {Path}
 */
function closed(path) {
  if (isClosed(path)) return path;
  const { points, handles, times } = path;
  const last = points.length;
  return {
    ...path,
    points: [...points, points[0]],
    handles: handles.length > 0 ? [...handles, handles[0]] : handles,
    times: times.length > 0 ? [...times.map((time) => (time * (last - 1)) / last), 1] : times,
  };
}
