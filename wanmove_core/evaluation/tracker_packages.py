"""Trackers that are networks, from packages that the user has installed, with weights that the user has downloaded.

Neither is needed, shipped or downloaded. The packages' own loading, which unpickles, is never used: weights are read as any
model file is here, and handed over. Sources: github.com/facebookresearch/co-tracker (predictor.py) and
github.com/google-deepmind/tapnet (torch/tapir_model.py, pytorch_live_demo.py), as of 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ..errors import RequestError
from ..loading.tensor_file import read_header, read_values
from ..rendering.frames import Frame, as_frame
from .point_tracking import FollowedPoints

_AT_ONCE = 512
"""points followed in one pass: what a pass takes of memory grows with them"""


@dataclass(frozen=True)
class TrackerPackage:
    """Where a tracker comes from."""

    name: str
    module: str
    package: str
    install: str
    weights: str
    """where they are, in words"""
    licence: str
    mark: str
    """how a tensor of its weights begins, and of no other's"""


COTRACKER = TrackerPackage(
    name="CoTracker3",
    module="cotracker.predictor",
    package="cotracker",
    install="pip install git+https://github.com/facebookresearch/co-tracker",
    weights="scaled_offline.pth or scaled_online.pth from huggingface.co/facebook/cotracker3",
    licence="code and weights CC-BY-NC-4.0: not for commercial use",
    mark="updateformer.vis_conf_head.",
)
TAPIR = TrackerPackage(
    name="TAPIR",
    module="tapnet.torch.tapir_model",
    package="tapnet",
    install="pip install git+https://github.com/google-deepmind/tapnet einshape dm-tree",
    weights="bootstapir_checkpoint_v2.pt, linked from github.com/google-deepmind/tapnet",
    licence="code and weights Apache-2.0",
    mark="torch_pips_mixer.",
)


class CoTracker:
    """CoTracker3 over the whole clip, hidden points found again.

    Videos are 0 … 255 and resized to 384 x 512, corner pixel on corner pixel; queries are (frame, x, y) from pixel centres. The
    package calls a point visible from 0.9 for the offline and the online weights alike.

    Args:
        weights: a state dict of CoTracker3.

    Raises:
        RequestError: the package is not installed, or these are not its weights.
        CheckpointError: the file cannot be read.
    """

    def __init__(self, weights: Path) -> None:
        state, module = _read_weights(weights, COTRACKER), _import(COTRACKER)
        window = state["time_emb"].shape[1] if "time_emb" in state else 0
        # The released offline network looks at 60 frames at once, the online one at 16 that overlap.
        self._predictor: Any = module.CoTrackerPredictor(checkpoint=None, offline=window > 16, window_len=window)
        _fill(self._predictor.model, state, weights, COTRACKER)
        self._variant = "offline" if window > 16 else "online"

    @property
    def name(self) -> str:
        return f"{COTRACKER.name} {self._variant}"

    @property
    def version(self) -> str:
        return _version(COTRACKER)

    @property
    def licence(self) -> str:
        return COTRACKER.licence

    @torch.inference_mode()
    def follow(self, frames: Sequence[Frame], points: NDArray[np.float32]) -> FollowedPoints:
        """As ``Tracker.follow``."""
        height, width = _size(frames)
        inner = tuple(int(side) for side in self._predictor.interp_shape)
        device = _device()
        self._predictor.to(device)
        video = torch.stack([_resized(frame, inner, corners=True) for frame in frames])[None].to(device)
        # A point on the very edge lies half a pixel outside the pixels' centres.
        limit = np.array([width - 1, height - 1], np.float32)
        scale = (np.array([inner[1] - 1, inner[0] - 1], np.float32) / np.maximum(limit, 1)).astype(np.float32)
        asked = np.clip(points - 0.5, 0, limit) * scale
        parts = []
        for part in _parts(asked):
            queries = torch.from_numpy(np.insert(part, 0, 0, axis=1)).to(device)[None]
            tracks, visible = self._predictor(video, queries=queries)
            parts.append((tracks[0].float().cpu().numpy(), visible[0].cpu().numpy()))
        positions = np.concatenate([part[0] for part in parts], axis=1) / scale + np.float32(0.5)
        return _followed(positions, np.concatenate([part[1] for part in parts], axis=1), points)


