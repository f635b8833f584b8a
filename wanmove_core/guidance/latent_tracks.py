"""Tracks in pixels and frames become cells and latent frames. Knows nothing of latents: only of where things are."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import torch

from ..errors import RequestError, TrackError
from ..tracks.tensors import Tracks, rescale
from ..variants import LatentStride

Temporal = Literal["last", "mean"]


@dataclass(frozen=True)
class LatentTracks:
    """Where N tracks are on a grid of ``height`` x ``width`` cells in each of T' latent frames. The order of N is depth."""

    cells: torch.Tensor
    """[T', N, 2] int64, (row, column); (-1, -1) where ``valid`` is False"""
    valid: torch.Tensor
    """[T', N] bool: visible and inside the picture"""
    source: torch.Tensor
    """[N, 2] int64, (row, column) at frame 0, hidden or not; (-1, -1) where ``source_valid`` is False"""
    source_valid: torch.Tensor
    """[N] bool: the start lies inside the picture. Tracks without a source guide nothing."""
    height: int
    """H', cells"""
    width: int
    """W', cells"""

    @property
    def length(self) -> int:
        """Latent frames T'."""
        return self.cells.shape[0]

    @property
    def count(self) -> int:
        """Tracks N."""
        return self.cells.shape[1]

    @property
    def writes(self) -> torch.Tensor:
        """[T', N] bool: where a track carries its source to a cell; never in latent frame 0, which is the picture itself."""
        writes = self.valid & self.source_valid
        writes[0] = False
        return writes

    @property
    def skipped(self) -> int:
        """Tracks that start outside the picture and so guide nothing."""
        return int((~self.source_valid).sum())


def to_latent_tracks(tracks: Tracks, stride: LatentStride, temporal: Temporal = "last") -> LatentTracks:
    """Cells of the tracks in each latent frame.

    Latent frame 0 is frame 0; latent frame k >= 1 covers the chunk of frames ``stride.time*(k-1)+1 .. stride.time*k``.
    ``last`` takes the last frame of the chunk, as Wan-Move's inference does. ``mean`` (the paper, arXiv 2512.08765, Eq. 2) is
    the mean position over the frames of that same chunk in which the point is visible. The "average" branch of the released
    trajectory.py averages ``stride.time*k .. stride.time*k+3``, which is the next chunk, and so runs ahead of the video; it
    is not offered.

    A start that is hidden but inside the picture keeps its source cell. A start outside the picture has no source: the track
    is kept, marked in ``source_valid`` and guides nothing. The right and lower borders (x = W, y = H) are outside.

    Args:
        tracks: positions [T, N, 2], (x, y) in pixels of the target size, which is the latent's size times the stride.

    Raises:
        TrackError: T is not stride.time * k + 1, or the picture's size is not a multiple of the stride.
        RequestError: ``temporal`` is neither "last" nor "mean".
    """
    check_temporal(temporal)
    check_length(tracks.length, stride)
    height, width = grid_size(tracks.width, tracks.height, stride)
    sample = _last_of_chunk if temporal == "last" else _mean_of_chunk
    positions, visible = sample(tracks, stride.time)
    cells, valid = to_cells(positions, visible, tracks, stride)
    source, source_valid = to_cells(positions[0], torch.ones_like(visible[0]), tracks, stride)
    return LatentTracks(cells, valid, source, source_valid, height, width)


def video_size(latent: torch.Tensor, stride: LatentStride) -> tuple[int, int, int]:
    """(frames, width, height) in pixels of the video that a latent [..., T', H', W'] belongs to."""
    length, rows, columns = latent.shape[-3:]
    return (length - 1) * stride.time + 1, columns * stride.width, rows * stride.height


