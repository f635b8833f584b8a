"""The golden files are what Python makes today, and what a person can work out by hand."""

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wanmove_core.tracks.components import COMPONENTS
from wanmove_core.tracks.curves import KINDS, read_path, walk
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.motion import move_points
from wanmove_core.tracks.presets import PRESETS, apply_preset
from wanmove_core.tracks.regions import region_mask, seed_points
from wanmove_core.tracks.schema import Place
from wanmove_core.tracks.shapes import REGIONS
from wanmove_core.tracks.timing import EASINGS, ease, phase_at, read_easing, read_timing

FOLDER = Path(__file__).parents[1] / "golden"
BUILD = runpy.run_path(str(FOLDER / "build.py"))
HAND = json.loads((FOLDER / "hand.json").read_text(encoding="utf-8"))
HERE = Place("The hand-made case")
BUILT_FILES = (
    *("curves", "easings", "timings", "noise", "components", "motions"),
    *("regions", "presets", "bakes", "documents", "tables"),
)


def rows(part: str) -> list[Any]:
    """The hand-computed rows of one part, named by what they show."""
    return [pytest.param(row, id=row.get("why", str(index))) for index, row in enumerate(HAND[part])]


def assert_close(found: object, expected: object, tolerance: float) -> None:
    """Equal in structure and text, numbers to within ``tolerance``."""
    if isinstance(expected, dict):
        assert isinstance(found, dict) and found.keys() == expected.keys()
        for key in expected:
            assert_close(found[key], expected[key], tolerance)
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other, tolerance)
    elif isinstance(expected, (int, float)) and not isinstance(expected, bool):
        assert isinstance(found, (int, float)) and abs(found - expected) <= tolerance
    else:
        assert found == expected


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    return BUILD["build"]()


@pytest.mark.parametrize("name", BUILT_FILES)
def test_a_golden_file_holds_what_python_makes_of_its_cases_today(name: str, built: dict[str, Any]) -> None:
    stored = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert_close(json.loads(json.dumps(built[f"{name}.json"])), stored, stored["tolerance"])


def test_every_golden_file_is_checked() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} >= {*BUILT_FILES, "hand"}


@pytest.mark.parametrize("row", rows("curves"))
def test_a_path_leads_where_a_person_would_say(row: Any) -> None:
    places = walk(read_path(row["path"], HERE), np.array(row["phases"]))
    assert np.abs(places - np.array(row["places"])).max() <= HAND["tolerance"]


@pytest.mark.parametrize("row", rows("easings"))
def test_an_easing_has_the_values_of_its_formula(row: Any) -> None:
    values = ease(read_easing(row["easing"], HERE), np.array(row["fractions"], dtype=np.float64))
    assert np.abs(values - np.array(row["values"])).max() <= HAND["tolerance"]


@pytest.mark.parametrize("row", rows("timings"))
def test_a_timing_is_at_the_phase_that_a_person_would_say(row: Any) -> None:
    phases = phase_at(read_timing(row["timing"], HERE), np.array(row["progress"], dtype=np.float64))
    assert np.abs(phases - np.array(row["phases"])).max() <= HAND["tolerance"]


@pytest.mark.parametrize("row", rows("motions"))
def test_a_motion_takes_points_where_a_person_would_say(row: Any) -> None:
    camera = [{"region": {"kind": "frame"}, "motion": row["camera"]}] if "camera" in row else []
    layers = [{"region": row["region"], "motion": row["motion"]}, *camera]
    document = parse_document({"version": 1, "width": 200, "height": 200, "layers": layers})
    moved = move_points(document, document.layers[0], np.array(row["points"], dtype=np.float64), row["progress"])
    assert np.abs(moved - np.array(row["moved"])).max() <= HAND["tolerance"]


@pytest.mark.parametrize("row", rows("regions"))
def test_a_region_covers_the_pixels_and_starts_that_a_person_would_count(row: Any) -> None:
    layers = [{"region": row["region"]}, *([{"region": row["other"]}] if "other" in row else [])]
    document = parse_document({"version": 1, "width": 32, "height": 32, "layers": layers})
    assert region_mask(document, document.layers[0]).sum() == row["pixels"]
    assert seed_points(document, document.layers[0], 8).tolist() == row["seeds"]


@pytest.mark.parametrize("row", rows("presets"))
def test_a_preset_takes_points_where_a_person_would_say(row: Any) -> None:
    region = {"kind": "disc", "centre": [50, 50], "radius": 10}
    document = parse_document({"version": 1, "width": 200, "height": 200, "layers": [{"region": region}]})
    layer = apply_preset(document, document.layers[0], row["preset"], row["values"])
    moved = move_points(document, layer, np.array(row["points"], dtype=np.float64), row["progress"])
    assert np.abs(moved - np.array(row["moved"])).max() <= HAND["tolerance"]


def test_every_curve_easing_region_component_and_preset_has_a_row_worked_out_by_hand() -> None:
    components = [part["kind"] for row in HAND["motions"] for part in row["motion"].get("components", [])]
    assert {row["path"].get("kind", "linear") for row in HAND["curves"]} == set(KINDS)
    assert {row["easing"] for row in HAND["easings"] if isinstance(row["easing"], str)} == {*EASINGS, "step"}
    assert {row["region"]["kind"] for row in HAND["regions"]} == set(REGIONS)
    assert set(components) == set(COMPONENTS)
    assert {row["preset"] for row in HAND["presets"]} == set(PRESETS)
