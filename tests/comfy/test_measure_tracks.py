"""The node Measure Tracks, over the stand-in for ComfyUI's Python."""

import importlib
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from tests.comfy.pack_nodes import node_named

WIDTH, HEIGHT, LENGTH = 128, 64, 5


@pytest.fixture(scope="module")
def video() -> torch.Tensor:
    """A texture that goes right by 4 px a frame, as an IMAGE."""
    noise = np.random.default_rng(3).normal(size=(HEIGHT, WIDTH + 4 * LENGTH, 3))
    wide = np.clip(0.5 + 1.2 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 1).astype(np.float32)
    last = 4 * (LENGTH - 1)
    return torch.from_numpy(np.stack([wide[:, last - 4 * time : last - 4 * time + WIDTH] for time in range(LENGTH)]))


@pytest.fixture(scope="module")
def tracks() -> dict[str, Any]:
    """As the texture goes."""
    start = torch.cartesian_prod(torch.arange(24.0, 100, 8), torch.arange(16.0, 56, 8))
    path = start + torch.arange(LENGTH).view(-1, 1, 1) * torch.tensor([4.0, 0.0])
    return {
        "track_path": path,
        "track_visibility": torch.ones(path.shape[:2], dtype=torch.bool),
        "wanmove_size": (WIDTH, HEIGHT),
    }


@pytest.fixture
def management(pack: ModuleType) -> Iterator[Any]:
    found: Any = importlib.import_module("comfy.model_management")
    yield found
    found.interrupted_after = None


def measured(pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any], **inputs: Any) -> Any:
    node = node_named(pack, "WanMoveMeasureTracks")
    defaults = {"tracker": "optical flow", "max_tracks": 256, "quality": False}
    return node.execute(images=video, tracks=tracks, **{**defaults, **inputs})


def test_a_video_that_follows_its_tracks_has_next_to_no_error(
    pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any]
) -> None:
    text, said, error, achieved, requested = measured(pack, video, tracks).args
    figures = json.loads(said)
    assert 0 <= error <= 1 and error == pytest.approx(figures["motion"]["mean_px_at_832x480"], abs=0.001)
    assert "path ratio" in text and "OpenCV pyramidal Lucas-Kanade" in text
    assert achieved["track_path"].shape == requested["track_path"].shape and achieved["wanmove_size"] == (WIDTH, HEIGHT)
    assert (achieved["track_path"] - requested["track_path"]).abs().max() <= 0.5 and achieved["track_visibility"].all()
    assert figures["fidelity"] is None and figures["quality"]["niqe"] is None


def test_the_page_is_told_what_was_asked_and_what_was_achieved(
    pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any]
) -> None:
    frozen = video[:1].expand(LENGTH, -1, -1, -1)
    ui = json.loads(json.dumps(measured(pack, frozen, tracks).ui))
    assert ui["text"][0].startswith("128x64, 5 frames")
    (shown,) = ui["wanmove_measured"]
    assert (shown["width"], shown["height"], shown["length"]) == (WIDTH, HEIGHT, LENGTH)
    assert shown["requested"][0][:4] == [32, 24, 36, 24]
    assert shown["achieved"][0] == [32, 24] * LENGTH and shown["followed"][0] == [1] * LENGTH
    assert shown["summary"]["path_ratio"] == pytest.approx(0, abs=0.01)


def test_a_truth_and_a_picture_add_fidelity_the_floor_and_the_change(
    pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any]
) -> None:
    large = video.repeat_interleave(4, dim=1).repeat_interleave(4, dim=2)
    figures = json.loads(measured(pack, large, tracks, truth=large, picture=large[:1], quality=True).args[1])
    assert figures["fidelity"]["psnr"] == 100 and figures["floor"] == figures["motion"]
    assert figures["quality"]["change"] is not None and figures["made_with"]["width"] == 4 * WIDTH


def test_tracks_that_cannot_be_measured_give_no_error_and_come_out_hidden(
    pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any]
) -> None:
    grey = torch.full_like(video, 0.5)
    text, _, error, achieved, requested = measured(pack, grey, tracks).args
    assert error == -1 and "without texture" in text
    assert not achieved["track_visibility"].any() and torch.equal(requested["track_path"], tracks["track_path"])


def test_tracks_of_another_length_are_refused(pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="The video has 4 frames, the tracks 5; connect the tracks that"):
        measured(pack, video[:4], tracks)


def test_cancel_ends_it(pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any], management: Any) -> None:
    management.interrupted_after = 1
    with pytest.raises(management.InterruptProcessingException):
        measured(pack, video, tracks)


def test_it_is_an_output_node_so_that_it_runs_by_itself(pack: ModuleType) -> None:
    assert node_named(pack, "WanMoveMeasureTracks").define_schema().is_output_node


def test_patches_measure_soft_videos_too(pack: ModuleType, video: torch.Tensor, tracks: dict[str, Any]) -> None:
    figures = json.loads(measured(pack, video, tracks, tracker="patches").args[1])
    assert figures["made_with"]["tracker"] == "OpenCV patch matching" and figures["motion"]["mean_px"] <= 0.4
