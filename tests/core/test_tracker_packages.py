"""CoTracker and TAPIR: what is handed to the packages and what is made of their answers.

The stand-ins take and give what the real packages of 2026 do (their signatures, ranges, axes and shapes, as recorded from
them), but follow nothing: they answer with a known motion, so that a swapped axis or a wrong scale shows.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.test_video_tracking import Recording
from wanmove_core.errors import CheckpointError, RequestError
from wanmove_core.evaluation.start_points import StartPoints
from wanmove_core.evaluation.tracker_packages import name_of_weights
from wanmove_core.evaluation.tracker_tracks import track_by
from wanmove_core.evaluation.trackers import find_tracker
from wanmove_core.host import SilentHost
from wanmove_core.rendering.frames import Frame

WIDTH, HEIGHT, LENGTH = 97, 65, 4
POINTS = np.array([[10.5, 20.5], [60.25, 40], [97, 0]], np.float32)
STEP = np.array([3.0, -2.0], np.float32)
"""px of the video by which the stand-ins move every point in each frame"""


class FakeCoTracker(torch.nn.Module):
    """``cotracker.predictor.CoTrackerPredictor``."""

    def __init__(
        self, checkpoint: str | None = "./checkpoints/scaled_offline.pth", offline: bool = True, v2: bool = False,
        window_len: int = 60,
    ) -> None:  # fmt: skip
        super().__init__()
        assert checkpoint is None and not v2, "nothing is unpickled by the package"
        self.offline, self.interp_shape = offline, (384, 512)
        self.model = torch.nn.Module()
        self.model.register_buffer("time_emb", torch.zeros(1, window_len, 1110))
        self.model.updateformer = torch.nn.Module()
        self.model.updateformer.vis_conf_head = torch.nn.Linear(384, 2)

    def forward(
        self, video: torch.Tensor, queries: torch.Tensor | None = None, segm_mask: torch.Tensor | None = None,
        grid_size: int = 0, grid_query_frame: int = 0, backward_tracking: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
        assert video.shape == (1, LENGTH, 3, 384, 512) and 100 < video.max() <= 255
        assert queries is not None and queries.shape[::2] == (1, 3) and (queries[..., 0] == 0).all()
        step = torch.tensor(STEP) * torch.tensor([511 / (WIDTH - 1), 383 / (HEIGHT - 1)])
        time = torch.arange(LENGTH)[:, None, None]
        visible = torch.ones(1, LENGTH, queries.shape[1], dtype=torch.bool)
        visible[0, 2, 0] = False
        return queries[:, None, :, 1:] + (time * step)[None], visible


class FakeTapir(torch.nn.Module):
    """``tapnet.torch.tapir_model.TAPIR``."""

    def __init__(self, pyramid_level: int = 1, extra_convs: bool = True, use_casual_conv: bool = False) -> None:
        super().__init__()
        self.side, self.is_online = 512 if extra_convs else 256, use_casual_conv
        self.torch_pips_mixer = torch.nn.Module()
        self.torch_pips_mixer.linear = torch.nn.Linear(388 + (pyramid_level + 2) * 49, 512)
        self.extra_convs = torch.nn.Conv2d(1, 1, 1) if extra_convs else None

    def forward(
        self, video: torch.Tensor, query_points: torch.Tensor, is_training: bool = False, query_chunk_size: int | None = 64,
        get_query_feats: bool = False, refinement_resolutions: list[tuple[int, int]] | None = None,
    ) -> Mapping[str, torch.Tensor]:  # fmt: skip
        assert video.shape == (1, LENGTH, self.side, self.side, 3) and video.min() >= -1 and 0 < video.max() <= 1
        assert query_points.shape[::2] == (1, 3) and (query_points[..., 0] == 0).all()
        start = query_points[..., [2, 1]][:, :, None]
        step = torch.tensor(STEP) * torch.tensor([self.side / WIDTH, self.side / HEIGHT])
        occlusion = torch.full((1, query_points.shape[1], LENGTH), -9.0)
        occlusion[0, 0, 2] = 9.0
        distance = torch.full_like(occlusion, -9.0)
        distance[0, 1:2, 3] = 9.0  # seen, but the place is not sure
        return {"tracks": start + torch.arange(LENGTH)[:, None] * step, "occlusion": occlusion, "expected_dist": distance}


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both as if they were installed."""
    modules: dict[str, dict[str, Any]] = {
        "cotracker": {},
        "cotracker.predictor": {"CoTrackerPredictor": FakeCoTracker},
        "tapnet": {},
        "tapnet.torch": {},
        "tapnet.torch.tapir_model": {"TAPIR": FakeTapir},
    }
    for name, contents in modules.items():
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)


