"""Baking: any length, any size, said fits, depth order, and clear refusals."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmove_core.errors import DocumentError, RequestError
from wanmove_core.tracks.document import TrackDocument, parse_document
from wanmove_core.tracks.motion import move_points
from wanmove_core.tracks.sampling import bake

DOT = {"name": "dot", "region": {"kind": "point", "at": [100, 50]}, "motion": {"path": {"points": [[0, 0], [80, 0]]}}}
BOX = {"name": "box", "region": {"kind": "rectangle", "box": [16, 16, 40, 24]}, "motion": {"rotation": [[0, 0], [1, 90]]}}
FRAME = {"name": "camera", "region": {"kind": "frame"}, "motion": {"scale": [[0, 1], [1, 1.5]]}}
REST = {"name": "rest", "region": {"kind": "rest"}}


def document_of(*layers: dict[str, Any], width: int = 208, height: int = 120) -> TrackDocument:
    return parse_document({"version": 1, "width": width, "height": height, "layers": list(layers)})


def test_frames_are_spread_evenly_over_the_clip() -> None:
    baked = bake(document_of(DOT), 5, 208, 120)
    assert baked.positions[:, 0].tolist() == [[100, 50], [120, 50], [140, 50], [160, 50], [180, 50]]
    assert baked.positions.dtype == np.float32 and baked.visibility.dtype == np.bool_ and baked.layer.dtype == np.int32


def test_a_single_frame_is_the_start() -> None:
    assert bake(document_of(DOT), 1, 208, 120).positions.tolist() == [[[100, 50]]]


def test_a_target_of_the_same_shape_is_only_scaled() -> None:
    assert bake(document_of(DOT), 2, 416, 240).positions[:, 0].tolist() == [[200, 100], [360, 100]]


FITS = [("stretch", 120, 120, [100 * 120 / 208, 50]), ("crop", 120, 120, [100 - 44, 50]), ("crop", 208, 60, [100, 20])]


@pytest.mark.parametrize(("fit", "width", "height", "start"), FITS)
def test_another_shape_is_stretched_or_cropped_as_told(fit: Any, width: int, height: int, start: list[float]) -> None:
    assert bake(document_of(DOT), 2, width, height, fit).positions[0, 0].tolist() == pytest.approx(start)


def test_another_shape_without_a_word_on_the_fit_is_refused() -> None:
    with pytest.raises(RequestError, match=r'208 x 120, the target 120 x 120: another shape\. Say fit="stretch"'):
        bake(document_of(DOT), 5, 120, 120)


CELLS = [(None, 208, 120, 26 * 15), ("stretch", 96, 160, 12 * 20), ("crop", 96, 160, 12 * 20), ("crop", 300, 64, 37 * 8)]


@pytest.mark.parametrize(("fit", "width", "height", "count"), CELLS)
def test_area_tracks_start_at_the_centres_of_the_targets_cells(fit: Any, width: int, height: int, count: int) -> None:
    starts = bake(document_of(REST), 2, width, height, fit).positions[0]
    assert len(starts) == count
    assert np.abs((starts / 8) % 1 - 0.5).max() < 1e-4


def test_the_tracks_are_what_the_motion_says() -> None:
    document = document_of(BOX, FRAME)
    baked = bake(document, 7, 208, 120)
    mine = baked.positions[:, baked.layer == 0].astype(np.float64)
    for frame in range(7):
        expected = move_points(document, document.layers[0], mine[0], frame / 6)
        assert np.abs(mine[frame] - expected).max() < 1e-3


def test_depth_is_frames_then_rests_then_the_layers_as_listed() -> None:
    baked = bake(document_of(DOT, FRAME, BOX, REST), 2, 208, 120)
    order = list(dict.fromkeys(baked.layer.tolist()))
    assert order == [3, 0, 2]
    assert baked.names == ("dot", "camera", "box", "rest")


def test_the_camera_has_tracks_of_its_own_where_nothing_else_is() -> None:
    baked = bake(document_of(DOT, FRAME, BOX), 2, 208, 120)
    assert list(dict.fromkeys(baked.layer.tolist())) == [1, 0, 2]
    background = baked.positions[0, baked.layer == 1]
    inside_box = (background[:, 0] >= 16) & (background[:, 0] < 56) & (background[:, 1] >= 16) & (background[:, 1] < 40)
    assert len(background) > 300 and not inside_box.any()


def test_unnamed_layers_are_called_by_their_number() -> None:
    assert bake(document_of({"region": DOT["region"]}), 2, 208, 120).names == ("layer 1",)


def test_tracks_are_seen_only_within_their_visible_spans() -> None:
    hidden = {**DOT, "visible": [[0.25, 0.5], [1, 1]]}
    assert bake(document_of(hidden), 5, 208, 120).visibility[:, 0].tolist() == [False, True, True, False, True]


def test_a_disabled_layer_makes_no_tracks() -> None:
    baked = bake(document_of({**BOX, "enabled": False}, DOT), 2, 208, 120)
    assert baked.layer.tolist() == [1]


def test_larger_latent_cells_take_fewer_tracks() -> None:
    document = document_of({"region": {"kind": "rectangle", "box": [0, 0, 64, 64]}})
    assert (bake(document, 2, 208, 120).count, bake(document, 2, 208, 120, cell=16).count) == (64, 16)


OUTSIDE = [
    ([208, 50], "crop", 208, 120, "outside the picture (0 <= x < 208, 0 <= y < 120)"),
    ([-0.5, 50], None, 208, 120, "starts at (-0.5, 50), outside the picture"),
    ([100, 119.9999999], None, 208, 120, "outside the picture"),
    ([10, 50], "crop", 120, 120, "outside what the crop leaves of the picture (44 <= x < 164, 0 <= y < 120)"),
]


@pytest.mark.parametrize(("at", "fit", "width", "height", "complaint"), OUTSIDE)
def test_a_point_that_starts_outside_is_refused_by_name(
    at: list[float], fit: Any, width: int, height: int, complaint: str
) -> None:
    document = document_of({**DOT, "region": {"kind": "point", "at": at}})
    with pytest.raises(DocumentError) as caught:
        bake(document, 5, width, height, fit)
    assert 'Layer 1 "dot" starts at' in str(caught.value) and complaint in str(caught.value)


REFUSED = [
    (document_of(), "it has no enabled layer"),
    (document_of({**DOT, "enabled": False}), "it has no enabled layer"),
    (document_of({"region": {"kind": "disc", "centre": [900, 900], "radius": 5}}), "all its regions lie outside the picture"),
    (
        document_of({"name": "dense", "region": BOX["region"], "density": 64, "motion": {"scale": [[0, 1], [1, 9]]}}),
        'makes 77760 tracks; 65536 are allowed. Layer 1 "dense" alone makes 77760: lower its density (now 64)',
    ),
    (
        document_of({**FRAME, "motion": {"components": [{"kind": "wave"}]}}, FRAME),
        'Layer 1 "camera" has a wave, but Layer 2 "camera" lies above it',
    ),
    (
        document_of(
            {**DOT, "motion": {"path": {"points": [[0, 0], [1e6, 0]]}}},
            *[{**FRAME, "motion": {"scale": [[0, 1], [1, 100]]}}] * 3,
        ),
        'Layer 1 "dot" moves farther than 1e+09 px',
    ),
    (
        document_of({**BOX, "name": "huge"}, *[{**FRAME, "motion": {"scale": [[0, 0.01], [1, 100]]}}] * 99),
        "grows beyond all bounds; lower its scale",
    ),
]


@pytest.mark.parametrize(("document", "complaint"), REFUSED, ids=[complaint for _, complaint in REFUSED])
def test_a_document_that_cannot_be_baked_is_refused_by_name(document: TrackDocument, complaint: str) -> None:
    with pytest.raises(DocumentError) as caught:
        bake(document, 5, 208, 120)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("length", "width", "height", "fit", "complaint"),
    [
        (0, 208, 120, None, "The length of the tracks is 0; 1 to 4096"),
        (5, 0, 120, None, "The width of the tracks is 0"),
        (5, 208, 99999, "crop", "The height of the tracks is 99999"),
        (5, 208, 120, "zoom", 'The fit is "zoom"'),
    ],
)
def test_a_senseless_request_is_refused(length: int, width: int, height: int, fit: Any, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint):
        bake(document_of(DOT), length, width, height, fit)


@settings(max_examples=120, deadline=None)
@given(st.integers(1, 161), st.integers(1, 400), st.integers(1, 400), st.sampled_from(["stretch", "crop"]), st.booleans())
def test_any_length_and_size_give_finite_tracks_that_start_inside_the_same_every_time(
    length: int, width: int, height: int, fit: Any, zooming: bool
) -> None:
    document = document_of(BOX, {**REST, "density": 0.25}, *([FRAME] if zooming else []))
    baked, again = bake(document, length, width, height, fit), bake(document, length, width, height, fit)
    assert baked.positions.shape == (length, baked.count, 2)
    assert baked.visibility.shape == (length, baked.count)
    assert baked.layer.shape == (baked.count,)
    assert np.isfinite(baked.positions).all()
    assert np.array_equal(baked.positions, again.positions) and np.array_equal(baked.layer, again.layer)
    start = baked.positions[0]
    assert ((start >= 0) & (start < [width, height])).all()
