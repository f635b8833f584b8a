"""The command line: files in, files out, one JSON line for machines, and mistakes that exit with 2 and leave nothing."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.core.checkpoint_files import TINY, TINY_VAE, safetensors_bytes, tiny_dit, tiny_vae
from wanmove_core.cli import main
from wanmove_core.host import TerminalHost
from wanmove_core.loading.stated_config import state_config
from wanmove_core.models.dit import WanDiT
from wanmove_core.rendering.video_file import read_video, video_info, write_video
from wanmove_core.standalone.server import PageServer
from wanmove_core.variants import DEMO, WAN_MOVE

DOCUMENT = {
    "version": 1,
    "width": 64,
    "height": 48,
    "layers": [
        {
            "name": "box",
            "region": {"kind": "rectangle", "box": [8, 8, 16, 16]},
            "motion": {"path": {"kind": "linear", "points": [[0, 0], [24, 8]]}},
        }
    ],
}
MODEL = ["--model", "dit.safetensors", "--vae", "vae.safetensors", "--steps", "2", "--width", "64", "--height", "48"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with small files of every kind, sound and not."""
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    Image.fromarray(pixels).save("picture.png")
    Path("motion.json").write_text(json.dumps(DOCUMENT))
    walk = np.array([16.0, 16.0]) + np.linspace(0, 24, 9)[:, None, None] * np.array([1.0, 0.0]) + np.zeros((9, 2, 2))
    np.save("tracks.npy", walk)
    np.save("shown.npy", np.ones((9, 2), np.bool_))
    np.save("wrong.npy", np.zeros((9, 2, 3)))
    write_video("video.mp4", [np.roll(pixels, 3 * step, 1) for step in range(9)])
    save_file(tiny_dit().state_dict(), "dit.safetensors", state_config(DEMO, TINY))
    save_file(tiny_vae().state_dict(), "vae.safetensors", state_config(DEMO, TINY_VAE))
    Path("broken.json").write_text("{")
    Path("empty").mkdir()
    Path("text.txt").write_text("no checkpoint at all, but a line of text")
    Path("hostile.safetensors").write_bytes(
        safetensors_bytes({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 4]}})
    )
    save_file({"text": torch.zeros(2, 9)}, "wide.safetensors")
    save_file({"other": torch.zeros(2, 8)}, "textless.safetensors")
    save_file({"text": torch.ones(2, 8)}, "text.safetensors")
    return tmp_path


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def words(line: str) -> list[str]:
    return line.split()


Captured = pytest.CaptureFixture[str]


def report(capsys: Captured) -> dict[str, Any]:
    """The one line that ``--json`` prints."""
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_preview_of_a_document_is_a_playable_draft(folder: Path, capsys: Captured) -> None:
    assert main(words("preview picture.png --document motion.json --length 9 --out draft.mp4 --fps 8 --json")) == 0
    assert report(capsys) == {"draft": "draft.mp4", "frames": 9, "size": [64, 48], "label": "draft, no model"}
    info = video_info("draft.mp4")
    assert (info.width, info.height, info.fps) == (64, 48, 8.0)
    frames = list(read_video("draft.mp4"))
    assert len(frames) == 9 and not np.array_equal(frames[0], frames[8])


def test_preview_of_npy_tracks_has_their_length(folder: Path, capsys: Captured) -> None:
    assert main(words("preview picture.png --tracks tracks.npy --visibility shown.npy --out draft.mp4 --json")) == 0
    assert report(capsys)["frames"] == len(list(read_video("draft.mp4"))) == 9


def test_overlay_has_the_videos_frames_and_measures_where_its_points_went(folder: Path, capsys: Captured) -> None:
    assert main(words("overlay video.mp4 --tracks tracks.npy --measure --out overlay.mp4 --json")) == 0
    told = report(capsys)
    assert told["frames"] == len(list(read_video("overlay.mp4"))) == 9
    assert told["score"]["tracks"] == 2 and told["score"]["mean_px"] < 2


def test_overlay_shows_cells_stands_beside_others_and_draws_curves(folder: Path, capsys: Captured) -> None:
    assert main(words("overlay video.mp4 --tracks tracks.npy --view cells --out cells.mp4 --beside picture.png --json")) == 0
    assert report(capsys) == {"overlay": "cells.mp4", "frames": 9}
    info = video_info("cells.mp4")
    assert info.width >= 3 * 64 and info.height > 48 and len(list(read_video("cells.mp4"))) == 9
    assert main(words("overlay video.mp4 --tracks tracks.npy --curves c.png --beside --out two.mp4 --json")) == 0
    told = report(capsys)
    assert told["curves"] == "c.png" and told["score"]["tracks"] == 2 and Path("c.png").is_file()
    assert 2 * 64 <= video_info("two.mp4").width <= 2 * 64 + 8


