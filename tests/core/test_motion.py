"""Layers start where the picture shows them, and the camera comes after their own motion."""

import math
from typing import Any

import numpy as np
import pytest

from wanmove_core.tracks.components import COMPONENTS, hash32, make_component
from wanmove_core.tracks.document import TrackDocument, parse_document
from wanmove_core.tracks.motion import affine_at, affines_at, anchor_of, has_ripple, move_points, ripple_at, scales_at

POINTS = np.array([[10.0, 20.0], [60.5, 33.25], [0.0, 79.0]])
RICH: dict[str, Any] = {
    "path": {"kind": "catmull-rom", "points": [[0, 0], [20, 10], [30, -10]]},
    "rotation": [[0, 25], [1, 90]],
    "scale": [[0, 2], [1, 0.5]],
}


def document_of(*layers: dict[str, Any]) -> TrackDocument:
    return parse_document({"version": 1, "width": 128, "height": 80, "layers": list(layers)})


def disc(**motion: Any) -> dict[str, Any]:
    return {"region": {"kind": "disc", "centre": [40, 30], "radius": 9}, "motion": motion}


def camera(**motion: Any) -> dict[str, Any]:
    return {"region": {"kind": "frame"}, "motion": motion}


@pytest.mark.parametrize("kind", COMPONENTS)
@pytest.mark.parametrize("timing", [{}, {"reverse": True}, {"start": 0.3}, {"repeat": "loop", "cycles": 2, "reverse": True}])
def test_at_progress_0_every_layer_is_where_the_picture_shows_it(kind: str, timing: dict[str, Any]) -> None:
    document = document_of(disc(components=[{"kind": kind}], timing=timing, **RICH), camera(**RICH, timing=timing))
    for layer in document.layers:
        assert np.abs(move_points(document, layer, POINTS, 0.0) - POINTS).max() < 1e-9


def test_a_layer_without_motion_stays() -> None:
    document = document_of(disc())
    assert affine_at(document, document.layers[0], 0.7).tolist() == [[1, 0, 0], [0, 1, 0]]


def test_the_camera_carries_objects_and_pins_alike() -> None:
    pan = camera(path={"points": [[0, 0], [-30, 6]]})
    document = document_of(disc(path={"points": [[0, 0], [10, 0]]}), {"region": {"kind": "point", "at": [5, 5]}}, pan)
    moved = [move_points(document, layer, POINTS, 1.0) - POINTS for layer in document.layers]
    assert np.abs(moved[0] - [-20, 6]).max() < 1e-9
    assert np.abs(moved[1] - [-30, 6]).max() < 1e-9
    assert np.abs(moved[2] - [-30, 6]).max() < 1e-9


def test_several_cameras_compose_from_the_bottom_up() -> None:
    pan, zoom = camera(path={"points": [[0, 0], [10, 0]]}), camera(scale=[[0, 1], [1, 2]], anchor=[0, 0])
    first, second = document_of(disc(), pan, zoom), document_of(disc(), zoom, pan)
    assert move_points(first, first.layers[0], np.array([[1.0, 1.0]]), 1.0) == pytest.approx(np.array([[22, 2]]))
    assert move_points(second, second.layers[0], np.array([[1.0, 1.0]]), 1.0) == pytest.approx(np.array([[12, 2]]))


def test_a_disabled_camera_moves_nothing() -> None:
    document = document_of(disc(), {**camera(path={"points": [[0, 0], [10, 0]]}), "enabled": False})
    assert affine_at(document, document.layers[0], 1.0).tolist() == [[1, 0, 0], [0, 1, 0]]


def test_moving_points_is_the_ripple_and_then_the_affine_map() -> None:
    document = document_of(disc(components=[{"kind": "wave"}, {"kind": "burst"}, {"kind": "sway"}], **RICH), camera(**RICH))
    layer = document.layers[0]
    affine, ripple = affine_at(document, layer, 0.6), ripple_at(layer, POINTS, 0.6)
    expected = (POINTS + ripple) @ affine[:, :2].T + affine[:, 2]
    assert np.array_equal(move_points(document, layer, POINTS, 0.6), expected)
    assert np.abs(ripple).max() > 1


