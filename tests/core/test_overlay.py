"""The overlay draws each track where it is, and says what was lost or hidden."""

import numpy as np
import pytest

from wanmove_core.errors import RequestError
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.overlay import ACHIEVED, ERROR, LAYERS, REQUESTED, AchievedTracks, OverlayOptions, overlay_frames
from wanmove_core.tracks.baked import BakedTracks

SIZE, LENGTH = 96, 5
GREY = np.full((SIZE, SIZE, 3), 128, np.uint8)


def _tracks(*ways: tuple[tuple[float, float], tuple[float, float]], hidden: tuple[int, ...] = ()) -> BakedTracks:
    """A straight track from the first to the second place of each way, one layer a track."""
    ends = np.array(ways, np.float32)
    share = np.linspace(0, 1, LENGTH, dtype=np.float32)[:, None, None]
    positions = ends[None, :, 0] * (1 - share) + ends[None, :, 1] * share
    visibility = np.ones(positions.shape[:2], np.bool_)
    visibility[:, list(hidden)] = False
    names = tuple(str(index) for index in range(len(ways)))
    return BakedTracks(positions.astype(np.float32), visibility, SIZE, SIZE, np.arange(len(ways), dtype=np.int32), names)


def _draw(tracks: BakedTracks, achieved: AchievedTracks | None = None, options: OverlayOptions | None = None) -> list[Frame]:
    return list(overlay_frames([GREY] * LENGTH, tracks, achieved, options))


def test_a_dot_lies_where_the_track_is() -> None:
    tracks = _tracks(((20.5, 30.5), (60.5, 70.5)))
    for index, frame in enumerate(_draw(tracks)):
        x, y = np.floor(tracks.positions[index, 0]).astype(int)
        assert tuple(frame[y, x]) == LAYERS[0]


def test_each_layer_has_its_colour() -> None:
    last = _draw(_tracks(((20.5, 20.5), (20.5, 60.5)), ((70.5, 20.5), (70.5, 60.5))))[-1]
    assert tuple(last[60, 20]) == LAYERS[0]
    assert tuple(last[60, 70]) == LAYERS[1]


def test_the_tail_fades_with_age_and_ends() -> None:
    options = OverlayOptions(tail=3, max_numbers=0)
    last = _draw(_tracks(((10.5, 48.5), (90.5, 48.5))), options=options)[-1]
    strength = [np.abs(last[48, x].astype(int) - 128).max() for x in (80, 60, 40, 16)]
    assert strength[0] > strength[1] > strength[2] > 0
    assert strength[3] == 0


def test_a_hidden_point_is_hollow_and_leaves_no_tail() -> None:
    last = _draw(_tracks(((10.5, 48.5), (80.5, 48.5)), hidden=(0,)), options=OverlayOptions(max_numbers=0))[-1]
    assert tuple(last[48, 80]) == (128, 128, 128)
    assert (last != 128).any()
    assert (last[:, :70] == 128).all()


def test_requested_and_achieved_have_two_colours_and_a_line_between() -> None:
    tracks = _tracks(((20.5, 48.5), (20.5, 48.5)))
    achieved = AchievedTracks(tracks.positions + np.array([40, 0], np.float32), np.ones((LENGTH, 1), np.bool_))
    last = _draw(tracks, achieved, OverlayOptions(max_numbers=0))[-1]
    assert tuple(last[48, 20]) == REQUESTED
    assert tuple(last[48, 60]) == ACHIEVED
    assert np.abs(last[48, 40].astype(int) - ERROR).max() <= 40


def test_a_lost_point_has_no_error_line() -> None:
    tracks = _tracks(((20.5, 48.5), (20.5, 48.5)))
    achieved = AchievedTracks(tracks.positions + np.array([40, 0], np.float32), np.zeros((LENGTH, 1), np.bool_))
    assert tuple(_draw(tracks, achieved)[-1][48, 40]) == (128, 128, 128)


def test_numbers_are_written_for_few_tracks_only() -> None:
    tracks = _tracks(((48.5, 48.5), (48.5, 48.5)))
    few, many = (_draw(tracks, options=OverlayOptions(max_numbers=count))[0] for count in (1, 0))
    assert (few[30:46, 54:70] != 128).any()
    assert (many[30:46, 56:70] == 128).all()


def test_dense_tracks_are_thinned_to_the_stated_number() -> None:
    ways = tuple(((x + 0.5, y + 0.5), (x + 0.5, y + 0.5)) for x in range(6, 96, 12) for y in range(6, 96, 12))
    frame = _draw(_tracks(*ways), options=OverlayOptions(max_tracks=10, max_numbers=0))[0]
    drawn = sum(tuple(frame[int(y), int(x)]) != (128, 128, 128) for (x, y), _ in ways)
    assert drawn == 10


def test_points_far_outside_are_drawn_without_harm() -> None:
    frames = _draw(_tracks(((1e7, -1e7), (-1e7, 1e7)), ((48, 48), (1e6, 48))))
    assert len(frames) == LENGTH


def test_the_frames_given_stay_as_they_are() -> None:
    _draw(_tracks(((20, 20), (60, 60))))
    assert (GREY == 128).all()


def test_a_label_is_written_in_the_corner() -> None:
    frame = _draw(_tracks(((60, 60), (60, 60))), options=OverlayOptions(label="draft, no model"))[0]
    assert (frame[:28, :60] != 128).any()


@pytest.mark.parametrize(("count", "size", "words"), [(4, 96, "4 frames"), (6, 96, "more frames"), (5, 64, "64x64")])
def test_frames_that_do_not_fit_the_tracks_are_refused(count: int, size: int, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        list(overlay_frames([GREY[:size, :size]] * count, _tracks(((20, 20), (60, 60)))))


def test_achieved_tracks_of_another_shape_are_refused() -> None:
    achieved = AchievedTracks(np.zeros((LENGTH, 2, 2), np.float32), np.ones((LENGTH, 2), np.bool_))
    with pytest.raises(RequestError, match="must be the same tracks"):
        _draw(_tracks(((20, 20), (60, 60))), achieved)