class Tapir:
    """TAPIR, BootsTAPIR and their online forms, over the whole clip, hidden points found again.

    Videos are -1 … 1, [T, H, W, 3], and square: of 256 px, with the extra convolutions of BootsTAPIR of 512 px; queries are
    (frame, y, x) from the picture's corner, tracks (x, y). A point is visible where it is more likely than not both seen and
    near, as in the package's live demo.

    Args:
        weights: a state dict of the PyTorch networks. Whether it is of an online one is told from "causal" in its name.

    Raises:
        RequestError: the package is not installed, or these are not its weights.
        CheckpointError: the file cannot be read.
    """

    def __init__(self, weights: Path) -> None:
        state, module = _read_weights(weights, TAPIR), _import(TAPIR)
        self._has_extra = any(name.startswith("extra_convs.") for name in state)
        self._is_online = "causal" in weights.name.lower()
        first = state.get("torch_pips_mixer.linear.weight")
        # The mixer's input: 4 + 128 + 256 values and 7 x 7 for each level and two more.
        levels = 1 if first is None else (first.shape[-1] - 388) // 49 - 2
        self._model: Any = module.TAPIR(
            pyramid_level=levels, extra_convs=self._has_extra, use_casual_conv=self._is_online
        )  # "casual" is the package's own spelling
        _fill(self._model, state, weights, TAPIR)

    @property
    def name(self) -> str:
        return f"{'Online ' * self._is_online}{'Boots' * self._has_extra}{TAPIR.name}"

    @property
    def version(self) -> str:
        return _version(TAPIR)

    @property
    def licence(self) -> str:
        return TAPIR.licence

    @torch.inference_mode()
    def follow(self, frames: Sequence[Frame], points: NDArray[np.float32]) -> FollowedPoints:
        """As ``Tracker.follow``."""
        height, width = _size(frames)
        side = 512 if self._has_extra else 256
        device = _device()
        self._model.to(device)
        video = torch.stack([_resized(frame, (side, side), corners=False) for frame in frames])[None].to(device)
        video = (video / 127.5 - 1).permute(0, 1, 3, 4, 2).contiguous()
        scale = np.array([side / width, side / height], np.float32)
        parts = []
        for part in _parts(points * scale):
            queries = torch.from_numpy(np.insert(part[:, ::-1], 0, 0, axis=1)).to(device)[None]
            found = self._model(video, queries)
            seen = (1 - found["occlusion"].sigmoid()) * (1 - found["expected_dist"].sigmoid()) > 0.5
            parts.append((found["tracks"][0].float().cpu().numpy(), seen[0].cpu().numpy()))
        positions = np.concatenate([part[0] for part in parts]).swapaxes(0, 1) / scale
        return _followed(positions, np.concatenate([part[1] for part in parts]).swapaxes(0, 1), points)


def cotracker(weights: Path | None) -> CoTracker:
    """The tracker that ``find_tracker`` knows as "cotracker"."""
    return CoTracker(_given(weights, "cotracker", COTRACKER))


def tapir(weights: Path | None) -> Tapir:
    """The tracker that ``find_tracker`` knows as "tapir"."""
    return Tapir(_given(weights, "tapir", TAPIR))


def name_of_weights(weights: Path) -> str:
    """For which of the two a file is, by the names of its tensors: "cotracker" or "tapir".

    Raises:
        RequestError: for neither.
        CheckpointError: it cannot be read.
    """
    names = read_header(weights).tensors
    for name, package in (("cotracker", COTRACKER), ("tapir", TAPIR)):
        if any(tensor.startswith(package.mark) for tensor in names):
            return name
    raise RequestError(
        f"{weights.name} holds the weights of no tracker that is known; give CoTracker3's ({COTRACKER.weights}) or TAPIR's "
        f"({TAPIR.weights})."
    )


def _given(weights: Path | None, name: str, package: TrackerPackage) -> Path:
    if weights is None:
        raise RequestError(
            f'The tracker "{name}" needs its weights, and no file is given; download {package.weights}. '
            f"{package.name}: {package.licence}."
        )
    return weights


def _read_weights(path: Path, package: TrackerPackage) -> dict[str, torch.Tensor]:
    header = read_header(path)
    if not any(name.startswith(package.mark) for name in header.tensors):
        raise RequestError(f"{path.name} does not hold the weights of {package.name}; download {package.weights}.")
    return dict(read_values(header, header.tensors))


def _import(package: TrackerPackage) -> ModuleType:
    try:
        with torch.random.fork_rng(devices=[]):  # CoTracker sets PyTorch's seed when it is imported
            return import_module(package.module)
    except ImportError as error:
        missing = error.name or package.package
        raise RequestError(
            f"{package.name} needs the package {missing}, which is not installed: {package.install}. "
            f"{package.name}: {package.licence}."
        ) from error


def _fill(model: Any, state: Mapping[str, torch.Tensor], path: Path, package: TrackerPackage) -> None:
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        said = " ".join(str(error).split())[:200]
        raise RequestError(
            f"The weights of {path.name} do not fit the installed {package.name} {_version(package)} ({said}); "
            f"download {package.weights}."
        ) from error
    model.eval()


def _version(package: TrackerPackage) -> str:
    try:
        return metadata.version(package.package)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _size(frames: Sequence[Frame]) -> tuple[int, int]:
    if not frames:
        raise RequestError("There are no frames to follow points through; give at least one.")
    shapes = {as_frame(frame).shape[:2] for frame in frames}
    if len(shapes) > 1:
        said = " and ".join(f"{width}x{height}" for height, width in sorted(shapes))
        raise RequestError(f"The frames are {said}; scale all to one size.")
    height, width = shapes.pop()
    return height, width


def _resized(frame: Frame, shape: tuple[int, ...], corners: bool) -> torch.Tensor:
    """One frame at a time, so that a long video is never held in numbers of 32 bits at its full size. [3, h, w], 0 … 255"""
    picture = torch.from_numpy(np.ascontiguousarray(as_frame(frame))).permute(2, 0, 1)[None].float()
    return functional.interpolate(picture, shape, mode="bilinear", align_corners=corners)[0]


def _parts(points: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for first in range(0, max(len(points), 1), _AT_ONCE):
        yield points[first : first + _AT_ONCE].astype(np.float32)


def _followed(positions: NDArray[np.floating], seen: NDArray[np.bool_], points: NDArray[np.float32]) -> FollowedPoints:
    """The start is exactly what was asked for, and a place is finite where it is not known."""
    known: NDArray[np.bool_] = np.asarray(np.isfinite(positions).all(axis=-1))
    places = np.where(known[..., None], positions, points[None]).astype(np.float32)
    places[0] = points
    followed = seen & known
    followed[0] = True
    return FollowedPoints(places, followed)
