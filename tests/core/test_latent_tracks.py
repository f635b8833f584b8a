"""Pixels become cells: which frame, which cell, and what is outside."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmove_core.errors import RequestError, TrackError, WanMoveError
from wanmove_core.guidance.latent_tracks import fit_to_latent, to_latent_tracks, video_size
from wanmove_core.tracks.tensors import make_tracks
from wanmove_core.variants import WAN21_STRIDE, LatentStride

NAN, INF = float("nan"), float("inf")


def tracks_of(*paths: list[tuple[float, float]], hidden: tuple[tuple[int, int], ...] = (), size: tuple[int, int] = (32, 16)):
    """Tracks from one list of (x, y) a track; ``hidden`` names (frame, track)."""
    positions = torch.tensor(paths, dtype=torch.float32).transpose(0, 1)
    visibility = torch.ones(positions.shape[:2], dtype=torch.bool)
    for frame, track in hidden:
        visibility[frame, track] = False
    return make_tracks(positions, visibility, *size)


@pytest.mark.parametrize(
    ("point", "cell", "valid"),
    [
        ((0, 0), [0, 0], True),
        ((7.999, 7.999), [0, 0], True),
        ((8, 0), [0, 1], True),
        ((0, 8), [1, 0], True),
        ((31.99, 15.99), [1, 3], True),
        ((32, 0), [-1, -1], False),  # the right border is outside
        ((0, 16), [-1, -1], False),
        ((-0.01, 4), [-1, -1], False),
        ((1e30, 4), [-1, -1], False),
    ],
)
def test_a_cell_holds_its_left_and_upper_border_and_what_is_beyond_the_picture_is_outside(point, cell, valid):
    result = to_latent_tracks(tracks_of([point]), WAN21_STRIDE)
    assert result.cells.tolist() == [[cell]]
    assert result.valid.tolist() == [[valid]]
    assert result.source.tolist() == [cell]
    assert result.source_valid.tolist() == [valid]


def test_last_reads_frames_0_4_8():
    path = [(float(frame), 0.0) for frame in range(9)]
    result = to_latent_tracks(tracks_of(path), LatentStride(4, 1, 1))
    assert result.cells[:, 0, 1].tolist() == [0, 4, 8]
    assert (result.length, result.count, result.height, result.width) == (3, 1, 16, 32)


def test_mean_averages_the_frames_that_a_latent_frame_covers():
    path = [(float(2 * frame), 0.0) for frame in range(9)]
    result = to_latent_tracks(tracks_of(path), LatentStride(4, 1, 1), temporal="mean")
    assert result.cells[:, 0, 1].tolist() == [0, 5, 13]  # (2+4+6+8)/4 and (10+12+14+16)/4


def test_mean_leaves_hidden_frames_out_and_a_chunk_without_visible_frames_is_hidden():
    path = [(0.0, 0.0), (2.0, 0.0), (30.0, 0.0), (4.0, 0.0), (30.0, 0.0)] + [(9.0, 0.0)] * 4
    hidden = ((2, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0))
    result = to_latent_tracks(tracks_of(path, hidden=hidden), LatentStride(4, 1, 1), temporal="mean")
    assert result.cells[:, 0, 1].tolist() == [0, 3, -1]
    assert result.valid[:, 0].tolist() == [True, True, False]


def test_a_hidden_start_keeps_its_source_and_a_start_outside_has_none():
    inside, outside = [(9.0, 9.0)] * 5, [(-1.0, 9.0)] * 4 + [(9.0, 9.0)]
    result = to_latent_tracks(tracks_of(inside, outside, hidden=((0, 0),)), WAN21_STRIDE)
    assert result.source.tolist() == [[1, 1], [-1, -1]]
    assert result.source_valid.tolist() == [True, False]
    assert result.valid.tolist() == [[False, False], [True, True]]
    assert result.writes.tolist() == [[False, False], [True, False]]
    assert result.skipped == 1


@pytest.mark.parametrize(("length", "advice"), [(2, "1 or 5"), (80, "77 or 81"), (84, "81 or 85")])
def test_a_length_that_is_not_4k_plus_1_is_refused_with_the_lengths_that_fit(length, advice):
    tracks = make_tracks(torch.zeros(length, 1, 2), None, 32, 16)
    with pytest.raises(TrackError, match=rf"have {length} frames.*{advice}"):
        to_latent_tracks(tracks, WAN21_STRIDE)


def test_a_single_frame_has_one_latent_frame_in_either_mode():
    for temporal in ("last", "mean"):
        assert to_latent_tracks(tracks_of([(9.0, 9.0)]), WAN21_STRIDE, temporal).cells.tolist() == [[[1, 1]]]


def test_a_picture_that_is_not_the_target_size_is_refused_and_rescale_is_named():
    with pytest.raises(TrackError, match=r"30x16.*8x8.*rescale"):
        to_latent_tracks(tracks_of([(1.0, 1.0)], size=(30, 16)), WAN21_STRIDE)


def test_an_unknown_temporal_choice_is_refused_by_name():
    with pytest.raises(RequestError, match=r'"average".*last, mean'):
        to_latent_tracks(tracks_of([(1.0, 1.0)]), WAN21_STRIDE, temporal="average")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("value", [NAN, INF, -INF])
@pytest.mark.parametrize("temporal", ["last", "mean"])
def test_positions_that_are_not_finite_are_outside(value, temporal):
    tracks = tracks_of([(9.0, 9.0)] * 9)
    tracks.positions[4:, 0, 0] = value
    assert to_latent_tracks(tracks, WAN21_STRIDE, temporal).valid[:, 0].tolist() == [True, False, False]


@pytest.mark.parametrize("stride", [3, 5, 7, 16])
def test_a_stride_that_is_no_power_of_two_still_gives_the_cell_that_the_pixel_is_in(stride):
    side = stride * 6
    just_below = torch.nextafter(torch.arange(1, 7) * float(stride), torch.tensor(0.0))
    tracks = make_tracks(torch.stack([just_below, just_below], dim=-1).unsqueeze(0), None, side, side)
    assert to_latent_tracks(tracks, LatentStride(4, stride, stride)).cells[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_argument_is_not_written_to():
    tracks = tracks_of([(9.0, 9.0)] * 5)
    before = tracks.positions.clone(), tracks.visibility.clone()
    for temporal in ("last", "mean"):
        to_latent_tracks(tracks, WAN21_STRIDE, temporal)
    assert torch.equal(tracks.positions, before[0])
    assert torch.equal(tracks.visibility, before[1])


DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool)
VALUES = st.sampled_from([0.0, 1.0, -1.0, 7.5, 32.0, 16.0, 1e38, -1e38, 1e300, NAN, INF, -INF])


@settings(max_examples=300, deadline=None)
@given(
    shape=st.lists(st.integers(0, 6), min_size=0, max_size=4),
    seen=st.none() | st.lists(st.integers(0, 6), min_size=0, max_size=3),
    value=VALUES,
    dtypes=st.tuples(st.sampled_from(DTYPES), st.sampled_from(DTYPES)),
    size=st.tuples(st.integers(-8, 33), st.integers(-8, 33)),
    stride=st.sampled_from([WAN21_STRIDE, LatentStride(4, 16, 16), LatentStride(1, 1, 1), LatentStride(3, 5, 7)]),
    temporal=st.sampled_from(["last", "mean"]),
)
def test_malformed_arrays_give_only_errors_of_the_project(shape, seen, value, dtypes, size, stride, temporal):
    wanted = shape if len(shape) == 3 and shape[2] == 2 else [*shape[:2], 2]
    for form in (shape, wanted):
        positions = torch.full(form, value, dtype=torch.float64).to(dtypes[0])
        visibility = None if seen is None else torch.ones(seen).to(dtypes[1])
        try:
            result = to_latent_tracks(make_tracks(positions, visibility, *size), stride, temporal)
        except WanMoveError:
            continue
        assert result.cells.shape == (stride.latent_length(form[0]), form[1], 2)
        assert bool((result.cells >= -1).all())


def test_a_latent_says_the_size_of_its_video():
    assert video_size(torch.zeros(1, 16, 3, 2, 4), WAN21_STRIDE) == (9, 32, 16)


@pytest.mark.parametrize(("size", "expected"), [((32, 16), [8.0, 4.0]), ((64, 32), [4.0, 2.0])])
def test_tracks_of_the_same_shape_are_scaled_to_the_video(size, expected):
    fitted = fit_to_latent(tracks_of([(8, 4)], size=size), torch.zeros(16, 1, 2, 4), WAN21_STRIDE)
    assert fitted.positions[0, 0].tolist() == expected and (fitted.width, fitted.height) == (32, 16)


@pytest.mark.parametrize(
    ("tracks", "said"),
    [
        (tracks_of([(8, 4)] * 4), "have 4 frames, the video has 5"),
        (tracks_of([(8, 4)] * 5, size=(32, 32)), "32 x 32, the video is 32 x 16: another shape"),
    ],
)
def test_tracks_of_another_length_or_shape_are_refused(tracks, said):
    with pytest.raises(TrackError, match=said):
        fit_to_latent(tracks, torch.zeros(16, 2, 2, 4), WAN21_STRIDE)
