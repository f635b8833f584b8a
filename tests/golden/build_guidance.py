"""Writes guidance.json: documents, and what the model is given of them, for the tests of every language.

``python tests/golden/build_guidance.py`` after a deliberate change. Cells count row * columns + column from the top left.
``owners`` has for each latent frame the tracks that own the cells, in reading order, as [track, cells, track, cells, …];
-1 = none. Everything is whole and holds exactly.
"""

import json
from dataclasses import replace
from itertools import groupby
from pathlib import Path as FilePath

import torch

from wanmove_core.guidance.latent_edit import winning_tracks
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.guidance.report import GuidanceReport, guidance_report
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake
from wanmove_core.tracks.tensors import Tracks, to_tensors
from wanmove_core.variants import WAN21_STRIDE

FOLDER = FilePath(__file__).parent

Json = dict[str, object]

BOX = {"kind": "rectangle", "box": [40, 30, 24, 32]}
DISC = {"kind": "disc", "centre": [70, 40], "radius": 20}
PAN: Json = {"path": {"points": [[0, 0], [50, -12]]}}
MOVING: Json = {"name": "thing", "region": BOX, "motion": PAN}
PIN: Json = {"name": "pin", "region": {"kind": "point", "at": [60, 42.5]}}
REST: Json = {"name": "rest", "region": {"kind": "rest"}}
CAMERA: Json = {
    "name": "camera",
    "region": {"kind": "frame"},
    "motion": {"path": {"points": [[0, 0], [-20, 6]]}, "scale": [[0, 1], [1, 1.25]]},
}
CROWD: list[Json] = [
    REST,
    {"name": "camera", "region": {"kind": "frame"}, "motion": {"components": [{"kind": "shake", "seed": 5}]}},
    {"name": "turning", "region": DISC, "motion": {"rotation": [[0, 0], [1, 130]], "scale": [[0, 1], [1, 1.7]]}},
    {
        "name": "bursting",
        "region": {"kind": "rectangle", "box": [80, 20, 40, 50]},
        "density": 2.5,
        "motion": {"components": [{"kind": "burst"}]},
    },
    {
        "name": "brushed",
        "region": {"kind": "brush", "points": [[15, 15], [60, 40], [110, 20]], "radius": 9},
        "motion": {"components": [{"kind": "sway", "amplitude": 40}]},
    },
    {
        "name": "bouncing",
        "region": {"kind": "polygon", "points": [[10, 10], [90, 20], [60, 70], [50, 30]]},
        "motion": {"components": [{"kind": "gravity", "floor": 60}]},
        "visible": [[0, 0.3], [0.5, 1]],
    },
    {"name": "wavy", "region": {"kind": "rectangle", "box": [0, 50, 40, 30]}, "motion": {"components": [{"kind": "wave"}]}},
]


def _moved(by: list[float], **timing: object) -> Json:
    return {"path": {"points": [[0, 0], by]}, "timing": timing}


def _swaying(amplitude: float) -> Json:
    return {"components": [{"kind": "sway", "amplitude": amplitude}]}


Row = tuple[str, list[Json], int, int, int, str | None]
"""name, layers of a 128 x 80 picture, frames, width, height, fit"""
ROWS: list[Row] = [
    ("one moves", [MOVING], 9, 128, 80, None),
    ("one frame", [MOVING], 1, 128, 80, None),
    ("a length that is not 4k+1", [MOVING], 15, 128, 80, None),
    ("over pinned rest", [REST, MOVING], 9, 128, 80, None),
    ("through a pin below", [PIN, MOVING], 9, 128, 80, None),
    ("through a pin above", [MOVING, PIN], 9, 128, 80, None),
    (
        "shrinks into itself",
        [{"region": DISC, "motion": {"scale": [[0, 1], [1, 0.05]], "timing": {"end": 0.05}}}],
        9,
        128,
        80,
        None,
    ),
    ("two points in one cell", [PIN, {**PIN, "name": "twin", "motion": PAN}], 9, 128, 80, None),
    ("hidden start", [{**MOVING, "visible": [[0.3, 1]]}], 9, 128, 80, None),
    ("hidden at every latent frame", [{**MOVING, "visible": [[0.3, 0.4]]}, PIN], 5, 128, 80, None),
    ("to the right border", [{**PIN, "motion": _moved([68, 0])}], 9, 128, 80, None),
    ("to the lower border", [{"region": BOX, "motion": _moved([0, 20])}], 9, 128, 80, None),
    ("out of the picture and back", [{**MOVING, "motion": _moved([90, -12], repeat="ping-pong", cycles=2)}], 33, 128, 80, None),
    ("under a moved camera", [MOVING, PIN, CAMERA], 17, 128, 80, None),
    ("moves less than a cell", [{"region": BOX, "motion": _swaying(3)}], 17, 128, 80, None),
    ("some move less than a cell", [{"region": BOX, "motion": {"rotation": [[0, 0], [1, 20]]}}], 17, 128, 80, None),
    (
        "jumps",
        [{"region": {"kind": "rectangle", "box": [8, 30, 24, 32]}, "motion": _moved([80, 10], start=0.5, end=0.6)}],
        17,
        128,
        80,
        None,
    ),
    ("eight cells are no jump", [{**MOVING, "motion": _moved([64, 0], start=0.5, end=0.6)}], 17, 128, 80, None),
    ("stretched", [MOVING, REST], 9, 96, 96, "stretch"),
    ("cropped", [MOVING, REST], 9, 112, 80, "crop"),
    ("a crowd", CROWD, 41, 256, 160, None),
    ("a crowd on a small picture", CROWD, 22, 64, 40, None),
]


