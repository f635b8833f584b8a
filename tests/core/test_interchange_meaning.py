"""How numbers of a track file are understood: what is told from them, what is asked for, and by which option."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.core.test_interchange import ALL, GOLDEN, PLACES, SEEN, SIZE
from wanmove_core.errors import RequestError, TrackError
from wanmove_core.tracks.interchange import Reading, ReadOptions, read_track_file, retime


def saved(folder: Path, values: Any) -> Path:
    path = folder / "a.npy"
    np.save(path, np.asarray(values))
    return path


def read(folder: Path, values: Any, *, visibility: Any = None, **said: Any) -> Reading:
    if visibility is not None:
        np.save(folder / "a_visibility.npy", np.asarray(visibility))
    return read_track_file(saved(folder, values), ReadOptions(**said))


DENSE = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), -1).reshape(16, 2) + 40 * np.arange(16.0)[:, None, None]
"""[T 16, N 16, 2]: neighbours 1 pixel apart, and all move 40 pixels a frame"""


def test_the_axis_of_frames_is_told_by_small_steps(tmp_path: Path) -> None:
    assert read(tmp_path, PLACES).axis == "frames first (detected: steps of 4 in time, 35 between tracks)"
    swapped = read(tmp_path, PLACES.swapaxes(0, 1))
    assert swapped.axis.startswith("tracks first (detected") and np.array_equal(swapped.tracks.positions, PLACES)


def test_wan_moves_pair_of_files_needs_no_axis(tmp_path: Path) -> None:
    np.save(tmp_path / "id_tracks.npy", DENSE[None])
    np.save(tmp_path / "id_visibility.npy", np.ones((1, 16, 16), np.bool_))
    reading = read_track_file(tmp_path / "id_tracks.npy")
    assert np.array_equal(reading.tracks.positions, DENSE) and reading.layout.startswith("Wan-Move's pair of npy")


def test_what_is_told_without_an_option_is_right_or_asked_for(tmp_path: Path) -> None:
    """Ordinary motion: up to 12 pixels a frame, starts all over the picture."""
    random, size = np.random.default_rng(0), np.array([832, 480])
    told = 0
    for _ in range(200):
        length, count = random.choice([9, 16, 81]), random.choice([4, 9, 40])
        places = random.uniform((0, 0), size, (1, count, 2)) + np.cumsum(random.uniform(-8, 8, (length, count, 2)), axis=0)
        values = [places, places / size, places / size * 2 - 1][random.choice(3)]
        try:
            reading = read(tmp_path, values.swapaxes(0, 1) if random.random() < 0.3 else values, size=(832, 480))
        except TrackError as error:
            assert "--axis" in str(error) or "--scale" in str(error)
        else:
            told += 1
            assert reading.tracks.positions.shape == places.shape and np.abs(reading.tracks.positions - places).max() < 0.01
    assert told > 100


def test_one_track_needs_no_axis(tmp_path: Path) -> None:
    for values in (PLACES[:, :1], PLACES[:, 0], PLACES[:, :1].swapaxes(0, 1), PLACES[None, :, :1]):
        assert np.array_equal(read(tmp_path, values).tracks.positions, PLACES[:, :1])


def test_a_length_that_contradicts_the_steps_is_asked_for(tmp_path: Path) -> None:
    clip = np.concatenate([DENSE, DENSE[:1] + 640])  # 17 frames of 16 tracks
    with pytest.raises(TrackError, match=r"shape \[17, 16, 2\], and which axis counts frames cannot be told; give --axis"):
        read(tmp_path, clip)
    assert read(tmp_path, clip, axis="frames").tracks.length == 17
    assert read(tmp_path, clip, axis="tracks").tracks.length == 16


@pytest.mark.parametrize("values", [np.zeros((5, 5, 2)), 100 * np.random.default_rng(0).random((6, 7, 2))])
def test_an_axis_that_cannot_be_told_is_asked_for(tmp_path: Path, values: np.ndarray) -> None:
    with pytest.raises(TrackError, match="give --axis frames if frames come first, --axis tracks if tracks do"):
        read(tmp_path, values, scale="pixels")


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (PLACES, "pixels (detected: values from 8 to 72)"),
        (PLACES / SIZE, "0…1 of the picture (detected: values from 0.125 to 1.125)"),
        (PLACES / SIZE * 2 - 1, "-1…1 of the picture (detected: values from -0.75 to 1.25)"),
    ],
)
def test_the_scale_is_told_by_the_values(tmp_path: Path, values: np.ndarray, scale: str) -> None:
    reading = read(tmp_path, values, size=SIZE)
    assert reading.scale == scale and np.abs(reading.tracks.positions - PLACES).max() <= 1e-5


@pytest.mark.parametrize("values", [PLACES / 8, PLACES / SIZE - 0.3, PLACES * 0 + np.nan])
def test_a_scale_that_cannot_be_told_is_asked_for(tmp_path: Path, values: np.ndarray) -> None:
    with pytest.raises(TrackError, match="give --scale pixels, --scale unit"):
        read(tmp_path, values, axis="frames", size=SIZE, hidden="nan")


def test_parts_of_a_picture_need_its_size(tmp_path: Path) -> None:
    with pytest.raises(TrackError, match="positions as 0…1 of the picture; give the picture's size with --size"):
        read(tmp_path, PLACES / SIZE)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (np.nan, "detected: 2 points hidden by NaN"),
        (-1, "detected: 2 points hidden by -1, -1"),
        (-100, "detected: 2 points hidden by -100, -100"),
    ],
)
def test_marks_hide_points(tmp_path: Path, mark: float, said: str) -> None:
    reading = read(tmp_path, np.where(SEEN[..., None], PLACES, mark))
    assert reading.visibility == said and np.array_equal(reading.tracks.visibility, SEEN)
    assert reading.tracks.positions[2, 1].tolist() == [-1, -1]


def test_points_off_the_picture_stay_visible_unless_negative_is_said_to_hide(tmp_path: Path) -> None:
    values = PLACES - (10, 0)
    assert read(tmp_path, values).tracks.visibility.all()
    assert read(tmp_path, values, hidden="negative").tracks.visibility[:, 0].tolist() == [False, True, True, True, True]
    marked = np.where(SEEN[..., None], PLACES, -1)
    assert read(tmp_path, marked, hidden="none").tracks.visibility.all()


def test_a_corner_that_may_be_a_mark_is_asked_for(tmp_path: Path) -> None:
    values = np.where(SEEN[..., None], PLACES / SIZE * 2 - 1, -1)
    with pytest.raises(TrackError, match=r"exactly -1, -1, which is hidden or the top-left corner; give --hidden=-1"):
        read(tmp_path, values, size=SIZE)
    assert np.array_equal(read(tmp_path, values, size=SIZE, hidden="-1").tracks.visibility, SEEN)
    assert read(tmp_path, values, size=SIZE, hidden="none").tracks.visibility.all()


@pytest.mark.parametrize(
    "visibility", [SEEN, SEEN[None], SEEN[..., None], SEEN[None, ..., None], SEEN.astype(np.float32) * 0.8 + 0.1]
)
def test_a_visibility_of_any_usual_shape_counts(tmp_path: Path, visibility: np.ndarray) -> None:
    reading = read(tmp_path, PLACES, visibility=visibility)
    assert np.array_equal(reading.tracks.visibility, SEEN) and reading.visibility == "from a_visibility.npy"
    assert reading.tracks.positions[2, 1].tolist() == [20, 30]


def test_visibility_goes_with_the_axis(tmp_path: Path) -> None:
    reading = read(tmp_path, PLACES.swapaxes(0, 1), visibility=SEEN.T)
    assert np.array_equal(reading.tracks.visibility, SEEN)


@pytest.mark.parametrize(
    ("visibility", "said"),
    [
        (SEEN[:4], r"the visibility \(from a_visibility.npy\) has the shape \[4, 3\]; \[5, 3\] is needed"),
        (SEEN * 7.0, "values that are not from 0 to 1"),
        (np.where(SEEN, np.nan, 1), "values that are not from 0 to 1"),
    ],
)
def test_another_visibility_is_refused(tmp_path: Path, visibility: np.ndarray, said: str) -> None:
    with pytest.raises(TrackError, match=said):
        read(tmp_path, PLACES, visibility=visibility)


def test_a_visible_place_must_be_one(tmp_path: Path) -> None:
    values = PLACES.copy()
    values[3, 1] = np.nan
    with pytest.raises(TrackError, match=r"track 1 is visible at frame 3 but its position is .* or say with --hidden"):
        read(tmp_path, values, visibility=ALL)


def test_a_rate_is_needed_for_another_rate() -> None:
    reading = read_track_file(GOLDEN / "kjnodes.json")
    with pytest.raises(RequestError, match=r"the 5 frames of the file play is not said.* give --from-fps too, or .*--length"):
        retime(reading, None, 16.0)
    assert retime(reading, 81, None).tracks.length == 81
    given = read_track_file(GOLDEN / "kjnodes.json", ReadOptions(fps=8))
    assert given.rate == "8 frames a second (given)" and retime(given, None, 16.0).tracks.length == 9


def test_a_length_alone_keeps_the_time() -> None:
    assert retime(read_track_file(GOLDEN / "ati.pth"), 81, None).fps == 16.0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"format": "gif"}, '"gif" is no known format; it is one of tracks, wan-move'),
        ({"size": (0, 5)}, "The size is 0x5"),
        ({"length": 0}, "The length is 0"),
        ({"fps": 0.0}, "The frame rate is 0.0"),
        ({"fps": float("nan")}, "The frame rate is nan"),
    ],
)
def test_options_out_of_their_limits_are_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        read_track_file(GOLDEN / "ati.pth", ReadOptions(**said))


@pytest.mark.parametrize(("length", "fps"), [(None, 0.0), (None, float("inf")), (0, None), (10**6, None), (None, 1000.0)])
def test_no_motion_is_brought_to_no_frames_or_too_many(length: int | None, fps: float | None) -> None:
    with pytest.raises(RequestError, match=r"The frame rate is|The length of the tracks is"):
        retime(read_track_file(GOLDEN / "ati.pth", ReadOptions(fps=1)), length, fps)
