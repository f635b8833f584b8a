"""The cell view shows what the edit writes; clips stand side by side; error curves have known values."""

from collections.abc import Iterator

import numpy as np
import pytest

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.rendering.cell_view import CellViewOptions, cell_frames, source_colours
from wanmove_core.rendering.error_curves import error_curves, error_series
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.overlay import AchievedTracks
from wanmove_core.rendering.side_by_side import LabelledClip, side_by_side
from wanmove_core.tracks.baked import BakedTracks
from wanmove_core.variants import WAN21_STRIDE

BLACK = np.zeros((64, 96, 3), np.uint8)
LENGTH = 9


def straight(*ways: tuple[tuple[float, float], tuple[float, float]], length: int = LENGTH) -> BakedTracks:
    ends = np.array(ways, np.float32)
    share = np.linspace(0, 1, length, dtype=np.float32)[:, None, None]
    positions = ends[None, :, 0] * (1 - share) + ends[None, :, 1] * share
    count = len(ways)
    return BakedTracks(
        positions.astype(np.float32), np.ones((length, count), np.bool_), 96, 64, np.zeros(count, np.int32), ("a",)
    )


def cells(tracks: BakedTracks, options: CellViewOptions | None = None) -> list[Frame]:
    return list(cell_frames([BLACK] * tracks.length, tracks, WAN21_STRIDE, options))


def saturation(frame: Frame, row: int, column: int, cell: int = 16) -> int:
    """Of a pixel near a cell's corner, where no arrow or number is drawn; the unguided ground is grey."""
    pixel = frame[row * cell + 4, column * cell + 3].astype(int)
    return int(pixel.max() - pixel.min())


def test_there_is_a_picture_for_each_latent_frame_or_for_each_frame() -> None:
    tracks = straight(((4, 36), (84, 36)))
    assert [frame.shape for frame in cells(tracks)] == [(128, 192, 3)] * 3
    assert [frame.shape for frame in cells(tracks, CellViewOptions(cell=8, every_frame=True))] == [(64, 96, 3)] * 9


def test_a_cell_has_the_colour_of_its_source() -> None:
    """From cell (4, 0) to (4, 10), in the middle at (4, 5); the footprint takes the neighbours along."""
    first, middle, last = cells(straight(((4, 36), (84, 36))), CellViewOptions(max_arrows=0))
    assert [saturation(frame, 4, column) > 40 for frame, column in ((first, 0), (middle, 5), (last, 10))] == [True] * 3
    assert saturation(last, 4, 0) == saturation(last, 4, 5) == saturation(middle, 4, 10) == 0
    assert np.array_equal(first[68, 3], last[68, 163])
    wide = cells(straight(((20, 36), (84, 36))), CellViewOptions(footprint=1.0, max_arrows=0))[-1]
    assert saturation(wide, 5, 10) > 20 and saturation(wide, 6, 10) == 0


def test_a_cell_that_tracks_of_two_sources_want_is_framed_and_its_tracks_are_counted() -> None:
    alone = cells(straight(((4, 36), (44, 36))), CellViewOptions(max_arrows=0))[-1]
    contested = cells(straight(((84, 36), (44, 36)), ((4, 36), (44, 36))), CellViewOptions(max_arrows=0))[-1]
    alike = cells(straight(((5, 36), (44, 36)), ((4, 36), (44, 36))), CellViewOptions(max_arrows=0))[-1]
    assert tuple(contested[4 * 16, 5 * 16 + 5]) == (250, 250, 250) != tuple(alone[4 * 16, 5 * 16 + 5])
    assert np.array_equal(alike[4 * 16, 5 * 16 : 6 * 16], alone[4 * 16, 5 * 16 : 6 * 16])
    inner = (slice(4 * 16 + 3, 5 * 16 - 3), slice(5 * 16 + 3, 6 * 16 - 3))
    assert not np.array_equal(alike[inner], alone[inner])


def test_arrows_are_drawn_while_tracks_are_few() -> None:
    tracks = straight(((4, 36), (84, 36)))
    with_arrow, without = (cells(tracks, CellViewOptions(max_arrows=most))[-1] for most in (1, 0))
    assert (with_arrow[70:74, 60] > 150).any() and (without[70:74, 60] < 120).all()


def test_sources_have_colours_of_their_own() -> None:
    colours = source_colours(8, 12).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) == 96