def build() -> dict[str, Json]:
    """The golden file by name."""
    return {"guidance.json": {"tolerance": 0, "cases": [*(_baked(*row) for row in ROWS), _loose()]}}


def write(folder: FilePath = FOLDER) -> None:
    """Write it, one case a line."""
    for name, content in build().items():
        rows = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in content["cases"])  # type: ignore
        (folder / name).write_text(f'{{"tolerance":{content["tolerance"]},"cases":[\n{rows}\n]}}\n', encoding="utf-8")


def _baked(name: str, layers: list[Json], length: int, width: int, height: int, fit: str | None) -> Json:
    document: Json = {"version": 1, "width": 128, "height": 80, "layers": layers}
    tracks = to_tensors(bake(parse_document(document), length, width, height, fit))  # type: ignore[arg-type]
    clip = {"width": width, "height": height, "length": length, "fit": fit}
    return {"name": name, "document": document, "clip": clip, **_guidance(tracks)}


def _loose() -> Json:
    """What no document makes: starts outside the picture and on its border."""
    starts = [[-3.0, 20.0], [128.0, 20.0], [60.0, 80.0], [128.0, -1.0], [20.0, 20.0], [127.5, 79.5]]
    positions = torch.tensor(starts).repeat(5, 1, 1) + torch.arange(5.0)[:, None, None] * torch.tensor([2.0, 0.0])
    visibility = torch.ones(5, 6, dtype=torch.bool)
    visibility[0, [1, 4]] = False
    layer = torch.tensor([0, 0, 0, 1, 1, 1], dtype=torch.int32)
    tracks = Tracks(positions, visibility, 128, 80, layer, ("first", "second"))
    layers = [{"name": name, "region": BOX} for name in tracks.names]
    return {
        "name": "tracks that start outside",
        "document": {"version": 1, "width": 128, "height": 80, "layers": layers},
        "clip": {"width": 128, "height": 80, "length": 5, "fit": None},
        "tracks": {"positions": positions.tolist(), "visibility": visibility.int().tolist(), "layer": layer.tolist()},
        **_guidance(tracks),
    }


def _guidance(tracks: Tracks) -> Json:
    whole = WAN21_STRIDE.time * (WAN21_STRIDE.latent_length(tracks.length) - 1) + 1
    fitted = replace(tracks, positions=tracks.positions[:whole], visibility=tracks.visibility[:whole])
    latent, report = to_latent_tracks(fitted, WAN21_STRIDE), guidance_report(tracks, WAN21_STRIDE)
    source = torch.where(latent.source_valid, latent.source[:, 0] * latent.width + latent.source[:, 1], -1)
    return {
        "source": source.tolist(),
        "owners": [_runs(frame.flatten().tolist()) for frame in winning_tracks(latent)],
        "guided": report.guided,
        "cells": report.cells,
        "findings": _findings(tracks, report),
    }


def _findings(tracks: Tracks, report: GuidanceReport) -> list[Json]:
    sizes = {None: tracks.count, **{name: int((tracks.layer == i).sum()) for i, name in enumerate(tracks.names)}}
    index = {None: None, **{name: i for i, name in enumerate(tracks.names)}}
    return [
        {"kind": found.kind, "layer": index[found.layer], "count": found.count, "of": sizes[found.layer]}
        for found in report.findings
    ]


def _runs(values: list[int]) -> list[int]:
    return [number for value, run in groupby(values) for number in (value, len(list(run)))]


if __name__ == "__main__":
    write()