def fit_to_latent(tracks: Tracks, latent: torch.Tensor, stride: LatentStride) -> Tracks:
    """The tracks in pixels of the video that a latent [..., T', H', W'] belongs to, on its device.

    Tracks of another size are scaled where the shape is the same.

    Raises:
        TrackError: another length, or another shape.
    """
    length, width, height = video_size(latent, stride)
    if tracks.length != length:
        raise TrackError(
            f"The tracks have {tracks.length} frames, the video has {length}. Set both to the same length, or stretch the "
            f"tracks to {length} frames."
        )
    if tracks.width * height != tracks.height * width:
        raise TrackError(
            f"The tracks are for a picture of {tracks.width} x {tracks.height}, the video is {width} x {height}: another "
            "shape. Set both to the same size, or fit the tracks to it."
        )
    placed = replace(tracks, positions=tracks.positions.to(latent.device), visibility=tracks.visibility.to(latent.device))
    return rescale(placed, width, height) if (tracks.width, tracks.height) != (width, height) else placed


def check_temporal(temporal: str) -> None:
    """Raise ``RequestError`` unless ``temporal`` is one of the choices."""
    if temporal not in get_args(Temporal):
        raise RequestError(f'The temporal choice is "{temporal}"; it must be one of {", ".join(get_args(Temporal))}.')


def check_length(length: int, stride: LatentStride) -> None:
    """Raise ``TrackError`` unless a clip of ``length`` frames fills whole latent frames."""
    if length < 1 or (length - 1) % stride.time:
        below = max(0, (length - 1) // stride.time) * stride.time + 1
        raise TrackError(
            f"The tracks have {length} frames; the model needs {stride.time}k+1. "
            f"Resample them to {below} or {below + stride.time} frames."
        )


def grid_size(width: int, height: int, stride: LatentStride) -> tuple[int, int]:
    """(H', W') of a ``width`` x ``height`` picture.

    Raises:
        TrackError: a side is not a positive multiple of the stride.
    """
    if width < 1 or height < 1 or width % stride.width or height % stride.height:
        raise TrackError(
            f"The tracks are in pixels of a {width}x{height} picture; guidance needs the target size, a multiple of "
            f"{stride.width}x{stride.height}. Use rescale (or crop) to bring the tracks to the target size first."
        )
    return height // stride.height, width // stride.width


def to_cells(
    positions: torch.Tensor, visible: torch.Tensor, tracks: Tracks, stride: LatentStride
) -> tuple[torch.Tensor, torch.Tensor]:
    """(row, column) [..., 2] int64 and whether a position [..., 2] is visible and inside; (-1, -1) where it is not.

    NaN and infinity are outside.
    """
    x, y = positions.unbind(dim=-1)
    inside = visible & (x >= 0) & (y >= 0) & (x < tracks.width) & (y < tracks.height)
    # whole pixels first: dividing floats could round up into the next cell where the stride is no power of two
    rows = torch.where(inside, y, 0.0).long().div(stride.height, rounding_mode="floor")
    columns = torch.where(inside, x, 0.0).long().div(stride.width, rounding_mode="floor")
    return torch.stack([torch.where(inside, rows, -1), torch.where(inside, columns, -1)], dim=-1), inside


def _last_of_chunk(tracks: Tracks, time: int) -> tuple[torch.Tensor, torch.Tensor]:
    return tracks.positions[::time], tracks.visibility[::time]


def _mean_of_chunk(tracks: Tracks, time: int) -> tuple[torch.Tensor, torch.Tensor]:
    chunks = tracks.positions[1:].reshape(-1, time, tracks.count, 2)
    seen = tracks.visibility[1:].reshape(-1, time, tracks.count)
    total = torch.where(seen.unsqueeze(-1), chunks, torch.zeros_like(chunks)).sum(dim=1)  # [T'-1, N, 2]
    mean = total / seen.sum(dim=1).clamp(min=1).unsqueeze(-1)
    return torch.cat([tracks.positions[:1], mean]), torch.cat([tracks.visibility[:1], seen.any(dim=1)])
