"""``wanmove track``: the motion of a video as a track file, for itself or for another picture."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from wanmove_core.cli import main
from wanmove_core.rendering.images import save_image
from wanmove_core.rendering.video_file import write_video
from wanmove_core.tracks.interchange import ReadOptions, read_track_file
from wanmove_core.tracks.interchange_formats import FORMATS

WIDTH, HEIGHT, LENGTH = 160, 96, 9


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A texture that goes right by 2 px a frame, 8 frames a second."""
    noise = np.random.default_rng(3).normal(size=(HEIGHT, WIDTH + 2 * LENGTH, 3))
    wide = np.clip(128 + 300 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 255).astype(np.uint8)
    last = 2 * (LENGTH - 1)
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_video(path, [wide[:, last - 2 * time : last - 2 * time + WIDTH] for time in range(LENGTH)], 8.0)
    return path


def tracked(capsys: pytest.CaptureFixture[str], clip: Path, out: Path, *options: str) -> dict[str, Any]:
    """What the command says in JSON."""
    assert main(["track", str(clip), "--out", str(out), *options, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_grid_is_followed_and_what_was_done_is_said(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.npz"
    said = tracked(capsys, clip, out, "--spacing", "16")
    assert said["video"] == "9 frames of 160x96 at 8 a second"
    assert (said["tracks"], said["frames"], said["size"], said["format"]) == (60, 9, [160, 96], "tracks")
    assert said["written"] == [str(out)] and said["notes"] == []
    tracks = read_track_file(out).tracks
    inside = tracks.positions[0, :, 0] < WIDTH - 2 * LENGTH - 8
    assert tracks.visibility[:, inside].mean() > 0.9
    ends = tracks.positions[-1, inside] - tracks.positions[0, inside]
    assert np.abs(ends - (16, 0))[tracks.visibility[-1, inside]].mean() <= 0.2


@pytest.mark.parametrize("name", [row.name for row in FORMATS.values() if row.is_written])
def test_every_format_is_written(name: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = tracked(capsys, clip, tmp_path / f"a{FORMATS[name].ending}", "--format", name)
    assert said["format"] == name and all(Path(path).stat().st_size > 0 for path in said["written"])


def test_a_mask_says_where_points_start(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mask = np.zeros((48, 80, 3), np.uint8)
    mask[:, :40] = 255
    save_image(tmp_path / "mask.png", mask)
    tracked(capsys, clip, tmp_path / "a.npz", "--spacing", "16", "--mask", str(tmp_path / "mask.png"))
    starts = read_track_file(tmp_path / "a.npz").tracks.positions[0]
    assert len(starts) == 30 and (starts[:, 0] < 80).all()


@pytest.mark.parametrize(
    "text",
    [
        "[[20, 30], [60.5, 40]]",
        '[{"x": 20, "y": 30}, {"x": 60.5, "y": 40}]',
        '[[{"x": 20, "y": 30}, {"x": 0, "y": 0}], [{"x": 60.5, "y": 40}, {"x": 0, "y": 0}]]',
    ],
)
def test_given_points_are_followed(text: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "points.json").write_text(text)
    tracked(capsys, clip, tmp_path / "a.npz", "--points", str(tmp_path / "points.json"))
    assert read_track_file(tmp_path / "a.npz").tracks.positions[0].tolist() == [[20, 30], [60.5, 40]]


def test_the_starts_of_another_videos_tracks_are_points_too(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tracked(capsys, clip, tmp_path / "a.svg", "--spacing", "48")
    said = tracked(capsys, clip, tmp_path / "b.npz", "--points", str(tmp_path / "a.svg"))
    assert said["tracks"] == 8


def test_the_motion_is_brought_to_another_picture_and_time(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "points.json").write_text("[[60, 48]]")
    out = tmp_path / "a.npz"
    said = tracked(
        capsys, clip, out, "--points", str(tmp_path / "points.json"), "--fps", "16", "--width", "320", "--height", "192",
        "--scale", "0.5", "--offset=-8,4", "--motion", "2",
    )  # fmt: skip
    assert said["frames"] == 17 and said["size"] == [320, 192]
    assert said["notes"] == ["9 frames at 8 a second were resampled to 17 at 16 a second"]
    path = read_track_file(out, ReadOptions(size=(320, 192))).tracks.positions[:, 0]
    assert path[0].tolist() == [(120 - 160) / 2 + 160 - 8, 96 + 4]
    assert np.abs(path[-1] - path[0] - (32, 0)).max() <= 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--tracker", "cotracker"],
            'The tracker "cotracker" needs its weights, and no file is given; download scaled_offline',
        ),
        (["--tracker", "tapir"], "needs its weights, and no file is given; download bootstapir_checkpoint_v2.pt"),
        (["--tracker", "tapir", "--find-new"], "finds no new points in later frames; leave --find-new out"),
        (["--weights", "x.pth"], 'The tracker "flow" has no weights, but x.pth is given; leave the file out'),
        (["--scale", "0"], "a finite scale over 0"),
        (["--format", "ati"], "whose files end in .pth"),
        (["--points", "missing.json"], "missing.json cannot be read"),
        (["--max-return-error", "0"], "larger than 0"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    options: list[str], said: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["track", str(clip), "--out", str(tmp_path / "a.npz"), *options]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "holds no points"),
        ("[[1, 2], [3]]", "entry 1 is no point; give"),
        ("[[1, true]]", "entry 0 is no point"),
        ("[[1, 1e99]]", "entry 0 is no point"),
        ("[[1, 2", "is no JSON"),
        ("[[500, 2]]", "lies outside the first frame of 160x96"),
    ],
)
def test_points_that_are_none_are_refused(
    text: str, said: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "points.json").write_text(text)
    assert main(["track", str(clip), "--out", str(tmp_path / "a.npz"), "--points", str(tmp_path / "points.json")]) == 2
    assert said in capsys.readouterr().err
