"""Track documents of a size that people draw, and larger ones: for ``benchmarks.editor``."""

import json
import math
from collections.abc import Mapping
from typing import Any

from benchmarks.editor_page import CLIP
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake


def usual_document(ripple: bool) -> dict[str, Any]:
    """Four regions over pins: 1,024 tracks, give or take 5 %."""
    boat = motion(
        path={"kind": "catmull-rom", "points": [[0, 0], [60, -40], [120, 10], [170, -30]]}, rotation=[[0, 0], [1, 15]]
    )
    swing = motion(components=[{"kind": "wave" if ripple else "pendulum"}], anchor=[600, 60])
    glide = motion(path={"points": [[0, 0], [-90, 30]]}, scale=[[0, 1], [1, 1.3]])
    arm = motion(path={"kind": "catmull-rom", "points": [[0, 0], [30, -50], [-20, -70]]}, timing={"easing": "ease-in-out"})
    return document(
        {"name": "background", "region": {"kind": "rest"}, "density": 0.04},
        {"name": "boat", "region": {"kind": "polygon", "points": star(230, 250, 90, 72)}, "motion": boat},
        {"name": "lamp", "region": {"kind": "rectangle", "box": [520, 90, 130, 110]}, "motion": swing},
        {"name": "disc", "region": {"kind": "disc", "centre": [640, 360], "radius": 48}, "motion": glide},
        {
            "name": "arm",
            "region": {"kind": "brush", "points": [[380, 330], [440, 380], [500, 420]], "radius": 16},
            "motion": arm,
        },
    )


def large_document() -> dict[str, Any]:
    """The usual one, denser: about 10,000 tracks."""
    usual = usual_document(ripple=True)
    return document(*({**layer, "density": 1.3 if layer["region"]["kind"] == "rest" else 3.6} for layer in usual["layers"]))


def layered_document() -> dict[str, Any]:
    """About 10,000 tracks of 96 moving polygons."""
    layers = []
    for index in range(96):
        x, y = 48 + 66 * (index % 12), 36 + 58 * (index // 12)
        points = [[0, 0], [20 + index % 7, -10], [35, 5 + index % 5]]
        layers.append(
            {
                "region": {"kind": "polygon", "points": star(x, y, 30, 24)},
                "motion": motion(path={"kind": "catmull-rom", "points": points}),
                "density": 4,
            }
        )
    return document(*layers)


def document(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Of the clip's size."""
    return {"version": 1, "width": CLIP.width, "height": CLIP.height, "layers": list(layers)}


def motion(**parts: Any) -> dict[str, Any]:
    """These parts; all others at their defaults."""
    return parts


def star(x: float, y: float, radius: float, corners: int) -> list[list[float]]:
    """An outline as a lasso leaves it."""
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    reach = [radius * (0.9 + 0.1 * math.sin(5 * turn)) for turn in turns]
    return [
        [round(x + far * math.cos(turn), 2), round(y + far * math.sin(turn), 2)] for far, turn in zip(reach, turns, strict=True)
    ]


def count_tracks(content: Mapping[str, Any]) -> int:
    """As Python bakes them."""
    return bake(parse_document(json.dumps(content)), CLIP.length, CLIP.width, CLIP.height).count