def weights_of(folder: Path, kind: str) -> Path:
    """A state dict as ``torch.save`` writes it."""
    made: dict[str, tuple[str, torch.nn.Module]] = {
        "offline": ("scaled_offline.pth", FakeCoTracker(None).model),
        "online": ("scaled_online.pth", FakeCoTracker(None, offline=False, window_len=16).model),
        "tapir": ("tapir.pt", FakeTapir(0, False)),
        "boots": ("bootstapir_checkpoint_v2.pt", FakeTapir()),
        "causal": ("causal_bootstapir_checkpoint.pt", FakeTapir(use_casual_conv=True)),
    }
    name, model = made[kind]
    torch.save(model.state_dict(), folder / name)
    return folder / name


def video() -> list[Frame]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8) for _ in range(LENGTH)]


CASES = [
    ("cotracker", "offline", "CoTracker3 offline"),
    ("cotracker", "online", "CoTracker3 online"),
    ("tapir", "tapir", "TAPIR"),
    ("tapir", "boots", "BootsTAPIR"),
    ("tapir", "causal", "Online BootsTAPIR"),
]


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize(("name", "kind", "shown"), CASES)
def test_points_go_in_and_come_out_in_pixels_of_the_video(name: str, kind: str, shown: str, tmp_path: Path) -> None:
    weights = weights_of(tmp_path, kind)
    tracker = find_tracker(name, weights)
    assert (tracker.name, name_of_weights(weights)) == (shown, name)
    found = tracker.follow(video(), POINTS)
    assert found.positions.dtype == np.float32 and np.array_equal(found.positions[0], POINTS)
    expected = POINTS + STEP * np.arange(LENGTH)[:, None, None]
    # CoTracker knows no place outside the pixels' centres: its last point begins half a pixel further in.
    known = slice(0, 2) if name == "cotracker" else slice(0, 3)
    assert np.abs(found.positions - expected)[:, known].max() <= 1e-4
    lost = [(2, 0)] if name == "cotracker" else [(2, 0), (3, 1)]
    assert np.argwhere(~found.followed).tolist() == [list(place) for place in lost]


@pytest.mark.usefixtures("packages")
def test_the_licence_is_said_with_the_tracks(tmp_path: Path) -> None:
    host = Recording()
    found = track_by(
        find_tracker("cotracker", weights_of(tmp_path, "offline")), iter(video()), StartPoints(points=POINTS[:2]), host
    )
    assert host.notes == ["CoTracker3 offline (of unknown version); code and weights CC-BY-NC-4.0: not for commercial use."]
    assert found.visibility[:, 0].tolist() == [True, True, False, True] and (found.width, found.height) == (WIDTH, HEIGHT)


@pytest.mark.usefixtures("packages")
def test_what_leaves_the_picture_is_hidden(tmp_path: Path) -> None:
    start = StartPoints(points=np.array([[92.0, 30.0]]))
    found = track_by(find_tracker("tapir", weights_of(tmp_path, "tapir")), video(), start, SilentHost())
    assert found.visibility[:, 0].tolist() == [True, True, False, False]


@pytest.mark.usefixtures("packages")
def test_many_points_are_followed_in_parts_and_keep_their_order(tmp_path: Path) -> None:
    points = np.random.default_rng(1).uniform((1, 1), (96, 64), (1100, 2)).astype(np.float32)
    for name, kind in (("cotracker", "offline"), ("tapir", "tapir")):
        found = find_tracker(name, weights_of(tmp_path, kind)).follow(video(), points)
        assert np.abs(found.positions[1] - points - STEP).max() <= 1e-4


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("cotracker", "offline", "git+https://github.com/facebookresearch/co-tracker. CoTracker3: code and weights CC-BY-NC"),
        ("tapir", "boots", "git+https://github.com/google-deepmind/tapnet einshape dm-tree. TAPIR: code and weights Apache"),
    ],
)
def test_a_missing_package_is_said_with_its_licence(
    name: str, kind: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("cotracker", "cotracker.predictor", "tapnet", "tapnet.torch", "tapnet.torch.tapir_model"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(RequestError, match="which is not installed") as caught:
        find_tracker(name, weights_of(tmp_path, kind))
    assert said in str(caught.value)


@pytest.mark.usefixtures("packages")
def test_weights_that_are_missing_or_of_something_else_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"needs its weights, and no file is given; download scaled_offline\.pth"):
        find_tracker("cotracker")
    with pytest.raises(RequestError, match=r"tapir\.pt does not hold the weights of CoTracker3"):
        find_tracker("cotracker", weights_of(tmp_path, "tapir"))
    torch.save({"other": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(RequestError, match="holds the weights of no tracker"):
        name_of_weights(tmp_path / "other.pth")
    torch.save({"updateformer.vis_conf_head.weight": torch.zeros(3)}, tmp_path / "part.pth")
    with pytest.raises(RequestError, match="do not fit the installed CoTracker3"):
        find_tracker("cotracker", tmp_path / "part.pth")


@pytest.mark.usefixtures("packages")
def test_code_in_weights_is_never_run(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "executed",))

    torch.save({"torch_pips_mixer.linear.weight": Hostile()}, tmp_path / "hostile.pt")
    with pytest.raises(CheckpointError):
        find_tracker("tapir", tmp_path / "hostile.pt")
    assert not (tmp_path / "executed").exists()
