"""Writes the golden files: inputs of the track maths and what Python makes of them, for the tests of every language.

``python tests/golden/build.py`` after a deliberate change; ``hand.json`` is worked out by hand and never written here.
All numbers are float64 and hold to ``tolerance`` pixels (degrees, factors). Layers are counted from 0, times are phases
or clip progress 0…1, masks are run lengths in reading order (first unmarked), affine maps are rows [a, b, x], [c, d, y].
"""

import json
from dataclasses import asdict
from pathlib import Path as FilePath

import numpy as np
from numpy.typing import NDArray

from wanmove_core.errors import DocumentError
from wanmove_core.tracks.components import COMPONENTS, Parameter, hash32, make_component, smooth_noise
from wanmove_core.tracks.curves import KINDS, STEPS, path_length, read_path, walk
from wanmove_core.tracks.document import (
    MAX_BYTES,
    MAX_COMPONENTS,
    MAX_KEYS,
    MAX_LAYERS,
    MAX_SIDE,
    MAX_SPANS,
    VERSION,
    parse_document,
    serialise_document,
)
from wanmove_core.tracks.motion import affines_at, move_points
from wanmove_core.tracks.presets import PRESETS, apply_preset
from wanmove_core.tracks.regions import own_mask, region_mask, seed_points
from wanmove_core.tracks.sampling import bake
from wanmove_core.tracks.schema import COORDINATE_LIMIT, POINT_LIMIT, Place
from wanmove_core.tracks.shapes import MASK_CELLS, MASK_RUNS
from wanmove_core.tracks.shapes import REGIONS as REGION_KINDS
from wanmove_core.tracks.timing import EASINGS, REPEATS, ease, phase_at, read_easing, read_timing

FOLDER = FilePath(__file__).parent
TOLERANCE = 1e-6
GOLDEN = Place("The golden case")
SOURCES = FOLDER / "document_sources.txt"
"""a document a line, sound ones and broken ones"""

PHASES = [-0.1, 0.0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1.0, 1.1]
PROGRESS = [0.0, 0.125, 0.3, 0.5, 0.75, 1.0]

BENDS = [[0, 0], [60, -40], [60, 40], [130, 10]]
PATHS = {
    "linear": {"points": BENDS},
    "linear with a repeated point": {"points": [[0, 0], [0, 0], [50, 0], [50, 0], [50, 30]]},
    "linear with times and a stop": {"points": [[0, 0], [40, 0], [40, 0], [40, 90]], "times": [0, 0.25, 0.75, 1]},
    "linear that goes nowhere": {"points": [[5, 6], [5, 6]]},
    "catmull-rom": {"kind": "catmull-rom", "points": BENDS},
    "catmull-rom of two points": {"kind": "catmull-rom", "points": [[0, 0], [30, 40]]},
    "catmull-rom with a repeated point": {"kind": "catmull-rom", "points": [[0, 0], [40, 0], [40, 0], [40, 60]]},
    "catmull-rom with times": {"kind": "catmull-rom", "points": BENDS, "times": [0, 0.2, 0.8, 1]},
    "bezier": {
        "kind": "bezier",
        "points": [[0, 0], [100, 0], [160, 80]],
        "handles": [[0, 0, 30, -60], [-40, -20, 40, 20], [0, -50, 0, 0]],
    },
    "bezier without handles": {"kind": "bezier", "points": [[0, 0], [90, 0], [90, 30]]},
    "bezier with times": {
        "kind": "bezier",
        "points": [[0, 0], [100, 0]],
        "handles": [[0, 0, 0, 50], [0, 50, 0, 0]],
        "times": [0, 1],
    },
}

TIMINGS = {
    "whole clip": {},
    "a part of it": {"start": 0.2, "end": 0.7},
    "eased": {"easing": "ease-in-out"},
    "eased by numbers": {"easing": [0.1, 0.9, 0.2, 1.4]},
    "loop": {"repeat": "loop", "cycles": 3},
    "loop of a fraction": {"repeat": "loop", "cycles": 2.5, "easing": "ease-out"},
    "ping-pong": {"repeat": "ping-pong", "cycles": 2, "easing": "ease-in"},
    "reverse": {"reverse": True, "start": 0.25, "easing": "ease-in"},
    "reverse loop": {"reverse": True, "repeat": "loop", "cycles": 2},
}

