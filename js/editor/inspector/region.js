/** What the selected layers take hold of: place, size, density. */

import { DENSITY_LIMITS } from "../../model/document.js";
import { moveRegion } from "../../model/edits/regions.js";
import { COORDINATE_LIMIT } from "../../model/readers.js";
import { centre } from "../../model/shapes.js";
import { h } from "../dom.js";
import { shared } from "../numbers.js";
import { foldOf, numberOf, pairOf, wordButton } from "./fields.js";

/** @import { Layer, Region } from "../../types.js" */
/** @import { Access } from "./fields.js" */
/** @import { InspectorPanel, InspectorView, Section } from "./panel.js" */

const PLACE = { low: -COORDINATE_LIMIT, high: COORDINATE_LIMIT, digits: 1 };
const SIZE = { low: 1, high: COORDINATE_LIMIT, digits: 1 };

/**
 * @param {InspectorPanel} panel
 * @returns {Section}
 */
export function createRegion(panel) {
  const { texts } = panel;
  let percent = false;
  const unit = wordButton(panel, "px", () => {
    percent = !percent;
    unit.textContent = percent ? "%" : "px";
    if (last) section.update(last);
  });
  unit.classList.add("wanmove-unit-button");
  unit.title = texts("inspector.unit");
  unit.setAttribute("aria-label", texts("inspector.unit"));
  /** @type {InspectorView | null} */
  let last = null;
  /** @type {(side: "width" | "height") => import("./fields.js").Shown} */
  const along = (side) => (view) => (percent ? { factor: 100 / view.document[side], unit: "%" } : { factor: 1, unit: "px" });

  const [width, height, density] = [texts("inspector.width"), texts("inspector.height"), texts("inspector.density")];
  const across = numberOf(panel, { ...PLACE, label: "X", name: texts("inspector.middle-x") }, middleOf(0), along("width"));
  const down = numberOf(panel, { ...PLACE, label: "Y", name: texts("inspector.middle-y") }, middleOf(1), along("height"));
  const wide = numberOf(panel, { ...SIZE, label: width }, sideOf(2), along("width"));
  const high = numberOf(panel, { ...SIZE, label: height }, sideOf(3), along("height"));
  const round = numberOf(panel, { ...SIZE, low: 0.1, label: texts("inspector.radius") }, RADIUS, along("width"));
  const dense = numberOf(
    panel,
    {
      low: DENSITY_LIMITS[0],
      high: DENSITY_LIMITS[1],
      step: 0.1,
      digits: 3,
      label: density,
      name: texts("inspector.density.long"),
    },
    { read: (layer) => layer.density, write: (layer, value) => ({ ...layer, density: value }) },
  );
  const kind = h("span", { class: "wanmove-fact" });
  const numbers = pairOf(across.element, down.element, wide.element, high.element, round.element, dense.element);
  const parts = [across, down, wide, high, round, dense];
  const head = h("div", { class: "wanmove-line" }, kind, unit);
  const section = {
    element: foldOf(texts("inspector.region"), head, numbers),
    update(/** @type {InspectorView} */ view) {
      last = view;
      const text = describe(panel, view);
      if (kind.textContent !== text) kind.textContent = text;
      unit.hidden = view.layers.every(({ region }) => region.kind === "frame" || region.kind === "rest");
      for (const part of parts) part.update(view);
    },
  };
  return section;
}

/**
 * @param {InspectorPanel} panel
 * @param {InspectorView} view
 */
function describe({ texts }, { layers }) {
  const kind = shared(layers.map(({ region }) => region.kind));
  if (!kind) return texts("inspector.mixed");
  const name = texts(`region.${kind}`);
  const { region } = layers[0];
  if (layers.length > 1) return name;
  if ("points" in region) return `${name} · ${texts("inspector.points", { count: region.points.length })}`;
  return region.kind === "mask" ? `${name} · ${region.columns} × ${region.rows} × ${region.cell} px` : name;
}

/**
 * @param {0 | 1} axis
 * @returns {Access<number>}
 */
function middleOf(axis) {
  const read = (/** @type {Layer} */ { region }) => (hasPlace(region) ? centre(region, 0, 0)[axis] : undefined);
  return {
    read,
    write: (layer, value) => {
      const by = value - (read(layer) ?? value);
      return moveRegion(layer, axis === 0 ? [by, 0] : [0, by]);
    },
  };
}

/**
 * Width or height of rectangles; the middle stays.
 *
 * @param {2 | 3} side
 * @returns {Access<number>}
 */
function sideOf(side) {
  return {
    read: ({ region }) => (region.kind === "rectangle" ? region.box[side] : undefined),
    write: (layer, value) => {
      if (layer.region.kind !== "rectangle") return layer;
      const box = [...layer.region.box];
      box[side - 2] -= (value - box[side]) / 2;
      box[side] = value;
      return { ...layer, region: { kind: "rectangle", box: [box[0], box[1], box[2], box[3]] } };
    },
  };
}

/** @type {Access<number>} */
const RADIUS = {
  read: ({ region }) => ("radius" in region ? region.radius : undefined),
  write: (layer, radius) => ("radius" in layer.region ? { ...layer, region: { ...layer.region, radius } } : layer),
};

/** @param {Region} region */
function hasPlace({ kind }) {
  return kind !== "frame" && kind !== "rest" && kind !== "mask";
}
