"""``wanmove bench`` with a model that reads captions and pictures: every one encoded once, before the network is loaded."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.core.family_files import write_repackaged
from tests.core.movebench_folder import IDS, make_folder, new_case
from wanmove_core.cli import main
from wanmove_core.commands import bench as command
from wanmove_core.generation import cached_encoding
from wanmove_core.generation.model_files import ModelFiles
from wanmove_core.host import Host
from wanmove_core.movebench.export import add_case
from wanmove_core.rendering.video_file import read_video
from wanmove_core.request.contents import GenerateRequest, Models

pytest.importorskip("sentencepiece")

TINY = ["--width", "64", "--height", "32", "--length", "5", "--steps", "1", "--niqe-every", "0", "--json", "--seed", "3"]


def test_captions_and_pictures_are_encoded_once_and_before_the_network_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, events = tmp_path / "MoveBench", list[str]()
    for index, name in enumerate(IDS[:2]):
        add_case(folder, new_case(name, index, caption=f"balloon {index}"))
    files = write_repackaged(tmp_path / "model", "wan-move").options
    load_models, load_text = command.load_models, cached_encoding.load_text_encoder
    load_picture = cached_encoding.load_image_encoder

    def models(chosen: ModelFiles, host: Host, request: GenerateRequest | None = None) -> Models:
        events.append("network")
        return load_models(chosen, host, request)

    def text(path: Path) -> object:
        events.append("text encoder")
        return load_text(path)

    def picture(path: Path) -> object:
        events.append("image encoder")
        return load_picture(path)

    monkeypatch.setattr(command, "load_models", models)
    monkeypatch.setattr(cached_encoding, "load_text_encoder", text)
    monkeypatch.setattr(cached_encoding, "load_image_encoder", picture)
    monkeypatch.setattr(command, "make_embed", lambda path, host: (_embed, "none"))
    out = tmp_path / "out"
    assert main(["bench", str(folder), "--out", str(out), *TINY, *files]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == "2 of 2 cases"
    assert events[-1] == "network" and events.count("network") == 1 and "text encoder" in events and "image encoder" in events
    settings = json.loads((out / "settings.json").read_text())
    assert settings["generation"]["model"] == "wan-move-14b" and settings["generation"]["text_encoder"].endswith(" bytes")
    first = frames(out / f"{IDS[1]}.mp4")
    # what was encoded is kept beside the results
    (out / f"{IDS[1]}.mp4").unlink()
    events.clear()
    assert main(["bench", str(folder), "--out", str(out), *TINY, *files]) == 0
    assert events == ["network"]
    assert np.abs(frames(out / f"{IDS[1]}.mp4") - first).mean() < 0.5


def test_a_missing_encoder_is_told_before_anything_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_folder(tmp_path / "MoveBench", IDS[:1])
    files = write_repackaged(tmp_path / "model", "wan-move").options
    without = files[: files.index("--text-encoder")] + files[files.index("--text-encoder") + 2 :]
    assert main(["bench", str(tmp_path / "MoveBench"), "--out", str(tmp_path / "out"), *TINY, *without]) == 2
    assert "there is no text encoder" in json.loads(capsys.readouterr().out)["error"]
    assert not (tmp_path / "out" / "settings.json").exists()


def frames(path: Path) -> NDArray[np.float32]:
    return np.stack(list(read_video(path))).astype(np.float32)


def _embed(frames: Sequence[object]) -> object:
    return torch.ones(len(frames), 4).numpy()