@pytest.mark.parametrize(("count", "length", "options", "words", "kind"), [
    (8, 9, CellViewOptions(), "8 frames", RequestError),
    (10, 9, CellViewOptions(), "has 10 frames, the tracks have 9", RequestError),
    (8, 8, CellViewOptions(), "4k\\+1", TrackError),
    (9, 9, CellViewOptions(cell=1), "Cells of 1 px", RequestError),
    (9, 9, CellViewOptions(footprint=99), "footprint", RequestError),
])  # fmt: skip
def test_what_does_not_fit_is_refused(
    count: int, length: int, options: CellViewOptions, words: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=words):
        list(cell_frames([BLACK] * count, straight(((4, 36), (84, 36)), length=length), WAN21_STRIDE, options))


def counting(count: int, height: int = 20, width: int = 30) -> Iterator[Frame]:
    for index in range(count):
        yield np.full((height, width, 3), index + 1, np.uint8)


def test_clips_stand_side_by_side_as_high_as_the_first_that_moves() -> None:
    clips = [LabelledClip("picture", counting(1, 40, 40)), LabelledClip("draft", counting(3)), LabelledClip("", counting(3))]
    frames = list(side_by_side(clips))
    band = frames[0].shape[0] - 20
    assert [frame.shape for frame in frames] == [(band + 20, 20 + 30 + 30 + 12, 3)] * 3
    assert [[frame[-1, x, 0] for x in (0, 26, 91)] for frame in frames] == [[1, 1, 1], [1, 2, 2], [1, 3, 3]]
    assert (frames[0][:band, 26:56] > 100).any() and (frames[0][:band, 62:] < 30).all()


def test_single_pictures_make_a_single_frame() -> None:
    assert len(list(side_by_side([LabelledClip("a", counting(1)), LabelledClip("b", counting(1))]))) == 1


@pytest.mark.parametrize(("lengths", "words"), [
    ((3, 4), '"0" has 3 frames, "1" has more'), ((4, 1, 3), '"2" has 3 frames, "0" has more'), ((3, 0), '"1" has no frames'),
    ((3,), "1 clips"), ((3,) * 7, "7 clips"),
])  # fmt: skip
def test_clips_that_do_not_fit_are_refused(lengths: tuple[int, ...], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        list(side_by_side([LabelledClip(str(index), counting(length)) for index, length in enumerate(lengths)]))


def test_the_series_have_known_values() -> None:
    """Three points 0, 3 and 9 px off; the last is lost in the third frame, and the first is hidden there."""
    tracks = straight(((10, 10), (10, 10)), ((20, 10), (20, 10)), ((30, 10), (30, 10)), length=3)
    tracks.visibility[2, 0] = False
    followed = np.array([[True] * 3, [True] * 3, [True, True, False]])
    achieved = AchievedTracks(tracks.positions + np.array([[[0, 0], [3, 0], [9, 0]]], np.float32), followed)
    achieved.positions[2, 2] = (999, 999)
    series = error_series(tracks, achieved)
    assert series.mean.tolist() == [4, 4, 6]
    assert series.median.tolist() == [3, 3, 6]
    assert series.lost.tolist() == [0, 0, 50]
    assert np.isnan(series.each).tolist() == [[False] * 3, [False] * 3, [True, False, True]]


@pytest.mark.parametrize("length", [1, 2, 81])
def test_curves_are_drawn_for_any_length_and_rise_with_the_error(length: int) -> None:
    tracks = straight(((10, 10), (60, 40)), ((20, 10), (20, 10)), length=length)
    away = np.linspace(0, 20, length, dtype=np.float32)[:, None, None] * np.array([1, 0], np.float32)
    sheet = error_curves(tracks, AchievedTracks((tracks.positions + away).astype(np.float32), tracks.visibility))
    blue = (np.abs(sheet.astype(int) - (20, 60, 160)).max(axis=2) < 20)[64:430, 80:]
    assert sheet.shape == (640, 1000, 3)
    if length == 81:
        rows = [float(np.flatnonzero(blue[:, x]).mean()) for x in (100, 400, 800)]
        assert rows[0] > rows[1] > rows[2]


def test_curves_of_nothing_are_refused() -> None:
    tracks = straight(((10, 10), (60, 40)))
    with pytest.raises(RequestError, match="same tracks"):
        error_curves(tracks, AchievedTracks(np.zeros((2, 1, 2), np.float32), np.ones((2, 1), np.bool_)))
