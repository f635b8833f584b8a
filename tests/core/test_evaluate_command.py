"""``wanmove evaluate`` from files."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import save_file

from tests.core.encoder_files import picture_state
from wanmove_core.cli import main
from wanmove_core.evaluation.synthesis import make_clip
from wanmove_core.rendering.images import save_image
from wanmove_core.rendering.video_file import write_video

LENGTH, SIZE = 5, 192


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A clip, a frozen one, its tracks and its first frame."""
    folder = tmp_path_factory.mktemp("clip")
    clip = make_clip(900_000_001, LENGTH, SIZE, SIZE)
    write_video(folder / "clip.mp4", list(clip.frames))
    write_video(folder / "frozen.mp4", [clip.frames[0]] * LENGTH)
    save_image(folder / "picture.png", clip.frames[0])
    np.save(folder / "tracks.npy", clip.positions)
    np.save(folder / "seen.npy", clip.visibility)
    return {path.stem: path for path in folder.iterdir()}


def judged(capsys: pytest.CaptureFixture[str], files: dict[str, Path], name: str, *options: str) -> dict[str, Any]:
    """What the command says in JSON."""
    tracks = ("--tracks", str(files["tracks"]), "--visibility", str(files["seen"]))
    assert main(["evaluate", str(files[name]), *tracks, "--niqe-every", "4", *options, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_clip_that_follows_and_one_that_stands_still(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    good = judged(capsys, files, "clip")
    still = judged(capsys, files, "frozen", "--truth", str(files["clip"]), "--picture", str(files["picture"]))
    assert good["motion"]["path_ratio_median"] == pytest.approx(1, abs=0.1)
    assert still["motion"]["path_ratio_median"] == pytest.approx(0, abs=0.05)
    assert still["motion"]["mean_px"] == pytest.approx(
        still["motion"]["frozen_px_at_832x480"] / still["made_with"]["px_at_832x480"], 0.1
    )
    assert still["floor"]["mean_px"] == pytest.approx(good["motion"]["mean_px"], abs=0.5)
    assert still["fidelity"]["psnr"] < 40 and abs(still["quality"]["change"]) < 2 and good["fidelity"] is None


def test_the_report_is_for_reading_without_json(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(files["frozen"]), "--niqe-every", "0"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("report:") and "dynamic degree" in text and "stands still" in text and "Motion" not in text


def test_a_line_a_track_is_written(files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = judged(capsys, files, "clip", "--max-tracks", "9", "--per-track", str(tmp_path / "rows.csv"))
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == said["motion"]["tracks"] == 9 and said["per_track"].endswith("rows.csv")
    assert float(np.mean([float(row["mean_px"]) for row in rows])) == pytest.approx(said["motion"]["mean_px"], abs=0.5)
    assert rows[0].keys() >= {"track", "layer", "visible", "followed", "end_px", "path_ratio"}


def test_a_picture_encoder_gives_clip_f(files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file(picture_state(), tmp_path / "clip.safetensors")
    still = judged(capsys, files, "frozen", "--image-encoder", str(tmp_path / "clip.safetensors"), "--niqe-every", "0")
    moved = judged(capsys, files, "clip", "--image-encoder", str(tmp_path / "clip.safetensors"), "--niqe-every", "0")
    assert still["consistency"]["clip_f"] == pytest.approx(1, abs=1e-3) and moved["consistency"]["clip_f"] < 1
    assert still["made_with"]["clip"].startswith("clip.safetensors, CLIP of 3 layers at 28 px")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--per-track", "rows.csv"], "--per-track needs tracks"),
        (["--visibility", "seen.npy"], "belongs to --tracks"),
        (["--truth", "nowhere.mp4"], "nowhere.mp4"),
        (["--tracker-weights", "x.pt"], "has no weights"),
    ],
)
def test_a_mistake_is_explained(
    files: dict[str, Path], options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(files["clip"]), *options]) == 2
    assert says in capsys.readouterr().err