@pytest.mark.parametrize("view", ["tracks", "cells"])
def test_overlay_takes_a_picture_for_as_long_as_the_tracks_are(folder: Path, capsys: Captured, view: str) -> None:
    assert main(words(f"overlay picture.png --document motion.json --length 5 --view {view} --out over.mp4 --json")) == 0
    assert report(capsys)["frames"] == len(list(read_video("over.mp4"))) == 5


@pytest.mark.parametrize("source", ["--document motion.json --length 9", "--tracks tracks.npy"])
def test_generate_writes_a_playable_video(folder: Path, capsys: Captured, source: str) -> None:
    assert main([*words(f"generate picture.png {source} --out video2.mp4 --json"), *MODEL]) == 0
    told = report(capsys)
    assert (told["video"], told["frames"], told["size"]) == ("video2.mp4", 9, [64, 48])
    assert told["tracks"] == (4 if "document" in source else 2) and told["coverage_percent"] > 0
    assert [frame.shape for frame in read_video("video2.mp4")] == [(48, 64, 3)] * 9


@pytest.mark.parametrize("extra", [
    "--seed 1", "--solver euler", "--steps 3", "--shift 1", "--strength 0", "--cfg 3 --embeddings text.safetensors",
    "--cfg 3 --uncond clean", "--motion-scale 3", "--footprint 2", "--tile 4", "--dtype bfloat16",
])  # fmt: skip
def test_every_option_of_generate_reaches_the_result(folder: Path, extra: str) -> None:
    plain = [*words("generate picture.png --document motion.json --length 9 --out a.mp4"), *MODEL]
    assert main(plain) == main([*plain, "--out", "b.mp4", *words(extra)]) == 0
    assert not np.array_equal(list(read_video("a.mp4"))[8], list(read_video("b.mp4"))[8])


def test_a_prompt_that_is_not_read_and_what_a_model_is_are_said(folder: Path, capsys: Captured) -> None:
    words_before = words("generate picture.png --document motion.json --length 5 --out a.mp4 --prompt waves --json")
    assert main([*words_before, *MODEL]) == 0
    captured = capsys.readouterr()
    assert 'embedded demo model: the prompt "waves" is not read by it' in captured.err and DEMO.note in captured.err
    assert len(captured.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("motion.json", {"kind": "track document", "size": [64, 48], "layers": 1, "tracks": 4, "per_layer": {"box": 4}}),
        ("tracks.npy", {"kind": "Wan-Move tracks", "frames": 9, "tracks": 2, "x": [16.0, 40.0], "y": [16.0, 16.0]}),
        ("dit.safetensors", {"kind": "dit", "variant": "demo", "loadable": True, "missing": [], "precision": "float32"}),
        ("vae.safetensors", {"kind": "vae21", "loadable": True, "takes_tracks": False}),
    ],
)
def test_inspect_says_what_a_file_is(folder: Path, capsys: Captured, name: str, expected: dict[str, Any]) -> None:
    assert main(["inspect", name, "--json"]) == 0
    told = report(capsys)
    assert {key: told[key] for key in expected} == expected
    assert main(["inspect", name]) == 0
    assert f"kind: {expected['kind']}" in capsys.readouterr().out.splitlines()


