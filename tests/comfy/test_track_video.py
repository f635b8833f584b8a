"""The node Tracks From Video, over the stand-in for ComfyUI's Python."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from tests.comfy.pack_nodes import node_named
from tests.comfy.test_track_nodes import run

WIDTH, HEIGHT, LENGTH = 128, 64, 9


@pytest.fixture(scope="module")
def video() -> torch.Tensor:
    """A texture that goes right by 2 px a frame, as an IMAGE."""
    noise = np.random.default_rng(3).normal(size=(HEIGHT, WIDTH + 2 * LENGTH, 3))
    wide = np.clip(0.5 + 1.2 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 1).astype(np.float32)
    last = 2 * (LENGTH - 1)
    frames = [wide[:, last - 2 * time : last - 2 * time + WIDTH] for time in range(LENGTH)]
    return torch.from_numpy(np.stack(frames))


@pytest.fixture
def management(pack: ModuleType) -> Iterator[Any]:
    found: Any = importlib.import_module("comfy.model_management")
    yield found
    found.interrupted_after = None


def tracks_of(pack: ModuleType, video: torch.Tensor, **inputs: Any) -> dict[str, Any]:
    return run(pack, "WanMoveTrackVideo", images=video, **{"spacing": 16, **inputs})[0]


def test_points_of_the_first_frame_are_followed(pack: ModuleType, video: torch.Tensor) -> None:
    tracks = tracks_of(pack, video)
    path, seen = tracks["track_path"], tracks["track_visibility"]
    assert path.shape == (LENGTH, 32, 2) and path.dtype == torch.float32 and tracks["wanmove_size"] == (WIDTH, HEIGHT)
    assert path[0, 0].tolist() == [8.5, 8.5]
    inside = path[0, :, 0] < WIDTH - 2 * LENGTH - 8
    assert seen[0].all() and seen[:, inside].all() and inside.sum() >= 24
    assert torch.allclose(path[-1, inside] - path[0, inside], torch.tensor([16.0, 0.0]), atol=0.2)


def test_points_that_leave_the_picture_are_hidden(pack: ModuleType, video: torch.Tensor) -> None:
    tracks = tracks_of(pack, video)
    leaves = tracks["track_path"][0, :, 0] > WIDTH - 14
    assert leaves.sum() == 4 and not tracks["track_visibility"][-1, leaves].any()


def test_a_mask_of_another_size_says_where_points_start(pack: ModuleType, video: torch.Tensor) -> None:
    mask = torch.zeros(1, HEIGHT // 2, WIDTH // 2)
    mask[:, :, :32] = 1
    path = tracks_of(pack, video, mask=mask)["track_path"]
    assert path.shape[1] == 16 and (path[0, :, 0] < 64).all()


@pytest.mark.parametrize(
    "text",
    ["[[20, 30], [60.5, 40]]", '[{"x": 20, "y": 30}, {"x": 60.5, "y": 40}]', '[[{"x": 20, "y": 30}], [{"x": 60.5, "y": 40}]]'],
)
def test_given_points_are_followed_instead_of_a_grid(pack: ModuleType, video: torch.Tensor, text: str) -> None:
    path = tracks_of(pack, video, points=text)["track_path"]
    assert path[0].tolist() == [[20, 30], [60.5, 40]]
    assert torch.allclose(path[-1] - path[0], torch.tensor([16.0, 0.0]), atol=0.2)


def test_no_points_are_a_grid(pack: ModuleType, video: torch.Tensor) -> None:
    assert tracks_of(pack, video, points=" ")["track_path"].shape[1] == 32


def test_points_that_are_none_are_refused(pack: ModuleType, video: torch.Tensor) -> None:
    with pytest.raises(Exception, match="The text in points: entry 0 is no point"):
        tracks_of(pack, video, points="[[1]]")


def test_weights_in_their_folder_can_be_chosen_and_need_their_package(
    pack: ModuleType, video: torch.Tensor, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "point_trackers"
    folder.mkdir(parents=True)
    torch.save({"torch_pips_mixer.linear.weight": torch.zeros(1)}, folder / "boots.pt")
    (folder / "notes.txt").write_text("")
    schema = node_named(pack, "WanMoveTrackVideo").define_schema()
    assert next(slot for slot in schema.inputs if slot.id == "tracker").said["options"] == ["optical flow", "boots.pt"]
    monkeypatch.setitem(sys.modules, "tapnet", None)
    with pytest.raises(Exception, match=r"TAPIR needs the package tapnet.*Apache-2\.0"):
        tracks_of(pack, video, tracker="boots.pt")


def test_the_tracks_are_those_of_another_picture_and_length(pack: ModuleType, video: torch.Tensor) -> None:
    tracks = tracks_of(pack, video, length=17, width=128, height=128, fit="crop")
    assert tracks["track_path"].shape == (17, 32, 2) and tracks["wanmove_size"] == (128, 128)
    assert tracks["track_path"][0, 0].tolist() == [-47, 17], "twice as large, a quarter cut off at the left"
    squeezed = tracks_of(pack, video, width=128, height=128, fit="stretch")
    assert squeezed["track_path"][0, 0].tolist() == [8.5, 17]


def test_progress_is_shown_and_the_result_is_said(pack: ModuleType, video: torch.Tensor, caplog: Any) -> None:
    shown = importlib.import_module("comfy.utils").shown
    shown.clear()
    with caplog.at_level("INFO"):
        tracks_of(pack, video)
    assert shown[-1][:2] == (LENGTH, LENGTH)
    assert "32 points, 28 of them followed to the last frame" in caplog.text


def test_cancel_ends_it(pack: ModuleType, video: torch.Tensor, management: Any) -> None:
    management.interrupted_after = 3
    with pytest.raises(management.InterruptProcessingException):
        tracks_of(pack, video)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frames: frames[:1], "has 1 frame; at least 2"),
        (lambda frames: torch.full_like(frames, 0.5), "has enough texture"),
        (lambda frames: frames * torch.nan, "not finite"),
    ],
)
def test_a_video_that_says_nothing_is_refused(pack: ModuleType, video: torch.Tensor, change: Any, said: str) -> None:
    with pytest.raises(Exception, match=said):
        tracks_of(pack, change(video))


def test_an_empty_mask_is_refused(pack: ModuleType, video: torch.Tensor) -> None:
    with pytest.raises(Exception, match="mask is empty"):
        tracks_of(pack, video, mask=torch.zeros(1, 64, 64))


def test_the_node_is_found_by_what_people_call_it(pack: ModuleType) -> None:
    schema = node_named(pack, "WanMoveTrackVideo").define_schema()
    assert {"tracks from video", "optical flow tracks", "motion transfer"} <= set(schema.search_aliases)
