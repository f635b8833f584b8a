"""Tracks as torch tensors, in ComfyUI's TRACKS form and back; rescaling and cropping. The only torch in ``tracks/``."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from ..errors import TrackError
from .baked import BakedTracks


@dataclass(frozen=True)
class Tracks:
    """``BakedTracks`` on a device: the same axes, order (= depth), pixels and names."""

    positions: torch.Tensor
    """[T, N, 2] float32, (x, y) in pixels of a ``width`` x ``height`` picture"""
    visibility: torch.Tensor
    """[T, N] bool"""
    width: int
    height: int
    layer: torch.Tensor
    """[N] int32"""
    names: tuple[str, ...] = ("tracks",)

    @property
    def length(self) -> int:
        """Frames T."""
        return self.positions.shape[0]

    @property
    def count(self) -> int:
        """Tracks N."""
        return self.positions.shape[1]


def to_tensors(baked: BakedTracks, device: torch.device | str = "cpu") -> Tracks:
    """The same tracks as tensors on ``device``."""
    return Tracks(
        positions=torch.from_numpy(baked.positions.copy()).to(device),
        visibility=torch.from_numpy(baked.visibility.copy()).to(device),
        width=baked.width,
        height=baked.height,
        layer=torch.from_numpy(baked.layer.copy()).to(device),
        names=baked.names,
    )


def to_baked(tracks: Tracks) -> BakedTracks:
    """The same tracks as numpy arrays."""
    return BakedTracks(
        positions=tracks.positions.cpu().numpy().astype(np.float32),
        visibility=tracks.visibility.cpu().numpy().astype(np.bool_),
        width=tracks.width,
        height=tracks.height,
        layer=tracks.layer.cpu().numpy().astype(np.int32),
        names=tracks.names,
    )


def make_tracks(positions: torch.Tensor, visibility: torch.Tensor | None, width: int, height: int) -> Tracks:
    """Tracks from raw tensors, checked and copied.

    Args:
        positions: [T, N, 2] of any real dtype, (x, y) in pixels of a ``width`` x ``height`` picture. NaN and infinity are
            allowed where the point is hidden.
        visibility: [T, N], any dtype, non-zero = visible; None = everything visible.

    Raises:
        TrackError: a wrong shape, no tracks, no frames, or a visible point that is not finite.
    """
    if positions.ndim != 3 or positions.shape[-1] != 2:
        raise TrackError(f"Track positions have the shape {list(positions.shape)}; [frames, tracks, 2] is needed.")
    length, count, _ = positions.shape
    if length == 0 or count == 0:
        raise TrackError(f"There are {count} tracks over {length} frames; at least one of each is needed.")
    if visibility is None:
        visibility = torch.ones(length, count, dtype=torch.bool, device=positions.device)
    if tuple(visibility.shape) != (length, count):
        raise TrackError(
            f"Track visibility has the shape {list(visibility.shape)}, positions have {list(positions.shape)}; "
            f"visibility must be [{length}, {count}]."
        )
    visible = visibility.bool()
    finite = torch.isfinite(positions).all(dim=-1)
    bad = visible & ~finite
    if bool(bad.any()):
        frame, track = bad.nonzero()[0].tolist()
        raise TrackError(
            f"Track {track} is visible at frame {frame} but its position is {positions[frame, track].tolist()}; "
            "give a finite position or mark it hidden."
        )
    safe = torch.where(finite.unsqueeze(-1), positions, torch.full_like(positions, -1)).to(torch.float32)
    layer = torch.zeros(count, dtype=torch.int32, device=positions.device)
    return Tracks(safe, visible.clone(), width, height, layer)


def rescale(tracks: Tracks, width: int, height: int) -> Tracks:
    """Stretch the tracks to a picture of another size; x and y scale on their own."""
    factor = tracks.positions.new_tensor([width / tracks.width, height / tracks.height])
    return replace(tracks, positions=tracks.positions * factor, width=width, height=height)


def crop(tracks: Tracks, left: float, top: float, width: int, height: int) -> Tracks:
    """Cut a ``width`` x ``height`` window out of the picture; what leaves it keeps its (off-picture) position."""
    corner = tracks.positions.new_tensor([left, top])
    return replace(tracks, positions=tracks.positions - corner, width=width, height=height)