PREVIEW, GENERATE = "preview picture.png --out out.mp4 ", "generate picture.png --out out.mp4 "
MISTAKES = [
    (PREVIEW.replace("picture", "missing") + "--document motion.json", 'There is no picture file "missing.png"'),
    (PREVIEW.replace("picture.png", "text.txt") + "--document motion.json", '"text.txt" cannot be read as a picture'),
    (PREVIEW + "--document missing.json", "missing.json cannot be read: No such file"),
    (PREVIEW + "--document broken.json", "JSON"),
    (PREVIEW + "--document picture.png", "The document is not UTF-8 text"),
    (PREVIEW + "--document motion.json --visibility shown.npy", "--visibility shown.npy belongs to --tracks"),
    (PREVIEW + "--document motion.json --width 64 --height 64", 'Say fit="stretch"'),
    (PREVIEW + "--tracks tracks.npy --width 64 --height 64", 'Say fit="stretch"'),
    (PREVIEW + "--tracks wrong.npy", "wrong.npy has the shape [9, 2, 3]; [frames, tracks, 2] is needed"),
    (PREVIEW + "--tracks text.txt", "text.txt is no npy file"),
    (PREVIEW + "--tracks tracks.npy --visibility tracks.npy", "tracks.npy has the shape [9, 2, 2]"),
    (PREVIEW + "--tracks tracks.npy --length 5", "tracks.npy has 9 frames, the video 5"),
    (PREVIEW + "--document motion.json --fps 0", "The frame rate is 0.0"),
    (PREVIEW + "--document motion.json --fps -5", "The frame rate is -5.0"),
    (PREVIEW + "--document motion.json --fps nan", "The frame rate is nan"),
    (PREVIEW.replace("out.mp4", "nowhere/out.mp4") + "--document motion.json", 'the folder "nowhere" does not exist'),
    (PREVIEW.replace("out.mp4", "text.txt/out.mp4") + "--document motion.json", 'the folder "text.txt" does not exist'),
    ("overlay text.txt --document motion.json --out out.mp4", '"text.txt" cannot be read as a video'),
    ("overlay picture.png --document motion.json --measure --out out.mp4", "picture.png is a picture, in which nothing moves"),
    ("overlay video.mp4 --tracks tracks.npy --beside missing.mp4 --out out.mp4", 'no video file "missing.mp4"'),
    ("overlay missing.mp4 --document motion.json --out out.mp4", 'There is no video file "missing.mp4"'),
    ("overlay video.mp4 --document broken.json --out out.mp4", "JSON"),
    (GENERATE + "--document motion.json --model dit.safetensors", "A model needs both files: give --model and --vae"),
    (GENERATE + "--document motion.json --model text.txt --vae vae.safetensors", "text.txt is neither safetensors nor"),
    (GENERATE + "--document motion.json --model hostile.safetensors --vae vae.safetensors", "hostile.safetensors is"),
    (GENERATE + "--document motion.json --model vae.safetensors --vae vae.safetensors", "a Wan diffusion model is needed"),
    (GENERATE + "--document motion.json --model dit.safetensors --vae missing.pth", "missing.pth cannot be read"),
    (GENERATE + "--document motion.json --device toaster", 'The device "toaster" cannot be used'),
    (GENERATE + "--document motion.json --device meta", 'The device "meta" cannot be used'),
    (GENERATE + "--document motion.json --device cuda:99", 'The device "cuda:99" cannot be used'),
    ("edit missing.png", 'There is no picture file "missing.png"'),
    ("edit text.txt", '"text.txt" cannot be read as a picture'),
    ("edit picture.png --document broken.json", "broken.json is no track document that could be edited"),
    ("edit picture.png --document picture.png", "picture.png is no track document that could be edited"),
    ("edit picture.png --document nowhere/motion.json", "does not exist; create it first"),
    ("edit picture.png --fps nan", "The frame rate is nan"),
    ("inspect text.txt", "text.txt is neither safetensors nor"),
    ("inspect hostile.safetensors", "hostile.safetensors is"),
    ("inspect broken.json", "JSON"),
    ("inspect wrong.npy", "wrong.npy has the shape"),
    ("inspect empty", "empty is a folder"),
    ("demo --out text.txt", "The folder text.txt cannot be made"),
]  # fmt: skip
MODEL_MISTAKES = [
    ("--document motion.json --length 8", "The clip has 8 frames; embedded demo model needs 4k+1: use 5 or 9"),
    ("--document motion.json --length 9 --width 72 --height 54", "The picture is 72x54"),
    ("--document motion.json --length 9 --width 48 --height 48", 'Say fit="stretch"'),
    ("--tracks tracks.npy --length 5", "tracks.npy has 9 frames, the video 5"),
    ("--document motion.json --length 9 --steps 0", "The number of steps is 0"),
    ("--document motion.json --length 9 --shift 0", "The shift is 0.0"),
    ("--document motion.json --length 9 --seed -1", "The seed is -1"),
    ("--document motion.json --length 9 --cfg nan", "The guidance scale is nan"),
    ("--document motion.json --length 9 --motion-scale -2", "The motion guidance scale is -2.0"),
    ("--document motion.json --length 9 --strength -1", "The guidance strength is -1.0"),
    ("--document motion.json --length 9 --footprint nan", "The footprint is nan cells"),
    ("--document motion.json --length 9 --fps inf", "The frame rate is inf"),
    ("--document motion.json --length 9 --embeddings wide.safetensors", "The encoded prompt has the shape [2, 9]"),
    ("--document motion.json --length 9 --embeddings textless.safetensors", 'has no tensor "text" [tokens, width]'),
    ("--document motion.json --length 9 --embeddings text.txt", "text.txt is neither safetensors nor"),
]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(words(line), message) for line, message in MISTAKES]
    + [([*words(GENERATE), *MODEL, *words(line)], message) for line, message in MODEL_MISTAKES],
    ids=[message for _, message in MISTAKES + MODEL_MISTAKES],
)
def test_a_mistake_exits_with_2_says_what_it_is_and_leaves_no_file(
    folder: Path, capsys: Captured, arguments: list[str], message: str
) -> None:
    before = files(folder)
    assert main([*arguments, "--json"]) == 2
    captured = capsys.readouterr()
    (line,) = captured.out.splitlines()
    told = json.loads(line)
    assert list(told) == ["error"] and message in told["error"]
    assert f"wanmove: {told['error']}" in captured.err
    assert files(folder) == before