BOX = {"kind": "rectangle", "box": [40, 30, 24, 32]}
MOTIONS = {
    "nothing": {},
    "path": {"path": PATHS["bezier"]},
    "reversed path": {"path": PATHS["linear"], "timing": {"reverse": True}},
    "rotation": {"rotation": [[0, 0], [0.5, 90, "ease-in"], [1, 45]]},
    "rotation that overshoots": {"rotation": [[0, 0], [1, 90]], "timing": {"easing": "overshoot"}},
    "one key": {"rotation": [[0.5, 30]], "scale": [[0.25, 2]]},
    "scale": {"scale": [[0, 1], [0.4, 2], [1, 0.5]]},
    "scale that starts large": {"scale": [[0, 2], [1, 3, "step"]]},
    "all about an anchor": {
        "path": PATHS["catmull-rom"],
        "rotation": [[0, 10], [1, -80]],
        "scale": [[0, 1], [1, 1.5]],
        "anchor": [10, 12],
        "timing": {"start": 0.1, "end": 0.9, "easing": "ease"},
    },
    **{f"component {kind}": {"components": [{"kind": kind}]} for kind in COMPONENTS},
    "wave that turns": {
        "components": [{"kind": "wave", "wavelength": 40, "heading": 30, "direction": 0}],
        "rotation": [[0, 0], [1, 20]],
    },
    "two components": {"components": [{"kind": "shake", "seed": 77}, {"kind": "sway", "direction": 30, "damping": 2}]},
}

CAMERA = {
    "name": "camera",
    "region": {"kind": "frame"},
    "motion": {"path": {"points": [[0, 0], [-20, 6]]}, "scale": [[0, 1], [1, 1.25]]},
}
MASK = {"kind": "mask", "columns": 16, "rows": 10, "runs": [35, 4, 12, 4, 12, 3, 90], "cell": 8}
REGIONS = {
    "point": {"kind": "point", "at": [20.5, 30.25]},
    "disc": {"kind": "disc", "centre": [60, 40], "radius": 17},
    "disc over the edge": {"kind": "disc", "centre": [2, 3], "radius": 20},
    "disc between the centres": {"kind": "disc", "centre": [47.5, 40.5], "radius": 2},
    "rectangle": BOX,
    "polygon": {"kind": "polygon", "points": [[10, 10], [90, 20], [60, 70], [50, 30]]},
    "polygon that crosses itself": {"kind": "polygon", "points": [[20, 10], [100, 70], [100, 10], [20, 70]]},
    "brush": {"kind": "brush", "points": [[15, 15], [60, 40], [110, 20]], "radius": 9},
    "brush dab": {"kind": "brush", "points": [[33, 44]], "radius": 6.5},
    "mask": MASK,
    "frame": {"kind": "frame"},
    "rest": {"kind": "rest"},
}

COMPONENT_ROWS: list[tuple[str, dict[str, float]]] = [
    *((kind, {}) for kind in COMPONENTS),
    ("sway", {"direction": -150, "damping": 3.5, "cycles": 1.25}),
    ("pendulum", {"amplitude": -40, "damping": 1}),
    ("breathe", {"amount": -0.5}),
    ("dolly", {"travel": -2}),
    ("gravity", {"floor": 40, "bounce": 0.95, "speed_x": -30, "speed_y": -300}),
    ("gravity", {"floor": 0, "bounce": 0}),
    ("shake", {"seed": 2**31 - 1, "frequency": 200}),
    ("wave", {"wavelength": 4, "heading": 250, "direction": -20}),
    ("burst", {"seed": 2**31 - 1, "grain": 1, "gravity": -90, "spread": 1}),
]

Json = dict[str, object]


def build() -> dict[str, Json]:
    """All golden files by name."""
    parts = {
        "curves": [_curve(name, path) for name, path in PATHS.items()],
        "easings": [_easing(name) for name in (*EASINGS, "step")],
        "timings": [_timing(name, timing) for name, timing in TIMINGS.items()],
        "noise": [_noise(seed, channel) for seed, channel in ((0, 0), (1, 2), (2**31 - 1, 7))],
        "motions": [_motion(name, motion, camera) for name, motion in MOTIONS.items() for camera in (False, True)],
        "regions": [_region(name, region, fill) for name, region in REGIONS.items() for fill in (False, True)],
        "presets": [_preset(name, kind) for name in PRESETS for kind in ("rectangle", "frame")],
        "bakes": [_bake(*row) for row in _bake_rows()],
        "components": [_component(kind, values) for kind, values in COMPONENT_ROWS],
        "documents": [_document(source) for source in SOURCES.read_text(encoding="utf-8").splitlines()],
        "tables": _tables(),
    }
    return {
        f"{name}.json": {"tolerance": 1e-3 if name == "bakes" else TOLERANCE, "cases": cases} for name, cases in parts.items()
    }


