"""``wanmove convert``: a track file of one program as that of another."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.core.test_interchange import GOLDEN, PLACES, SEEN
from wanmove_core.cli import main
from wanmove_core.tracks.npy_file import read_npy_tracks


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory with the golden files."""
    shutil.copytree(GOLDEN, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], line: str) -> dict[str, Any]:
    """What the command says in JSON."""
    assert main(["convert", *line.split(), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_atis_file_becomes_wan_moves_at_its_rate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "ati.pth tracks.npy --fps 16") == {
        "read": "ATI, array [3, 121, 1, 3] times 8, 3 tracks of 121 frames",
        "axis": "frames first (as the format has it)",
        "scale": "pixels (as the format has it)",
        "visibility": "its third column",
        "rate": "24 frames a second (the file says so)",
        "written": ["tracks.npy", "visibility.npy"],
        "format": "wan-move",
        "tracks": 3,
        "frames": 81,
        "notes": ["121 frames at 24 a second were resampled to 81 at 16 a second"],
    }
    tracks = read_npy_tracks(Path("tracks.npy"), Path("visibility.npy"), 64, 48)
    assert np.abs(tracks.positions[::20] - PLACES).max() <= 1e-5 and np.array_equal(tracks.visibility[::20], SEEN)


@pytest.mark.parametrize(
    ("line", "format_name", "frames"),
    [
        ("walk_tracks.npy out.npz", "tracks", 5),
        ("walk_tracks.npy out.npz --format cotracker", "cotracker", 5),
        ("walk_tracks.npy out_tracks.npy", "movebench", 5),
        ("walk_tracks.npy out.npy --format wan2gp --size 64x48 --length 9", "wan2gp", 9),
        ("wan2gp.npy out.json --from wan2gp --size 64x48", "kjnodes", 5),
        ("tapir.npz out.json --format ltx --axis tracks", "ltx", 5),
        ("config.json out.json --format trajectory-config --fps 32", "trajectory-config", 9),
        ("uneven.json out.pth --uneven end", "ati", 121),
        ("drawing.svg out.svg --length 81", "svg", 81),
        ("drawing.svg out.png --length 5", "mask", 0),
        ("mask.png out.npz --length 5", "tracks", 5),
        ("marked.npy out.npz --hidden=-100 --scale pixels --visibility walk_visibility.npy", "tracks", 5),
    ],
)
def test_any_format_becomes_another(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, format_name: str, frames: int
) -> None:
    result = told(capsys, line)
    assert (result["format"], result["frames"]) == (format_name, frames)
    assert all(Path(name).stat().st_size for name in result["written"])
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("missing.npy out.npz", "missing.npy cannot be read"),
        ("walk_tracks.npy out.txt", '"out.txt" ends like no track file'),
        ("walk_tracks.npy nowhere/out.npz", 'the folder "nowhere" does not exist'),
        ("walk_tracks.npy out.svg", "svg needs the size of the picture; give it with --size"),
        ("walk_tracks.npy out.npz --fps 16", "give --from-fps too, or the number of frames with --length"),
        ("drawing.svg out.npz", "give it with --length"),
        ("drawing.svg out.npz --length 5 --size 64x64", "leave --size out"),
        ("wan2gp.npy out.npz", "give the picture's size with --size"),
        ("uneven.json out.npz", "give --uneven stretch"),
    ],
)
def test_a_mistake_exits_with_2_and_leaves_no_file(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    before = sorted(folder.iterdir())
    assert main(["convert", *line.split()]) == 2
    assert said in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("option", ["--size 64", "--size 0x5", "--size axb", "--axis time", "--length 0", "--format document"])
def test_options_that_make_no_sense_are_refused(folder: Path, option: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["convert", "ati.pth", "out.npy", *option.split()])
    assert caught.value.code == 2