def test_without_json_a_mistake_stands_on_standard_error_alone(folder: Path, capsys: Captured) -> None:
    assert main(words("inspect missing.npy")) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err == "wanmove: missing.npy cannot be read: No such file or directory.\n"


def test_a_model_that_reads_text_wants_embeddings(folder: Path, capsys: Captured) -> None:
    config = replace(TINY, image_tokens=257, image_dim=8)
    save_file(WanDiT(config).state_dict(), "text-dit.safetensors", state_config(WAN_MOVE, config))
    arguments = [*words("generate picture.png --document motion.json --length 5 --out out.mp4"), *MODEL]
    assert main([*arguments, "--model", "text-dit.safetensors"]) == 2
    assert "reads a prompt, and there is no text encoder. Give umT5-xxl with --text-encoder" in capsys.readouterr().err
    save_file({"text": torch.ones(2, 8), "image": torch.ones(257, 8)}, "both.safetensors")
    assert main([*arguments, "--model", "text-dit.safetensors", "--embeddings", "both.safetensors"]) == 0


@pytest.mark.parametrize("line", [
    "", "sing", "preview", "preview picture.png --out a.mp4", "preview picture.png --out a.mp4 --document a --tracks b",
    "generate picture.png --document motion.json", f"{PREVIEW} --document motion.json --width 7",
    f"{PREVIEW} --document motion.json --width 99999", f"{PREVIEW} --document motion.json --length x",
    f"{GENERATE} --document motion.json --solver heun", f"{GENERATE} --document motion.json --steps 1.5",
    f"{GENERATE} --document motion.json --tile 0", "demo --clips 0",
    "edit", "edit picture.png --port 65536", "edit picture.png --lang xx", "edit picture.png --length 0",
])  # fmt: skip
def test_arguments_that_make_no_sense_exit_with_2(folder: Path, capsys: Captured, line: str) -> None:
    before = files(folder)
    with pytest.raises(SystemExit) as caught:
        main(words(line))
    assert caught.value.code == 2
    assert "usage: wanmove" in capsys.readouterr().err
    assert files(folder) == before


def test_a_number_out_of_its_limits_is_named_with_them(folder: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(words(f"{PREVIEW} --document motion.json --length x"))
    assert 'argument --length: "x" is no whole number from 1 to 4096' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "options", "stage"),
    [("preview", [], "draft"), ("generate", MODEL, "encode"), ("generate", MODEL, "sample"), ("generate", MODEL, "decode")],
)
def test_ctrl_c_exits_with_130_and_leaves_no_file(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, command: str, options: list[str], stage: str
) -> None:
    def press(host: TerminalHost, name: str, step: int, total: int) -> None:
        if (name, step) == (stage, 2):
            raise KeyboardInterrupt

    monkeypatch.setattr(TerminalHost, "progress", press)
    before = files(folder)
    assert main([*words(f"{command} picture.png --document motion.json --length 9 --out out.mp4 --json"), *options]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err.splitlines()[-1]) == ("", "wanmove: interrupted; no unfinished file is left.")
    assert files(folder) == before


def test_edit_serves_the_page_until_ctrl_c(folder: Path) -> None:
    arguments = [sys.executable, "-m", "wanmove_core.cli", *words("edit picture.png --no-browser --json")]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    # A shell that runs the tests in its background has them and their children ignore Ctrl+C.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings, preexec_fn=heed
    ) as running:
        assert running.stderr and running.stdout
        told = running.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+/", told)
        assert found and "picture.wanmove.json" in told
        with urllib.request.urlopen(f"{found[0]}document") as answer:
            assert json.load(answer) == {"version": 1, "width": 64, "height": 48, "layers": []}
        running.send_signal(signal.SIGINT)
        assert json.loads(running.stdout.read()) == {"document": "picture.wanmove.json", "saved": False}
    assert running.returncode == 0


def test_edit_opens_the_browser_at_its_address(folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(server: PageServer) -> None:
        raise KeyboardInterrupt

    opened: list[str] = []
    monkeypatch.setattr(PageServer, "serve_forever", press)
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(words("edit picture.png --document motion.json --lang zh --length 9 --json")) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"document": "motion.json", "saved": True}
    assert len(opened) == 1 and opened[0] in captured.err


def test_a_mistake_keeps_the_video_that_was_there(folder: Path) -> None:
    before = (folder / "video.mp4").read_bytes()
    assert main([*words("generate picture.png --document motion.json --length 8 --out video.mp4"), *MODEL]) == 2
    assert (folder / "video.mp4").read_bytes() == before


def test_the_module_runs_as_a_program() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "wanmove_core.cli", "--help"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0
    assert all(command in finished.stdout for command in ("edit", "demo", "generate", "preview", "overlay", "inspect"))