def write(folder: FilePath = FOLDER) -> None:
    """Write all golden files, one case a line."""
    for name, content in build().items():
        rows = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in content["cases"])  # type: ignore
        (folder / name).write_text(f'{{"tolerance":{content["tolerance"]},"cases":[\n{rows}\n]}}\n', encoding="utf-8")


def _curve(name: str, path: object) -> Json:
    parsed = read_path(path, GOLDEN)
    places = walk(parsed, np.array(PHASES))
    return {"name": name, "path": path, "length": _plain(path_length(parsed)), "phases": PHASES, "places": _plain(places)}


def _easing(name: str) -> Json:
    fractions = [index / 10 for index in range(11)]
    return {"name": name, "fractions": fractions, "values": _plain(ease(read_easing(name, GOLDEN), np.array(fractions)))}


def _timing(name: str, timing: object) -> Json:
    progress = [index / 12 for index in range(13)]
    phases = phase_at(read_timing(timing, GOLDEN), np.array(progress))
    return {"name": name, "timing": timing, "progress": progress, "phases": _plain(phases)}


def _noise(seed: int, channel: int) -> Json:
    indices = [-3, -1, 0, 1, 2, 1000, 2**31]
    places = [-2.75, -0.5, 0.0, 0.1, 3.9, 1e6 + 0.25]
    return {
        "seed": seed,
        "channel": channel,
        "indices": indices,
        "values": hash32(seed, channel, np.array(indices)).tolist(),
        "places": places,
        "smooth": smooth_noise(seed, channel, np.array(places)).tolist(),
    }


def _component(kind: str, values: dict[str, float]) -> Json:
    row, named = COMPONENTS[kind], make_component(kind, values).named()
    if row.pose:
        pose = row.pose(named, np.array(PHASES))
        poses = np.stack([*pose.shift.T, pose.turn, pose.growth], axis=1)
        return {"kind": kind, "values": values, "phases": PHASES, "poses": _plain(poses)}
    assert row.ripple
    places = [[0.0, 0.0], [31.9, -0.1], [-70.5, 200.25], [5000.0, -3.0]]
    moved = np.stack([row.ripple(named, np.array(places), phase) for phase in PHASES])
    return {"kind": kind, "values": values, "phases": PHASES, "places": places, "moved": _plain(moved)}


def _document(source: str) -> Json:
    """What is written of a document that can be read, the message of one that cannot."""
    try:
        return {"source": source, "written": serialise_document(parse_document(source))}
    except DocumentError as error:
        return {"source": source, "error": str(error)}


def _tables() -> list[Json]:
    limits = {
        "VERSION": VERSION,
        "MAX_BYTES": MAX_BYTES,
        "MAX_SIDE": MAX_SIDE,
        "MAX_LAYERS": MAX_LAYERS,
        "MAX_KEYS": MAX_KEYS,
        "MAX_COMPONENTS": MAX_COMPONENTS,
        "MAX_SPANS": MAX_SPANS,
        "COORDINATE_LIMIT": COORDINATE_LIMIT,
        "POINT_LIMIT": POINT_LIMIT,
        "MASK_CELLS": MASK_CELLS,
        "MASK_RUNS": MASK_RUNS,
        "STEPS": STEPS,
    }
    return [
        {"table": "limits", "rows": limits},
        {"table": "easings", "rows": {name: list(curve) for name, curve in EASINGS.items()}},
        {"table": "repeats", "rows": list(REPEATS)},
        {"table": "paths", "rows": list(KINDS)},
        {"table": "regions", "rows": list(REGION_KINDS)},
        {"table": "components", "rows": [{"name": name, **_parameters(row.parameters)} for name, row in COMPONENTS.items()]},
        {
            "table": "presets",
            "rows": [{"name": p.name, "label": p.label, **_parameters(p.parameters)} for p in PRESETS.values()],
        },
    ]


