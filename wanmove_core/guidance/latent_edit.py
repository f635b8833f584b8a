"""Carry the first frame's features along the tracks: the one operation of Wan-Move. Pure: new tensors, no random numbers.

The idea and the released behaviour: Wan-Move (ali-vilab/Wan-Move, ``wan/modules/trajectory.py``). The latent is that of the
start image followed by grey frames; its cells in later latent frames are overwritten by the feature that sat where the track
starts. Here depth decides which track a cell belongs to, so neither the seed nor the device has a say.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from ..errors import RequestError, TrackError
from ..tracks.tensors import Tracks
from ..variants import LatentStride
from .latent_tracks import LatentTracks, grid_size, to_cells

MAX_FOOTPRINT = 16.0
MAX_STRENGTH = 100.0


@dataclass(frozen=True)
class CellWrites:
    """One feature copy for each of M cells that a track owns; no cell twice."""

    target: torch.Tensor
    """[M] int64, flat index into [T', H', W'], ascending"""
    source: torch.Tensor
    """[M] int64, flat index into [H', W']"""
    weight: torch.Tensor
    """[M] float32, how far the cell moves towards its source"""
    track: torch.Tensor
    """[M] int64, the owner"""


@dataclass(frozen=True)
class _Reach:
    """Which cells all tracks reach with one cell of their footprint."""

    ring: int
    offset: tuple[int, int]
    """(row, column) from the track's cell, and from its source"""
    reached: torch.Tensor
    """[T', N] bool"""
    place: torch.Tensor
    """[T', N] int64, flat index into [T', H', W']; 0 where not reached"""


def edit_latent(
    latent: torch.Tensor, latent_tracks: LatentTracks, strength: float = 1.0, footprint: float = 0.0
) -> torch.Tensor:
    """A new latent in which each guided cell of latent frames >= 1 holds the feature of its track's source cell.

    Where tracks meet in a cell the one with the highest index wins. Latent frame 0, the source cells and unguided cells stay
    as they are; the argument is never written to.

    Args:
        latent: [C, T', H', W'] or [B, C, T', H', W'], any floating dtype and device; all of a batch get the same edit.
        strength: 0 leaves the latent, 1 copies the source, between is a lerp; up to 100 extrapolates, as ComfyUI's node does.
        footprint: radius in cells. At 0 a track guides the cell that it is in. Above 0 it carries the patch around its source
            cell rigidly along: a cell at distance d <= radius is moved towards the source's neighbour at the same offset with
            weight 1 - d / (radius + 1). Where patches meet the larger weight wins, and at equal weight the higher index.

    Raises:
        TrackError: the latent and the tracks differ in latent frames or cells.
        RequestError: strength or footprint outside their limits.
    """
    _check_latent(latent, latent_tracks.length, latent_tracks.height, latent_tracks.width)
    check_strength(strength)
    return _apply(latent, cell_writes(latent_tracks, footprint), strength)


def edit_latent_reference(
    latent: torch.Tensor, tracks: Tracks, stride: LatentStride, order: torch.Tensor | None = None
) -> torch.Tensor:
    """What the released Wan-Move code makes of these tracks, bit for bit, its defects included; for comparison only.

    It differs from ``edit_latent``: a start that is hidden or outside pastes the bottom-right cell along the whole track
    (its position (-1, -1) is used as a Python index), and on a collision the track that comes last in ``order`` wins. The
    released code draws that order from the global random generator; ``released_order`` repeats it for a seed. Tracks shorter
    than the latent leave its last frames unguided.

    Args:
        latent: [C, T', H', W'] or [B, C, T', H', W'].
        order: [N] int64, a permutation of the tracks, bottom to top; None = as they come.

    Raises:
        TrackError: more latent frames in the tracks than in the latent, a picture that does not fit, or an ``order`` that is
            not a permutation.
    """
    height, width = grid_size(tracks.width, tracks.height, stride)
    sampled, visible = tracks.positions[:: stride.time], tracks.visibility[:: stride.time]
    _check_latent(latent, latent.shape[-3] if latent.ndim > 3 else 0, height, width)
    if sampled.shape[0] > latent.shape[-3]:
        raise TrackError(
            f"The tracks have {tracks.length} frames, {sampled.shape[0]} latent frames; the latent has {latent.shape[-3]}. "
            f"Cut the tracks to {(latent.shape[-3] - 1) * stride.time + 1} frames."
        )
    cells, valid = to_cells(sampled, visible, tracks, stride)
    source = cells[0].remainder(torch.tensor([height, width], device=cells.device))  # -1 becomes the last row or column
    as_released = LatentTracks(cells, valid, source, torch.ones_like(valid[0]), height, width)
    return _apply(latent, cell_writes(_reorder(as_released, order)), 1.0)


def released_order(count: int, seed: int) -> torch.Tensor:
    """[N] int64: the paste order of the released code when the global generator was seeded just before the edit.

    It shuffles the tracks, draws a permutation of embeddings that it never uses, and shuffles again.
    """
    generator = torch.Generator().manual_seed(seed)
    first, _, last = (torch.randperm(count, generator=generator) for _ in range(3))
    return first[last]


def winning_tracks(latent_tracks: LatentTracks, footprint: float = 0.0) -> torch.Tensor:
    """[T', H', W'] int64: the index of the track that owns each cell, -1 = none. Latent frame 0 has no owners.

    Raises:
        RequestError: ``footprint`` is not a radius from 0 to 16 cells.
    """
    claims = _claims(latent_tracks, _rings(footprint))
    return torch.where(claims >= 0, claims % max(latent_tracks.count, 1), -1)


def cell_writes(latent_tracks: LatentTracks, footprint: float = 0.0) -> CellWrites:
    """What ``edit_latent`` copies: for each guided cell its owner, and from where and how strongly it is written.

    Raises:
        RequestError: ``footprint`` is not a radius from 0 to 16 cells.
    """
    rings, tracks = _rings(footprint), latent_tracks
    claims = _claims(tracks, rings).flatten()
    target = (claims >= 0).nonzero().squeeze(1)
    claim = claims[target]
    count = max(tracks.count, 1)
    track = claim % count
    frame = target.div(tracks.height * tracks.width, rounding_mode="floor")
    home = _places(tracks).flatten()[frame * count + track]
    source = (tracks.source[:, 0] * tracks.width + tracks.source[:, 1])[track]
    weights = torch.tensor([weight for weight, _ in rings], dtype=torch.float32, device=claim.device)
    # a cell of a patch takes the source's neighbour that lies as far from the source as the cell from the track
    return CellWrites(target, source + (target - home), weights[claim.div(count, rounding_mode="floor")], track)


def cell_rivals(latent_tracks: LatentTracks, footprint: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """How many tracks reach each cell, int64, and whether one of them lost it that would have written another source, bool.

    Both are [T', H', W'], and of ``edit_latent``'s own rule.

    Raises:
        RequestError: ``footprint`` is not a radius from 0 to 16 cells.
    """
    writes, tracks = cell_writes(latent_tracks, footprint), latent_tracks
    shape = (tracks.length, tracks.height, tracks.width)
    counts = torch.zeros(math.prod(shape), dtype=torch.int64, device=writes.target.device)
    contested = torch.zeros_like(counts)
    won = torch.full_like(counts, -1).index_copy_(0, writes.target, writes.source)
    source = tracks.source[:, 0] * tracks.width + tracks.source[:, 1]  # [N]
    for reach in _reaches(tracks, _rings(footprint)):
        place = reach.place.flatten()
        counts.index_add_(0, place, reach.reached.flatten().long())
        own = source + (reach.offset[0] * tracks.width + reach.offset[1])
        lost = reach.reached & (won[place].view_as(reach.place) != own)
        contested.index_add_(0, place, lost.flatten().long())
    return counts.view(shape), (contested > 0).view(shape)


def check_strength(strength: float) -> None:
    """Raise ``RequestError`` unless ``strength`` is a number from 0 to 100."""
    if not 0.0 <= strength <= MAX_STRENGTH:  # NaN fails too
        raise RequestError(f"The guidance strength is {strength}; it must be from 0 (off) to {MAX_STRENGTH:g}, 1 is normal.")


def _check_latent(latent: torch.Tensor, length: int, height: int, width: int) -> None:
    if latent.ndim not in (4, 5) or tuple(latent.shape[-3:]) != (length, height, width):
        raise TrackError(
            f"The latent has the shape {list(latent.shape)}; these tracks need [channels, {length}, {height}, {width}], "
            "with or without a batch in front. Resample the tracks in time and rescale them to the size of the picture."
        )


def _rings(footprint: float) -> list[tuple[float, list[tuple[int, int]]]]:
    """(weight, offsets (row, column) at one distance) of the footprint, from its edge to its centre."""
    if not 0.0 <= footprint <= MAX_FOOTPRINT:
        raise RequestError(f"The footprint is {footprint} cells; it must be from 0 (one cell a track) to {MAX_FOOTPRINT:g}.")
    reach = range(-int(footprint), int(footprint) + 1)
    rings: dict[int, list[tuple[int, int]]] = {}
    for row in reach:
        for column in reach:
            if row**2 + column**2 <= footprint**2:
                rings.setdefault(row**2 + column**2, []).append((row, column))
    return [(1.0 - math.sqrt(square) / (footprint + 1.0), rings[square]) for square in sorted(rings, reverse=True)]


def _claims(latent_tracks: LatentTracks, rings: list[tuple[float, list[tuple[int, int]]]]) -> torch.Tensor:
    """[T', H', W'] int64: ring * N + track of the strongest claim on each cell, -1 = none.

    A maximum does not depend on the order in which claims arrive, so the result is the same on every device.
    """
    tracks = latent_tracks
    depth = torch.arange(tracks.count, device=tracks.cells.device)
    claims = tracks.cells.new_full((tracks.length * tracks.height * tracks.width,), -1)
    for reach in _reaches(tracks, rings):
        claim = torch.where(reach.reached, reach.ring * tracks.count + depth, -1)  # [T', N]
        claims.scatter_reduce_(0, reach.place.flatten(), claim.flatten(), "amax")
    return claims.view(tracks.length, tracks.height, tracks.width)


def _reaches(latent_tracks: LatentTracks, rings: list[tuple[float, list[tuple[int, int]]]]) -> Iterator[_Reach]:
    tracks, writes, places = latent_tracks, latent_tracks.writes, _places(latent_tracks)
    for ring, (_, offsets) in enumerate(rings):
        for row, column in offsets:
            reached = writes & _stays_inside(tracks, row, column) if row or column else writes
            place = torch.where(reached, places + (row * tracks.width + column), 0)
            yield _Reach(ring, (row, column), reached, place)


def _places(latent_tracks: LatentTracks) -> torch.Tensor:
    """[T', N] int64: flat index into [T', H', W'] of each track's cell; meaningless where it is not valid."""
    frames = torch.arange(latent_tracks.length, device=latent_tracks.cells.device).unsqueeze(1)
    row, column = latent_tracks.cells.unbind(dim=-1)
    return (frames * latent_tracks.height + row) * latent_tracks.width + column


def _stays_inside(latent_tracks: LatentTracks, row: int, column: int) -> torch.Tensor:
    """[T', N] bool: the cell and the source cell, both moved by the offset, are still on the grid."""
    limit = torch.tensor([latent_tracks.height, latent_tracks.width], device=latent_tracks.cells.device)
    cells = latent_tracks.cells + torch.tensor([row, column], device=limit.device)
    source = latent_tracks.source + torch.tensor([row, column], device=limit.device)
    return ((cells >= 0) & (cells < limit)).all(dim=-1) & ((source >= 0) & (source < limit)).all(dim=-1)


def _apply(latent: torch.Tensor, writes: CellWrites, strength: float) -> torch.Tensor:
    target, source = writes.target.to(latent.device), writes.source.to(latent.device)
    weight = (writes.weight * strength).to(latent.device)
    edited = latent.clone(memory_format=torch.contiguous_format)
    flat = edited.flatten(-3)  # a view: [..., C, T'*H'*W']
    features = latent.select(-3, 0).flatten(-2).index_select(-1, source)
    if strength != 1.0 or not bool((weight == 1.0).all()):
        before = flat.index_select(-1, target)
        moved = before.float() + (features.float() - before.float()) * weight
        features = torch.where(weight == 1.0, features, moved.to(latent.dtype))  # an exact copy where nothing is mixed
    flat.index_copy_(-1, target, features)
    return edited


def _reorder(latent_tracks: LatentTracks, order: torch.Tensor | None) -> LatentTracks:
    if order is None:
        return latent_tracks
    count, device = latent_tracks.count, latent_tracks.cells.device
    if tuple(order.shape) != (count,) or not torch.equal(order.sort().values.to(device), torch.arange(count, device=device)):
        raise TrackError(f"The order is not a permutation of the {count} tracks; give each of 0 to {count - 1} once.")
    order = order.to(device)
    return replace(
        latent_tracks,
        cells=latent_tracks.cells[:, order],
        valid=latent_tracks.valid[:, order],
        source=latent_tracks.source[order],
        source_valid=latent_tracks.source_valid[order],
    )
