"""Tracks as the JSON text of other nodes."""

import numpy as np
import pytest

from wanmove_core.errors import TrackError
from wanmove_core.tracks.coords_json import read_coords, write_coords

TWO = '[[{"x": 1, "y": 2}, {"x": 3.5, "y": 4}], [{"x": 5, "y": 6}, {"x": 7, "y": 8}]]'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TWO, [[[1, 2], [5, 6]], [[3.5, 4], [7, 8]]]),
        ('[{"x": 1, "y": 2}, {"x": 3, "y": 4}]', [[[1, 2]], [[3, 4]]]),
        ("[[{'x': 1, 'y': 2}]]", [[[1, 2]]]),
    ],
)
def test_tracks_are_read_with_frames_first(text: str, expected: object) -> None:
    tracks = read_coords(text, 832, 480)
    assert tracks.positions.tolist() == expected and tracks.positions.dtype == np.float32
    assert tracks.visibility.all() and (tracks.width, tracks.height) == (832, 480)


def test_what_is_written_is_read_back() -> None:
    tracks = read_coords(TWO, 832, 480)
    assert np.array_equal(read_coords(write_coords(tracks), 832, 480).positions, tracks.positions)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "no list of tracks"),
        ("3", "no list of tracks"),
        ("[[]]", "1 tracks of 0 places"),
        ('[[{"x": 1, "y": 2}], []]', "from 0 to 1 places"),
        ('[[{"x": 1}]]', "Place 0 of track 0"),
        ('[[{"x": 1, "y": NaN}]]', "Place 0 of track 0"),
        ('[[{"x": 1, "y": true}]]', "Place 0 of track 0"),
        ('[[{"x": 1, "y": 1e300}]]', "Place 0 of track 0"),
        ('[[{"x": 1, "y": 2}, 3]]', "Place 1 of track 0"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_other_text_is_refused(text: str, said: str) -> None:
    with pytest.raises(TrackError, match=said):
        read_coords(text, 832, 480)
