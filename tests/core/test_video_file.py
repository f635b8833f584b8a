"""Video files: what is written can be read back, and what fails leaves nothing behind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from wanmove_core.errors import MediaError
from wanmove_core.rendering.frames import Frame, Picture
from wanmove_core.rendering.video_file import VideoWriter, read_video, video_info, write_video


def _gradient(height: int = 48, width: int = 64, shift: int = 0) -> Frame:
    """Smooth colours: H.264 and halved chroma keep them within a few levels."""
    x, y = np.meshgrid(np.linspace(20, 220, width), np.linspace(20, 220, height))
    return np.stack([x, y, np.full_like(x, 60 + 10 * shift)], axis=-1).astype(np.uint8)


def test_frames_come_back_in_order_with_their_colours(tmp_path: Path) -> None:
    frames = [_gradient(shift=shift) for shift in range(6)]
    assert write_video(tmp_path / "a.mp4", frames, fps=16) == 6
    found = list(read_video(tmp_path / "a.mp4"))
    assert len(found) == 6
    for wanted, frame in zip(frames, found, strict=True):
        assert frame.shape == (48, 64, 3)
        assert np.abs(frame.astype(int) - wanted).mean() < 3


def test_the_file_says_its_size_rate_and_length(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [_gradient()] * 5, fps=16)
    info = video_info(tmp_path / "a.mp4")
    assert (info.width, info.height, info.fps, info.frames) == (64, 48, 16.0, 5)


def test_the_index_lies_before_the_pictures_so_that_a_browser_starts_at_once(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [_gradient()] * 3)
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    "make", [torch.from_numpy, lambda frame: frame / 255.0, lambda frame: torch.from_numpy(frame / 255.0).half()]
)
def test_torch_and_float_frames_are_the_same_as_uint8_ones(tmp_path: Path, make: Callable[[Frame], Picture]) -> None:
    write_video(tmp_path / "a.mp4", [make(_gradient())])
    write_video(tmp_path / "b.mp4", [_gradient()])
    one, other = (next(read_video(tmp_path / name)).astype(int) for name in ("a.mp4", "b.mp4"))
    assert np.abs(one - other).max() <= 3


def test_odd_sizes_grow_by_a_repeated_row_and_column(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [_gradient(47, 63)] * 2)
    frame = next(read_video(tmp_path / "a.mp4"))
    assert frame.shape == (48, 64, 3)
    assert np.abs(frame[47].astype(int) - frame[46]).mean() < 4


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_a_failure_or_an_interruption_leaves_no_file(tmp_path: Path, kind: type[BaseException]) -> None:
    with pytest.raises(kind), VideoWriter(tmp_path / "a.mp4") as writer:
        writer.write(_gradient())
        raise kind
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_file_that_was_there_before(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt), VideoWriter(tmp_path / "a.mp4") as writer:
        writer.write(_gradient())
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"before"


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "No frame was written"),
        ([_gradient(), _gradient(32, 32)], "32x32, the first one was 64x48"),
        ([np.zeros((8, 8), np.uint8)], r"shape \[8, 8\]"),
        ([np.full((8, 8, 3), np.nan)], "not finite"),
        ([np.zeros((8, 8, 3), np.int32)], "type int32"),
    ],
)
def test_frames_that_cannot_be_written_are_refused_and_leave_no_file(tmp_path: Path, frames: list[Frame], words: str) -> None:
    with pytest.raises(MediaError, match=words):
        write_video(tmp_path / "a.mp4", frames)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r'folder ".*nowhere" does not exist'):
        write_video(tmp_path / "nowhere" / "a.mp4", [_gradient()])


@pytest.mark.parametrize("data", [b"", b"not a video", bytes(range(256)) * 40])
def test_files_that_are_no_videos_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(MediaError, match=r"a\.mp4"):
        list(read_video(tmp_path / "a.mp4"))


def test_a_video_cut_short_gives_the_projects_own_error(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [_gradient(shift=shift) for shift in range(9)])
    data = (tmp_path / "a.mp4").read_bytes()
    for size in range(40, len(data), max(1, len(data) // 12)):
        (tmp_path / "b.mp4").write_bytes(data[:size])
        try:
            list(read_video(tmp_path / "b.mp4"))
        except MediaError as error:
            assert "b.mp4" in str(error)
