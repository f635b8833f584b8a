"""``wanmove bench`` and ``wanmove movebench`` as a user runs them, with the embedded model at a tiny size."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.core.movebench_folder import IDS, make_folder, new_case
from wanmove_core.cli import main
from wanmove_core.movebench.layout import read_cases
from wanmove_core.rendering.images import save_image
from wanmove_core.rendering.video_file import read_video, write_video
from wanmove_core.tracks.npy_file import read_npy_tracks, write_npy

ROOT = Path(__file__).parents[2]
TINY = ["--width", "64", "--height", "32", "--length", "5", "--niqe-every", "0", "--json"]
PATIENCE = 120.0


def start(folder: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "wanmove_core.cli", "bench", str(folder), "--out", str(out), *TINY, *more]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_killed_run_goes_on_in_two_shards_and_ends_with_every_case_once(tmp_path: Path) -> None:
    folder, out = tmp_path / "MoveBench", tmp_path / "out"
    make_folder(folder)
    first = start(folder, out)
    until = time.monotonic() + PATIENCE
    while not list(out.glob("Pexels*.json")) and first.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("Pexels*.mp4")}
    done = {path.stem for path in out.glob("Pexels*.json")}
    assert 1 <= len(done) <= len(before) < len(IDS) and not (out / "results.json").exists()
    # what the next moment of a killed run would have left
    (out / f".{IDS[3]}.0123456789ab.part.mp4").write_bytes(b"half a video")

    shards = [start(folder, out, "--shard", f"{number}/2") for number in (1, 2)]
    told = [shard.communicate(timeout=PATIENCE) for shard in shards]
    assert [shard.returncode for shard in shards] == [0, 0], told
    results = [json.loads(output) for output, _ in told]
    assert sum(result["skipped"] for result in results) == len(done)
    assert sum(result["generated"] for result in results) == len(IDS) - len(before)

    assert {path.name for path in out.glob("Pexels*")} == {f"{name}.{kind}" for name in IDS for kind in ("mp4", "json")}
    assert [path for path in out.rglob("*") if path.name.startswith(".") or ".part" in path.name] == []
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("Pexels*.mp4") if path.name in before} == before
    assert all(len(list(read_video(out / f"{name}.mp4"))) == 5 for name in IDS)
    summary = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert (summary["done"], summary["cases"]) == (4, 4)
    assert [(each["id"], each["seed"]) for each in summary["each"]] == [(name, index) for index, name in enumerate(IDS)]


def test_a_seed_gives_the_same_video_in_any_run_and_other_settings_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "MoveBench"
    make_folder(folder, IDS[:3])
    bench = ["bench", str(folder), *TINY, "--seed", "7", "--category", "street"]
    assert main([*bench, "--out", str(tmp_path / "a")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["done"], result["generated"]) == ("1 of 3 cases", 1) and result["label"].startswith("MoveBench-style")
    whole = [argument for argument in bench if argument not in ("--category", "street")]
    assert main([*whole, "--out", str(tmp_path / "b"), "--shard", "3/3"]) == 0
    one, other = (np.stack(list(read_video(tmp_path / name / f"{IDS[2]}.mp4"))).astype(np.float32) for name in "ab")
    # not to the bit: sums may round otherwise, and H.264 answers the last bit of a pixel with other blocks
    assert np.abs(one - other).mean() < 0.5
    assert json.loads((tmp_path / "b" / f"{IDS[2]}.json").read_text())["seed"] == 9
    capsys.readouterr()
    assert main([*bench, "--out", str(tmp_path / "a"), "--steps", "3"]) == 2
    assert "holds results with steps 2, not 3" in json.loads(capsys.readouterr().out)["error"]
    assert main([*bench, "--out", str(tmp_path / "a"), "--evaluate-only"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "multi"], "multi_track.txt is not there"),
        (["--category", "cats"], 'no category "cats"'),
        (["--shard", "3/2"], "The shard is 3/2"),
        (["--width", "40", "--height", "20"], "needs multiples of"),
        (["--length", "6"], "needs 4k"),
        (["--height", "64"], "Say --fit"),
        (["--tracker-weights", "x.pt"], "has no weights"),
        (["--fid-weights", "x.pth"], "x.pth cannot be read"),
        (["--model", "x.safetensors"], "A model needs both files"),
    ],
)
def test_a_mistake_is_told_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    make_folder(tmp_path, IDS[:1])
    assert main(["bench", str(tmp_path), "--out", str(tmp_path / "out"), *TINY, *arguments]) == 2
    assert message in json.loads(capsys.readouterr().out)["error"]
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_videos_of_unknown_settings_are_not_taken_for_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_folder(tmp_path / "MoveBench", IDS[:1])
    (tmp_path / "out").mkdir()
    write_video(tmp_path / "out" / f"{IDS[0]}.mp4", [np.zeros((32, 64, 3), np.uint8)] * 5)
    bench = ["bench", str(tmp_path / "MoveBench"), "--out", str(tmp_path / "out"), *TINY]
    assert main(bench) == 2
    assert "no settings.json that says how they were made" in json.loads(capsys.readouterr().out)["error"]
    assert main([*bench, "--evaluate-only"]) == 0
    assert json.loads(capsys.readouterr().out)["evaluated"] == 1
    # the size is known from now on
    assert main([*bench[:4], "--evaluate-only", "--niqe-every", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == 1


def test_a_case_of_ones_own_from_any_track_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, new = tmp_path / "MoveBench", new_case("x", width=416, height=240)
    save_image(tmp_path / "picture.png", new.picture)
    write_video(tmp_path / "video.mp4", [new.picture] * 5)
    (tmp_path / "points.npy").write_bytes(write_npy(new.tracks.positions[:21]))
    said = ["movebench", "add", str(folder), "--caption", "Noise.", "--json"]
    from_file = ["--id", "Own_noise_0", "--video", str(tmp_path / "video.mp4"), "--tracks", str(tmp_path / "points.npy")]
    assert main([*said, *from_file]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["category"] == "noise" and len(written["written"]) == 4
    (case,) = read_cases(folder)
    tracks = read_npy_tracks(case.tracks, case.visibility, 832, 480)
    assert np.allclose(tracks.positions[[0, -1]], new.tracks.positions[[0, 20]] * 2)
    assert main([*said, *from_file]) == 2 and "has the case" in json.loads(capsys.readouterr().out)["error"]
    assert main(["movebench", "validate", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cases"] == {"en/single_track.txt": 1}
    case.tracks.unlink()
    assert main(["movebench", "validate", str(folder), "--json"]) == 2
    assert "has 1 problem" in json.loads(capsys.readouterr().out)["error"]