def test_only_waves_and_bursts_ripple() -> None:
    rippling = {kind for kind in COMPONENTS if has_ripple(document_of(disc(components=[{"kind": kind}])).layers[0])}
    assert rippling == {"wave", "burst"}
    assert not ripple_at(document_of(disc(**RICH)).layers[0], POINTS, 0.5).any()


def test_many_frames_at_once_are_the_frames_one_by_one() -> None:
    document = document_of(disc(components=[{"kind": "shake"}], **RICH), camera(**RICH))
    progress = np.linspace(0, 1, 9)
    together = affines_at(document, document.layers[0], progress)
    apart = [affine_at(document, document.layers[0], float(p)) for p in progress]
    assert np.abs(together - np.stack(apart)).max() < 1e-12


def test_the_scale_of_a_layer_includes_the_camera() -> None:
    document = document_of(disc(scale=[[0, 1], [1, 3]]), camera(scale=[[0, 1], [1, 2]], rotation=[[0, 0], [1, 33]]))
    assert scales_at(document, document.layers[0], np.array([0.0, 1.0])).tolist() == pytest.approx([1, 6])


ANCHORS = [
    ({"kind": "point", "at": [3, 4]}, (3, 4)),
    ({"kind": "disc", "centre": [3, 4], "radius": 2}, (3, 4)),
    ({"kind": "rectangle", "box": [10, 20, 30, 40]}, (25, 40)),
    ({"kind": "polygon", "points": [[0, 0], [10, 0], [2, 8]]}, (5, 4)),
    ({"kind": "brush", "points": [[0, 0], [10, 4]], "radius": 3}, (5, 2)),
    ({"kind": "mask", "columns": 4, "rows": 4, "runs": [5, 2, 9], "cell": 8}, (16, 12)),
    ({"kind": "frame"}, (64, 40)),
    ({"kind": "rest"}, (64, 40)),
]


@pytest.mark.parametrize(("region", "anchor"), ANCHORS)
def test_a_layer_turns_about_the_middle_of_its_box_unless_told_otherwise(region: Any, anchor: tuple[float, float]) -> None:
    document = document_of({"region": region})
    assert anchor_of(document, document.layers[0]) == anchor


@pytest.mark.parametrize(("seed", "channel", "index"), [(0, 0, 0), (1, 2, -3), (2**31 - 1, 7, 123456789)])
def test_the_noise_is_32_bit_arithmetic_that_any_language_has(seed: int, channel: int, index: int) -> None:
    x = (index * 0x9E3779B1 + seed * 0x85EBCA6B + channel * 0xC2B2AE35) % 2**32
    x = (x ^ x >> 16) * 0x85EBCA6B % 2**32
    x = (x ^ x >> 13) * 0xC2B2AE35 % 2**32
    assert hash32(seed, channel, np.array([index]))[0] == (x ^ x >> 16) / 2**31 - 1


def test_the_seed_alone_decides_how_a_hand_shakes() -> None:
    documents = [document_of(disc(components=[{"kind": "shake", "seed": seed}])) for seed in (1, 1, 2)]
    progress = np.linspace(0, 1, 20)
    one, again, other = (affines_at(document, document.layers[0], progress) for document in documents)
    assert np.array_equal(one, again)
    assert np.abs(one - other).max() > 1


def test_a_ball_never_falls_through_its_floor_and_comes_to_rest() -> None:
    values = make_component("gravity", {"gravity": 5000, "floor": 100, "bounce": 0.5, "speed_y": -300}).named()
    pose_of = COMPONENTS["gravity"].pose
    assert pose_of is not None
    heights = pose_of(values, np.linspace(0, 1, 400)).shift[:, 1]
    assert heights.max() <= 100 + 1e-9
    assert math.isclose(heights[-1], 100)
    assert np.abs(np.diff(heights)).max() < 5


def test_fragments_of_a_burst_fly_whole() -> None:
    document = document_of(disc(components=[{"kind": "burst", "grain": 10}]))
    layer = document.layers[0]
    first, same, other = ripple_at(layer, np.array([[41.0, 31.0], [49.0, 39.0], [51.0, 31.0]]), 1.0)
    assert np.array_equal(first, same)
    assert not np.allclose(first, other)
