"""Drawings as tracks: the shapes of SVG's paths, what moves them, and how they are walked."""

import math
from pathlib import Path

import numpy as np
import pytest

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.tracks.baked import BakedTracks
from wanmove_core.tracks.formats.svg_path import PIECES, flatten_path
from wanmove_core.tracks.interchange import ReadOptions, read_track_file
from wanmove_core.tracks.interchange_writing import encode_tracks


def ends(text: str) -> list[list[tuple[float, float]]]:
    """The parts of a path of straight lines."""
    return flatten_path(text, "d")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("M1 2 3 4 5 6", [(1, 2), (3, 4), (5, 6)]),
        ("m1 2 3 4 5 6", [(1, 2), (4, 6), (9, 12)]),
        ("M1,2L3,4", [(1, 2), (3, 4)]),
        ("M1-2l.5.5", [(1, -2), (1.5, -1.5)]),
        ("M1 2h3v4H0V0", [(1, 2), (4, 2), (4, 6), (0, 6), (0, 0)]),
        ("M1 2 L 3 4 Z", [(1, 2), (3, 4), (1, 2)]),
        ("M1e1 2E-1 L3 4", [(10, 0.2), (3, 4)]),
        (" M 1 2\n", [(1, 2)]),
    ],
)
def test_lines_are_read_in_every_spelling(text: str, places: list[tuple[float, float]]) -> None:
    assert ends(text) == [places]


def test_each_move_begins_a_track() -> None:
    assert ends("M0 0L1 1M5 5L6 6m1 1l2 2") == [[(0, 0), (1, 1)], [(5, 5), (6, 6)], [(7, 7), (9, 9)]]


@pytest.mark.parametrize(
    ("text", "middle", "end"),
    [
        ("M0 0 C 0 8 8 8 8 0", (4, 6), (8, 0)),
        ("M0 0 Q 4 8 8 0", (4, 4), (8, 0)),
        ("M9 9 m-9-9 c 0 8 8 8 8 0", (4, 6), (8, 0)),
        ("M-8 0 C -8 -8 0 -8 0 0 S 8 8 8 0", (4, 6), (8, 0)),
        ("M-8 0 Q -4 -8 0 0 T 8 0", (4, 4), (8, 0)),
        ("M0 0 S 8 8 8 0", (4, 3), (8, 0)),
        ("M0 0 T 8 8", (2, 2), (8, 8)),
        ("M0 0 A 4 4 0 0 1 8 0", (4, -4), (8, 0)),
        ("M0 0 A 4 4 0 0 0 8 0", (4, 4), (8, 0)),
        ("M0 0 a1 1 0 018 0", (4, -4), (8, 0)),
        ("M0 0 A 4 2 90 0 1 4 4", None, (4, 4)),
    ],
)
def test_curves_go_where_svg_says(text: str, middle: tuple[float, float] | None, end: tuple[float, float]) -> None:
    places = np.array(ends(text)[-1])[-PIECES - 1 :]
    assert places[-1] == pytest.approx(end, abs=1e-9)
    assert middle is None or places[PIECES // 2] == pytest.approx(middle, abs=1e-9)


def test_curves_are_counted_before_they_fill_the_memory() -> None:
    with pytest.raises(TrackError, match="has over 2,000,000 places; simplify its paths"):
        flatten_path("M0 0" + "c1 1 1 1 1 1" * 40, "d", 1000)


def test_no_drawing_is_written_that_is_not_read_back() -> None:
    positions, shown = np.zeros((1000, 2001, 2), np.float32), np.ones((1000, 2001), np.bool_)
    tracks = BakedTracks(positions, shown, 64, 48, np.zeros(2001, np.int32), ("tracks",))
    with pytest.raises(RequestError, match="2,001 tracks of 1,000 frames are too many for a drawing"):
        encode_tracks(tracks, Path("a.svg"))


@pytest.mark.parametrize("large", [0, 1])
@pytest.mark.parametrize("sweep", [0, 1])
def test_arcs_take_the_way_round_that_their_flags_say(large: int, sweep: int) -> None:
    places = np.array(ends(f"M10 0 A 10 10 0 {large} {sweep} 0 10")[0])
    # from 10, 0 to 0, 10 clockwise on the screen (sweep) about 0, 0 is the short way
    centre = (0.0, 0.0) if (large, sweep) in ((0, 1), (1, 0)) else (10.0, 10.0)
    assert np.hypot(*(places - centre).T) == pytest.approx(10, abs=1e-9)
    length = np.hypot(*np.diff(places, axis=0).T).sum()
    assert length == pytest.approx(10 * math.pi * (1.5 if large else 0.5), rel=0.01)


def tracks_of(folder: Path, inside: str, head: str = 'width="64" height="48"', length: int = 3) -> list[list[list[float]]]:
    path = folder / "a.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{inside}</svg>')
    positions = read_track_file(path, ReadOptions(length=length)).tracks.positions
    return np.round(positions.swapaxes(0, 1).astype(float), 4).tolist()


LINE = '<path d="M0 0L4 2"/>'


@pytest.mark.parametrize(
    ("transform", "end"),
    [
        ("translate(1)", [5, 2]),
        ("translate(1 2)", [5, 4]),
        ("scale(2)", [8, 4]),
        ("scale(2,3)", [8, 6]),
        ("rotate(90)", [-2, 4]),
        ("rotate(90 4 2)", [4, 2]),
        ("matrix(1 0 0 1 7 8)", [11, 10]),
        ("skewX(45)", [6, 2]),
        ("skewY(45)", [4, 6]),
        ("translate(10 0), scale(2)", [18, 4]),
    ],
)
def test_transforms_move_what_is_in_them(tmp_path: Path, transform: str, end: list[float]) -> None:
    assert tracks_of(tmp_path, f'<g transform="{transform}">{LINE}</g>')[0][-1] == end
    assert tracks_of(tmp_path, f'<path transform="{transform}" d="M0 0L4 2"/>')[0][-1] == end


@pytest.mark.parametrize(
    ("head", "end"),
    [
        ('viewBox="0 0 8 6" width="64" height="48"', [32, 16]),
        ('viewBox="-1 -1 8 6" width="64px" height="48px"', [40, 24]),
        ('viewBox="0 0 8 8" width="64" height="48"', [32, 12]),
        ('viewBox="1 1 8 6" width="100%" height="100%"', [3, 1]),
    ],
)
def test_the_view_box_is_laid_over_the_picture(tmp_path: Path, head: str, end: list[float]) -> None:
    assert tracks_of(tmp_path, LINE, head)[0][-1] == end


def test_a_drawn_path_is_walked_at_constant_speed(tmp_path: Path) -> None:
    (track,) = tracks_of(tmp_path, '<path d="M0 0 L2 0 L10 0 L10 10"/>', length=5)
    assert track == [[0, 0], [5, 0], [10, 0], [10, 5], [10, 10]]


def test_namespaces_and_what_is_not_drawn_do_not_count(tmp_path: Path) -> None:
    inside = f"<defs>{LINE}</defs><clipPath>{LINE}</clipPath><g><g>{LINE}</g></g><!-- {LINE} --><metadata/>"
    assert len(tracks_of(tmp_path, inside)) == 1
