"""What the model will and will not be told: how much of the clip is guided, and what in the tracks is lost on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch

from ..tracks.tensors import Tracks, rescale
from ..variants import LatentStride
from .latent_edit import winning_tracks
from .latent_tracks import LatentTracks, Temporal, grid_size, to_latent_tracks

FindingKind = Literal[
    "source-size",
    "length",
    "start-outside",
    "hidden-start",
    "far-edge",
    "collision-lost",
    "motion-under-a-cell",
    "jump",
]
STILL_PIXELS = 0.5
"""A track that never gets further than this from its start counts as a pin, not as motion."""
JUMP_CELLS = 8
"""Cells (64 px on Wan 2.1) between two latent frames (a quarter of a second) from which a move is called a jump."""


@dataclass(frozen=True)
class Finding:
    """One thing about one layer that the user may want to mend."""

    kind: FindingKind
    layer: str | None
    """name of the layer; None = the tracks as a whole"""
    count: int
    """tracks concerned"""
    message: str
    """what is so, and the way out"""


@dataclass(frozen=True)
class GuidanceReport:
    """Coverage and findings. Coverage leaves latent frame 0 out: it is the start image, which the model is given anyway."""

    tracks: int
    skipped: int
    """tracks that guide nothing because they start outside the picture"""
    cells: int
    """H' * W' * (T' - 1)"""
    guided: int
    """cells that a track owns"""
    coverage: float
    """guided in % of cells"""
    coverage_by_latent_frame: tuple[float, ...]
    """% of the H' * W' cells, for latent frames 1 … T' - 1"""
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Case:
    """The tracks of the target size and whole latent frames, and what became of them."""

    tracks: Tracks
    latent: LatentTracks
    owners: torch.Tensor
    """[T', H', W'] int64"""
    stride: LatentStride


def guidance_report(
    tracks: Tracks, stride: LatentStride, target: tuple[int, int] | None = None, temporal: Temporal = "last"
) -> GuidanceReport:
    """Coverage and lint of tracks as ``edit_latent`` will read them; every track counts, visible or not.

    A length that is not stride.time * k + 1 and a size other than the target are findings here, not errors: the rest is
    measured on the frames that fill whole latent frames, stretched to the target.

    Args:
        target: (width, height) in pixels of the video to be made; None = that of the tracks.

    Raises:
        TrackError: the target is not a multiple of the stride.
        RequestError: an unknown ``temporal``.
    """
    width, height = target or (tracks.width, tracks.height)
    grid_size(width, height, stride)
    whole = (tracks.length - 1) // stride.time * stride.time + 1
    fitted = tracks if (width, height) == (tracks.width, tracks.height) else rescale(tracks, width, height)
    fitted = replace(fitted, positions=fitted.positions[:whole], visibility=fitted.visibility[:whole])
    latent = to_latent_tracks(fitted, stride, temporal)
    case = _Case(fitted, latent, winning_tracks(latent), stride)
    guided = case.owners[1:] >= 0
    cells = guided.numel()
    return GuidanceReport(
        tracks=tracks.count,
        skipped=latent.skipped,
        cells=cells,
        guided=int(guided.sum()),
        coverage=100.0 * int(guided.sum()) / max(cells, 1),
        coverage_by_latent_frame=tuple((100.0 * guided.double().mean(dim=(1, 2))).tolist()),
        findings=(*_whole_findings(tracks, stride, width, height), *_layer_findings(case)),
    )


def _whole_findings(tracks: Tracks, stride: LatentStride, width: int, height: int) -> list[Finding]:
    findings = []
    if (tracks.width, tracks.height) != (width, height):
        same_shape = tracks.width * height == tracks.height * width
        fix = "rescale them" if same_shape else "the shapes differ: choose crop or stretch, as for the picture"
        message = f"The tracks are drawn on {tracks.width}x{tracks.height}, the video is {width}x{height}; {fix}."
        findings.append(Finding("source-size", None, tracks.count, message))
    whole = (tracks.length - 1) // stride.time * stride.time + 1
    if whole != tracks.length:
        message = (
            f"The tracks have {tracks.length} frames, the model needs {stride.time}k+1; "
            f"resample them to {whole} or {whole + stride.time} frames."
        )
        findings.append(Finding("length", None, tracks.count, message))
    return findings


def _layer_findings(case: _Case) -> list[Finding]:
    """By layer, bottom to top, and within a layer in the order of ``_RULES``."""
    concerned: list[tuple[FindingKind, str, torch.Tensor]] = [(kind, text, rule(case)) for kind, text, rule in _RULES]
    findings = []
    for index, name in enumerate(case.tracks.names):
        member = case.tracks.layer == index
        for kind, text, tracks in concerned:
            count = int((tracks & member).sum())
            if count:
                message = text.format(of=f"{count} of {int(member.sum())} tracks", cell=_cell_text(case.stride))
                findings.append(Finding(kind, name, count, f'Layer "{name}": {message}'))
    return findings


def _starts_outside(case: _Case) -> torch.Tensor:
    return ~case.latent.source_valid & ~_on_far_edge(case.tracks, slice(0, 1))


def _starts_hidden(case: _Case) -> torch.Tensor:
    return ~case.tracks.visibility[0] & case.latent.source_valid & case.latent.writes.any(dim=0)


def _touches_far_edge(case: _Case) -> torch.Tensor:
    return _on_far_edge(case.tracks, slice(None))


def _loses_collisions(case: _Case) -> torch.Tensor:
    """Tracks that lose a cell to another layer, or every one of their cells to their own.

    Inside a layer tracks meet whenever it turns or shrinks, and a neighbour's feature is as good, so that only a track that
    is never heard counts. A loss to a track with the same source cell loses nothing.
    """
    latent, layer = case.latent, case.tracks.layer
    frame, track = latent.writes.nonzero(as_tuple=True)
    row, column = latent.cells[frame, track].unbind(dim=-1)
    owner = case.owners[frame, row, column]
    lost = (latent.source[owner] != latent.source[track]).any(dim=-1)
    foreign = torch.zeros(latent.count, dtype=torch.int64, device=track.device)
    heard, written = foreign.clone(), foreign.clone()
    foreign.index_add_(0, track, (lost & (layer[owner] != layer[track])).long())
    heard.index_add_(0, track, (~lost).long())
    written.index_add_(0, track, torch.ones_like(track))
    return (foreign > 0) | ((written > 0) & (heard == 0))


def _moves_less_than_a_cell(case: _Case) -> torch.Tensor:
    latent, tracks = case.latent, case.tracks
    away = (tracks.positions - tracks.positions[:1]).norm(dim=-1)
    moves = (tracks.visibility & (away > STILL_PIXELS)).any(dim=0)
    leaves = (latent.writes & (latent.cells != latent.source).any(dim=-1)).any(dim=0)
    return moves & ~leaves & latent.writes.any(dim=0)


def _jumps(case: _Case) -> torch.Tensor:
    latent = case.latent
    both = latent.valid[1:] & latent.valid[:-1] & latent.source_valid
    far = (latent.cells[1:] - latent.cells[:-1]).abs().amax(dim=-1) > JUMP_CELLS
    return (both & far).any(dim=0)


def _on_far_edge(tracks: Tracks, frames: slice) -> torch.Tensor:
    """[N]: visible or starting exactly on x = W or y = H, and not beyond the other border."""
    x, y = tracks.positions[frames].unbind(dim=-1)
    edge = ((x == tracks.width) & (y >= 0) & (y <= tracks.height)) | ((y == tracks.height) & (x >= 0) & (x <= tracks.width))
    counts = tracks.visibility[frames].clone()
    counts[0] = True
    return (edge & counts).any(dim=0)


def _cell_text(stride: LatentStride) -> str:
    return f"{stride.width}x{stride.height} px"


# (kind, what to tell, which tracks it concerns: [N] bool)
_Rule = tuple[FindingKind, str, Callable[[_Case], torch.Tensor]]
_RULES: tuple[_Rule, ...] = (
    (
        "start-outside",
        "{of} start outside the picture, so there is no feature to carry and they are skipped. Move the start inside; "
        "what enters the picture later cannot be taken from the start image.",
        _starts_outside,
    ),
    (
        "hidden-start",
        "{of} are hidden at the first frame; they carry what the start image shows at that place. "
        "If something else covers it there, begin the visible span at the first frame or move the start.",
        _starts_hidden,
    ),
    (
        "far-edge",
        "{of} touch the right or bottom border (x = width or y = height), which is outside. Move them in by a pixel.",
        _touches_far_edge,
    ),
    (
        "collision-lost",
        "{of} are covered by tracks above them in the same {cell} cell. Move the layer up, part the paths or lower the "
        "density.",
        _loses_collisions,
    ),
    (
        "motion-under-a-cell",
        "{of} move but never leave their {cell} cell, so the model sees them as still. Make the motion larger or pin them.",
        _moves_less_than_a_cell,
    ),
    (
        "jump",
        f"{{of}} move more than {JUMP_CELLS} cells of {{cell}} in one latent frame; the model tends to cut or smear there. "
        "Slow the motion down or shorten the path.",
        _jumps,
    ),
)