def _parameters(parameters: tuple[Parameter, ...]) -> Json:
    return {"parameters": [asdict(parameter) for parameter in parameters]}


def _motion(name: str, motion: object, camera: bool) -> Json:
    layers = [{"name": "thing", "region": BOX, "motion": motion}, *([CAMERA] if camera else [])]
    source = {"version": 1, "width": 128, "height": 80, "layers": layers}
    document = parse_document(source)
    points = [[40.0, 30.0], [63.0, 61.0], [5.5, 70.25]]
    moved = [move_points(document, document.layers[0], np.array(points), progress) for progress in PROGRESS]
    return {
        "name": f"{name}, {'moved' if camera else 'still'} camera",
        "document": source,
        "layer": 0,
        "progress": PROGRESS,
        "affines": _plain(affines_at(document, document.layers[0], np.array(PROGRESS))),
        "points": points,
        "moved": _plain(np.stack(moved)),
    }


def _region(name: str, region: object, crowded: bool) -> Json:
    above = [{"region": {"kind": "disc", "centre": [70, 30], "radius": 12}}, {"region": {"kind": "point", "at": [30, 50]}}]
    growing = {"region": region, "motion": {"scale": [[0, 1], [1, 1.5]]}} if crowded else {"region": region}
    source = {"version": 1, "width": 128, "height": 80, "layers": [growing, *(above if crowded else [])]}
    document = parse_document(source)
    layer = document.layers[0]
    return {
        "name": f"{name}, growing below others" if crowded else f"{name}, alone",
        "document": source,
        "layer": 0,
        "mask": _runs(region_mask(document, layer)),
        "own": _runs(own_mask(document, layer)),
        "cell": 8,
        "seeds": _plain(seed_points(document, layer)),
    }


def _preset(name: str, kind: str) -> Json:
    region = BOX if kind == "rectangle" else {"kind": "frame"}
    document = parse_document({"version": 1, "width": 128, "height": 80, "layers": [{"region": region}]})
    changed = apply_preset(document, document.layers[0], name)
    motion = json.loads(serialise_document(type(document)(128, 80, (changed,))))["layers"][0].get("motion", {})
    return {"preset": name, "region": region, "width": 128, "height": 80, "motion": motion}


def _bake_rows() -> list[tuple[str, list[Json], int, int, int, str | None]]:
    layers: list[Json] = [
        {"name": "pin", "region": {"kind": "point", "at": [100, 20]}, "visible": [[0, 0.25], [0.75, 1]]},
        {"name": "thing", "region": BOX, "motion": MOTIONS["all about an anchor"], "density": 0.5},
    ]
    return [
        ("same size", layers, 5, 128, 80, None),
        ("one frame", layers, 1, 128, 80, None),
        ("stretched", layers, 5, 96, 96, "stretch"),
        ("cropped", layers, 5, 112, 80, "crop"),
        ("with a camera", [*layers, CAMERA], 3, 64, 40, None),
        ("over pinned rest", [{"name": "rest", "region": {"kind": "rest"}}, *layers], 2, 64, 40, None),
        ("hidden start", [{"region": BOX, "visible": [[0.5, 1]]}], 3, 128, 80, None),
    ]


def _bake(name: str, layers: list[Json], length: int, width: int, height: int, fit: str | None) -> Json:
    source: Json = {"version": 1, "width": 128, "height": 80, "layers": layers}
    baked = bake(parse_document(source), length, width, height, fit)  # type: ignore[arg-type]
    return {
        "name": name,
        "document": source,
        "length": length,
        "width": width,
        "height": height,
        "fit": fit,
        "positions": np.round(baked.positions.astype(np.float64), 4).tolist(),
        "visibility": baked.visibility.astype(int).tolist(),
        "layer": baked.layer.tolist(),
        "names": list(baked.names),
    }


def _runs(mask: NDArray[np.bool_]) -> list[int]:
    flat = np.concatenate([[False], mask.ravel(), [not mask.ravel()[-1]]])
    edges = np.flatnonzero(np.diff(flat)).tolist()
    return np.diff([0, *edges]).tolist()


def _plain(values: float | NDArray[np.float64]) -> object:
    return np.round(values, 9).tolist()


if __name__ == "__main__":
    write()
