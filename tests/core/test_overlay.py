"""The overlay draws each track where it is, and says what was lost or hidden."""

import numpy as np
import pytest

from wanmove_core.errors import RequestError
from wanmove_core.rendering.error_colours import LOST, REQUESTED, STOPS
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.overlay import LAYERS, AchievedTracks, OverlayOptions, last_known, overlay_frames
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


def _achieved(tracks: BakedTracks, away: float, lost_from: int = LENGTH) -> AchievedTracks:
    """Each point ``away`` px to the right of where it should be, and lost from a frame on."""
    followed = np.ones((LENGTH, tracks.count), np.bool_)
    followed[lost_from:] = False
    return AchievedTracks(tracks.positions + np.array([away, 0], np.float32), followed)


@pytest.mark.parametrize(("away", "stop"), [(40, 2), (16, 2), (8, 1), (2, 0), (0, 0)])
def test_what_was_achieved_has_the_colour_of_its_error(away: int, stop: int) -> None:
    """At 832 x 480, for which the steps are."""
    still = np.full((LENGTH, 1, 2), 48.5, np.float32)
    tracks = BakedTracks(still, np.ones((LENGTH, 1), np.bool_), 832, 480, np.zeros(1, np.int32), ("a",))
    picture = np.full((480, 832, 3), 128, np.uint8)
    *_, last = overlay_frames([picture] * LENGTH, tracks, _achieved(tracks, away), OverlayOptions(max_numbers=0))
    assert tuple(last[48, 48 + away]) == STOPS[stop]
    if away > 8:
        assert tuple(last[48, 48]) == REQUESTED
    if away > 20:
        assert np.abs(last[48, 68].astype(int) - STOPS[stop]).max() <= 40


def test_a_lost_point_has_a_cross_where_it_was_last_seen_and_no_error_line() -> None:
    tracks = _tracks(((20.5, 20.5), (20.5, 60.5)))
    last = _draw(tracks, _achieved(tracks, 40, lost_from=3), OverlayOptions(max_numbers=0))[-1]
    assert tuple(last[40, 60]) == LOST
    assert tuple(last[60, 60]) == tuple(last[60, 40]) == (128, 128, 128)


def test_a_point_that_should_be_hidden_is_not_called_lost() -> None:
    tracks = _tracks(((20.5, 48.5), (20.5, 48.5)), hidden=(0,))
    last = _draw(tracks, _achieved(tracks, 40, lost_from=0), OverlayOptions(max_numbers=0))[-1]
    assert (last[:, 40:] == 128).all()


def test_the_last_known_place_outlives_places_that_are_no_numbers() -> None:
    positions = np.array([[[1, 2]], [[3, 4]], [[np.nan, np.nan]], [[7, 8]]], np.float32)
    followed = np.array([[True], [True], [False], [True]])
    assert last_known(AchievedTracks(positions, followed))[:, 0].tolist() == [[1, 2], [3, 4], [3, 4], [7, 8]]


def test_a_legend_says_what_the_colours_mean_where_there_is_room() -> None:
    tracks = BakedTracks(np.full((1, 1, 2), 9, np.float32), np.ones((1, 1), np.bool_), 256, 256, np.zeros(1, np.int32), ("a",))
    picture, achieved = np.full((256, 256, 3), 128, np.uint8), AchievedTracks(tracks.positions, tracks.visibility)
    with_legend, without = (
        next(overlay_frames([picture], tracks, achieved, OverlayOptions(legend=legend))) for legend in (True, False)
    )
    assert (with_legend[-30:-10, 10:150] != 128).any() and (without[-30:] == 128).all()
    (plain,) = overlay_frames([picture], tracks, None, OverlayOptions())
    assert (plain[-30:] == 128).all()


def test_a_small_picture_has_no_legend() -> None:
    tracks = _tracks(((20, 20), (20, 20)))
    assert (_draw(tracks, _achieved(tracks, 0))[0][40:] == 128).all()


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


@pytest.mark.parametrize("with_achieved", [False, True])
def test_the_last_frame_alone_is_the_last_of_all(with_achieved: bool) -> None:
    tracks = _tracks(((10, 20), (100, 20)), ((100, 90), (10, 60)))
    achieved = _achieved(tracks, 12) if with_achieved else None
    *_, last = _draw(tracks, achieved)
    (alone,) = _draw(tracks, achieved, OverlayOptions(last_only=True))
    assert np.array_equal(alone, last)
