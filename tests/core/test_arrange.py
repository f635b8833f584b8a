"""Tracks put together, moved, retimed and brought to another size."""

import numpy as np
import pytest

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.tracks.arrange import (
    Placement,
    merge_tracks,
    place_tracks,
    refit_tracks,
    resample_tracks,
    reverse_tracks,
)
from wanmove_core.tracks.baked import BakedTracks


def tracks_of(*places: list[tuple[float, float]], hidden: tuple[tuple[int, int], ...] = (), size: tuple[int, int] = (40, 20)):
    """One list of places a track; ``hidden`` are (frame, track)."""
    positions = np.array(places, np.float32).transpose(1, 0, 2)
    visibility = np.ones(positions.shape[:2], np.bool_)
    for frame, track in hidden:
        visibility[frame, track] = False
    return BakedTracks(positions, visibility, *size, np.zeros(len(places), np.int32), ("drawn",))


RIGHT = tracks_of([(10, 10), (12, 10), (14, 10)])


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        (Placement(), [(10, 10), (12, 10), (14, 10)]),
        (Placement(motion=2), [(10, 10), (14, 10), (18, 10)]),
        (Placement(motion=0), [(10, 10), (10, 10), (10, 10)]),
        (Placement(motion=-1), [(10, 10), (8, 10), (6, 10)]),
        (Placement(move=(3, -2)), [(13, 8), (15, 8), (17, 8)]),
        (Placement(scale=2), [(0, 10), (4, 10), (8, 10)]),
        (Placement(rotation=90), [(20, 0), (20, 2), (20, 4)]),
        (Placement(motion=2, rotation=90, scale=0.5, move=(1, 0)), [(21, 5), (21, 7), (21, 9)]),
    ],
)
def test_tracks_move_turn_and_grow_about_the_middle_of_the_picture(placement, expected) -> None:
    assert np.allclose(place_tracks(RIGHT, placement).positions[:, 0], expected, atol=1e-5)


def test_nothing_is_changed_in_the_tracks_given() -> None:
    before = RIGHT.positions.copy()
    place_tracks(RIGHT, Placement(2, 30, 2, (1, 1)))
    reverse_tracks(RIGHT)
    refit_tracks(RIGHT, 80, 80, "crop")
    assert np.array_equal(RIGHT.positions, before)


@pytest.mark.parametrize(("length", "expected"), [(5, [10, 11, 12, 13, 14]), (2, [10, 14]), (3, [10, 12, 14]), (1, [10])])
def test_retiming_keeps_the_first_and_the_last_place(length: int, expected: list[float]) -> None:
    assert resample_tracks(RIGHT, length).positions[:, 0, 0].tolist() == expected


def test_a_place_between_a_seen_and_a_hidden_frame_is_not_made_up() -> None:
    tracks = tracks_of([(10, 10), (-1, -1), (14, 10)], hidden=((1, 0),))
    longer = resample_tracks(tracks, 9)
    assert longer.visibility[:, 0].tolist() == [True, True, True, False, False, False, True, True, True]
    assert longer.positions[longer.visibility[:, 0], 0, 0].tolist() == [10, 10, 10, 14, 14, 14]


def test_backwards_the_end_is_the_start() -> None:
    backwards = reverse_tracks(tracks_of([(10, 10), (12, 10)], hidden=((0, 0),)))
    assert backwards.positions[:, 0].tolist() == [[12, 10], [10, 10]]
    assert backwards.visibility[:, 0].tolist() == [True, False]


@pytest.mark.parametrize(
    ("width", "height", "fit", "expected"),
    [(80, 40, "crop", (20, 20)), (80, 80, "stretch", (20, 40)), (80, 80, "crop", (0, 40)), (40, 10, "crop", (10, 5))],
)
def test_another_picture_size_takes_the_tracks_as_it_takes_the_picture(width, height, fit, expected) -> None:
    fitted = refit_tracks(RIGHT, width, height, fit)
    assert tuple(fitted.positions[0, 0]) == expected and (fitted.width, fitted.height) == (width, height)


def test_of_merged_tracks_the_last_part_lies_on_top_and_keeps_its_layer() -> None:
    other = tracks_of([(1, 1), (2, 2), (3, 3)], hidden=((2, 0),))
    merged = merge_tracks([RIGHT, other])
    assert merged.positions[:, :, 0].tolist() == [[10, 1], [12, 2], [14, 3]]
    assert merged.visibility[2].tolist() == [True, False]
    assert merged.layer.tolist() == [0, 1] and merged.names == ("drawn", "drawn")


@pytest.mark.parametrize(("lengths", "expected"), [("stretch", [1, 1.5, 2]), ("cut", [1, 2])])
def test_parts_of_other_lengths_are_stretched_or_cut(lengths, expected) -> None:
    merged = merge_tracks([RIGHT, tracks_of([(1, 1), (2, 2)])], lengths)
    assert merged.positions[:, 1, 0].tolist() == expected


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        (lambda: merge_tracks([]), TrackError, "connect at least one"),
        (lambda: merge_tracks([RIGHT, tracks_of([(1, 1)] * 3, size=(20, 20))]), TrackError, "20 x 20 and 40 x 20"),
        (lambda: merge_tracks([RIGHT, tracks_of([(1, 1)])], "refuse"), TrackError, "have 1 and 3 frames"),
        (lambda: merge_tracks([RIGHT], "whatever"), RequestError, "stretch, cut, refuse"),  # type: ignore[arg-type]
        (lambda: resample_tracks(RIGHT, 0), RequestError, "is 0; 1 to 4096"),
        (lambda: place_tracks(RIGHT, Placement(scale=0)), RequestError, "a finite scale over 0"),
        (lambda: place_tracks(RIGHT, Placement(motion=float("nan"))), RequestError, "finite numbers"),
        (lambda: refit_tracks(RIGHT, 0, 20, "crop"), RequestError, "0 x 20"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(act, kind, said: str) -> None:
    with pytest.raises(kind, match=said):
        act()
