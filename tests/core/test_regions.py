"""Regions: what they cover, whose a place is, and where tracks start."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmove_core.errors import DocumentError
from wanmove_core.tracks.document import TrackDocument, parse_document
from wanmove_core.tracks.regions import BACKGROUND_TRACKS, in_depth_order, own_mask, region_mask, seed_points
from wanmove_core.tracks.shapes import Polygon, contains

LEFT = {"region": {"kind": "rectangle", "box": [0, 0, 32, 64]}}
DISC = {"region": {"kind": "disc", "centre": [32, 32], "radius": 12}}
FRAME = {"region": {"kind": "frame"}}
REST = {"region": {"kind": "rest"}}
DOT = {"region": {"kind": "point", "at": [50, 10]}}


def document_of(*layers: dict[str, Any], width: int = 64, height: int = 64) -> TrackDocument:
    return parse_document({"version": 1, "width": width, "height": height, "layers": list(layers)})


def test_every_pixel_that_any_layer_covers_belongs_to_exactly_one() -> None:
    document = document_of(LEFT, FRAME, DISC, REST, DOT)
    owners = np.sum([own_mask(document, layer) for layer in document.layers], axis=0)
    assert np.array_equal(owners, np.ones((64, 64)))


def test_a_place_belongs_to_the_upper_of_two_layers() -> None:
    document = document_of(LEFT, DISC)
    left, disc = document.layers
    assert np.array_equal(own_mask(document, disc), region_mask(document, disc))
    assert np.array_equal(own_mask(document, left), region_mask(document, left) & ~region_mask(document, disc))


def test_a_disabled_layer_takes_nothing_from_others() -> None:
    document = document_of(FRAME, {**DISC, "enabled": False})
    assert own_mask(document, document.layers[0]).all()


def test_frames_lie_below_rests_and_rests_below_all_others() -> None:
    assert in_depth_order(document_of(LEFT, FRAME, DISC, REST, FRAME)) == [1, 4, 3, 0, 2]


def test_the_background_has_no_starts_in_the_cells_of_objects_and_points() -> None:
    document = document_of(FRAME, LEFT, DOT)
    seeds = seed_points(document, document.layers[0])
    assert len(seeds) == 8 * 8 - 4 * 8 - 1
    assert not ((seeds[:, 0] < 32) | ((seeds == [52, 12]).all(axis=1))).any()


def test_starts_are_the_cells_centres_in_reading_order() -> None:
    document = document_of({"region": {"kind": "rectangle", "box": [8, 16, 16, 16]}})
    assert seed_points(document, document.layers[0]).tolist() == [[12, 20], [20, 20], [12, 28], [20, 28]]


GROWTHS = [
    ({}, 16),
    ({"scale": [[0, 1], [1, 2]]}, 64),
    ({"scale": [[0, 1], [0.5, 1.5], [1, 1]]}, 36),
    ({"scale": [[0, 1], [1, 0.5]]}, 16),
]


@pytest.mark.parametrize(("motion", "count"), GROWTHS)
def test_what_grows_is_sown_densely_enough_for_its_largest_size(motion: dict[str, Any], count: int) -> None:
    document = document_of({"region": {"kind": "rectangle", "box": [16, 16, 32, 32]}, "motion": motion})
    assert len(seed_points(document, document.layers[0])) == count


def test_a_zooming_camera_makes_the_objects_denser_too() -> None:
    document = document_of(
        {"region": {"kind": "rectangle", "box": [16, 16, 32, 32]}}, {**FRAME, "motion": {"scale": [[0, 1], [1, 2]]}}
    )
    assert len(seed_points(document, document.layers[0])) == 64


@pytest.mark.parametrize(("density", "count"), [(1, 64), (4, 256), (0.25, 16)])
def test_density_counts_tracks_in_a_cell(density: float, count: int) -> None:
    document = document_of({**FRAME, "density": density})
    assert len(seed_points(document, document.layers[0])) == count


def test_the_background_is_never_sown_beyond_its_share() -> None:
    document = document_of({**FRAME, "motion": {"scale": [[0, 1], [1, 8]]}}, width=832, height=480)
    assert 0.9 * BACKGROUND_TRACKS < len(seed_points(document, document.layers[0])) <= BACKGROUND_TRACKS


TINY = [
    {"kind": "disc", "centre": [8, 8], "radius": 0.1},
    {"kind": "disc", "centre": [15.9, 8], "radius": 3},
    {"kind": "rectangle", "box": [7.5, 7.5, 1, 1]},
    {"kind": "polygon", "points": [[5, 5], [7, 5], [6, 6.5]]},
    {"kind": "polygon", "points": [[5, 5], [7, 7], [9, 9]]},
    {"kind": "brush", "points": [[1, 1], [1, 60]], "radius": 0.5},
    {"kind": "mask", "columns": 64, "rows": 64, "runs": [70, 1, 4025], "cell": 1},
]


@pytest.mark.parametrize("region", TINY)
def test_a_region_between_the_centres_still_gets_one_track_inside_it(region: dict[str, Any]) -> None:
    document = document_of({"region": region})
    seeds = seed_points(document, document.layers[0])
    assert len(seeds) == 1
    x, y = seeds[0]
    shape = document.layers[0].region
    assert contains(shape, np.array([x]), np.array([y])).all() or [x, y] == [7, 7]


def test_a_region_outside_the_picture_has_no_starts() -> None:
    document = document_of({"region": {"kind": "disc", "centre": [500, 30], "radius": 20}})
    assert seed_points(document, document.layers[0]).shape == (0, 2)


def test_only_what_lies_inside_the_window_is_sown() -> None:
    document = document_of(FRAME)
    seeds = seed_points(document, document.layers[0], 8, (4.0, 16.0, 60.0, 48.0))
    assert seeds.min(axis=0).tolist() == [8, 20]
    assert seeds.max(axis=0).tolist() == [56, 44]
    assert len(seeds) == 7 * 4


def test_a_region_that_grows_without_sense_is_refused_by_name() -> None:
    wild = {"name": "wild", **DISC, "density": 64, "motion": {"scale": [[0, 0.01], [1, 100]]}}
    document = document_of(wild)
    with pytest.raises(DocumentError, match='Layer 1 "wild" is so large and dense that a grid of'):
        seed_points(document, document.layers[0])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(-10, 40), st.integers(-10, 40)), min_size=3, max_size=9), st.integers(0, 5))
def test_a_polygon_is_filled_by_the_even_odd_rule(corners: list[tuple[int, int]], shift: int) -> None:
    """Against the textbook's loop over one place and one edge at a time."""
    xs, ys = np.arange(30, dtype=np.float64) + 0.25 * shift, np.arange(30, dtype=np.float64) + 0.5
    found = contains(Polygon(tuple((float(x), float(y)) for x, y in corners)), xs, ys)
    for row, column in [(0, 0), (7, 11), (15, 15), (20, 3), (29, 29)]:
        x, y, inside = xs[column], ys[row], False
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if (y1 <= y) != (y2 <= y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                inside = not inside
        assert found[row, column] == inside
