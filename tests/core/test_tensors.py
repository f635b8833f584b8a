"""Tracks as tensors: copied, checked, rescaled and cropped without touching what was given."""

import numpy as np
import pytest
import torch

from wanmove_core.errors import TrackError
from wanmove_core.tracks.baked import BakedTracks
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake
from wanmove_core.tracks.tensors import crop, make_tracks, rescale, to_baked, to_tensors


def baked_box() -> BakedTracks:
    layers = [
        {"name": "box", "region": {"kind": "rectangle", "box": [8, 8, 16, 16]}},
        {"name": "rest", "region": {"kind": "rest"}},
    ]
    return bake(parse_document({"version": 1, "width": 64, "height": 32, "layers": layers}), 5, 64, 32)


def test_baked_tracks_come_back_from_tensors_the_same() -> None:
    baked = baked_box()
    back = to_baked(to_tensors(baked))
    for name in ("positions", "visibility", "layer"):
        assert np.array_equal(getattr(back, name), getattr(baked, name))
        assert getattr(back, name).dtype == getattr(baked, name).dtype
    assert (back.width, back.height, back.names) == (64, 32, ("box", "rest"))


def test_tensors_do_not_share_memory_with_the_baked_tracks() -> None:
    baked = baked_box()
    to_tensors(baked).positions.zero_()
    assert baked.positions.any()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int32])
def test_raw_tracks_of_any_type_become_float32_and_visible(dtype: torch.dtype) -> None:
    tracks = make_tracks(torch.ones(3, 2, 2, dtype=dtype), None, 64, 32)
    assert tracks.positions.dtype == torch.float32 and bool(tracks.visibility.all())
    assert (tracks.length, tracks.count) == (3, 2)


def test_a_hidden_point_may_be_anywhere_at_all() -> None:
    positions = torch.tensor([[[float("nan"), 1.0]], [[2.0, 3.0]]])
    tracks = make_tracks(positions, torch.tensor([[0], [1]]), 64, 32)
    assert tracks.positions.tolist() == [[[-1, -1]], [[2, 3]]]
    assert tracks.visibility.tolist() == [[False], [True]]
    assert bool(positions.isnan().any())


REFUSED = [
    (torch.zeros(3, 2), None, r"shape \[3, 2\]; \[frames, tracks, 2\] is needed"),
    (torch.zeros(3, 2, 3), None, r"shape \[3, 2, 3\]"),
    (torch.zeros(0, 2, 2), None, "2 tracks over 0 frames"),
    (torch.zeros(3, 0, 2), None, "0 tracks over 3 frames"),
    (torch.zeros(3, 2, 2), torch.ones(2, 3), r"visibility must be \[3, 2\]"),
    (torch.tensor([[[0.0, float("inf")]]]), None, "Track 0 is visible at frame 0 but its position is"),
]


@pytest.mark.parametrize(("positions", "visibility", "complaint"), REFUSED)
def test_raw_tracks_of_a_wrong_shape_or_value_are_refused(
    positions: torch.Tensor, visibility: torch.Tensor | None, complaint: str
) -> None:
    with pytest.raises(TrackError, match=complaint):
        make_tracks(positions, visibility, 64, 32)


def test_rescaling_stretches_each_side_on_its_own() -> None:
    tracks = make_tracks(torch.tensor([[[10.0, 20.0]]]), None, 64, 32)
    wider = rescale(tracks, 128, 16)
    assert wider.positions.tolist() == [[[20, 10]]]
    assert (wider.width, wider.height, tracks.positions.tolist()) == (128, 16, [[[10, 20]]])


def test_cropping_keeps_what_leaves_the_picture() -> None:
    tracks = make_tracks(torch.tensor([[[10.0, 20.0], [50.0, 5.0]]]), None, 64, 32)
    assert crop(tracks, 16, 8, 32, 16).positions.tolist() == [[[-6, 12], [34, -3]]]
