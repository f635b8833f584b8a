"""A LoRA file read for a network: every change it makes, by the network's own name of what it changes.

Values stay mapped from the file until they are applied (``lora_applying.py``). Nothing of the network is touched here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ..errors import CheckpointError
from .lora_layers import (
    TASK_LAYERS,
    Parts,
    Shape,
    find_misfit,
    limited,
    nothing_fits,
    parameter_shapes,
    read_layers,
    weight_of,
    width_of,
    wrong_shapes,
)
from .lora_names import LayerNames, Part, group_layers, spelling_of, uses_diffusers_names
from .lora_scale import StatedScale, read_stated_scale
from .tensor_file import read_header, read_tensors
from .tensor_info import TensorFile, shown, shown_path


@dataclass(frozen=True)
class LowRankChange:
    """scale * up @ down, to be added to a weight; ``down`` is [rank, in] or [rank, in, kernel...], ``up`` [out, rank]."""

    parameter: str
    down: torch.Tensor
    up: torch.Tensor
    scale: float
    """alpha / rank"""


@dataclass(frozen=True)
class FullChange:
    """scale * delta, to be added to a parameter of the same shape (but for ones at its beginning)."""

    parameter: str
    delta: torch.Tensor
    scale: float = 1.0


@dataclass(frozen=True)
class LoraReport:
    """What a file changes in a network, and what of it the network has no place for."""

    path: Path
    spelling: str
    ranks: tuple[int, ...]
    """in rising order; empty for a file without pairs"""
    matched: int
    """layers that are changed"""
    ignored: tuple[str, ...]
    """layers that the network lacks or has in another shape, by group: ``blocks.*.cross_attn.k_img (40)``"""
    ignored_count: int

    def __str__(self) -> str:
        ranks = f"rank {' to '.join(map(str, sorted({self.ranks[0], self.ranks[-1]})))}" if self.ranks else "no pairs"
        text = (
            f"{self.path.name}: {self.matched} {'layer' if self.matched == 1 else 'layers'} changed ({ranks}, {self.spelling})"
        )
        left_out = f"; {self.ignored_count} left out that this model has no place for: {limited(self.ignored)}"
        return text + (left_out if self.ignored else "")


@dataclass(frozen=True)
class Lora:
    """A file's changes to a network, or to any other with these layers (the other expert)."""

    report: LoraReport
    pairs: tuple[LowRankChange, ...]
    deltas: tuple[FullChange, ...]


def read_lora(path: str | Path, network: nn.Module) -> Lora:
    """The changes that a LoRA file makes to a network, in any trainer's spelling.

    A layer of the file is taken with all its parts or not at all. What the network has no place for (image tokens, in a model
    without them) is left out and reported; a file of which nothing fits, or which is for another width, is an error.

    Raises:
        CheckpointError: the file cannot be read, is no LoRA or of a kind that is not supported, or is for another model.
    """
    file = read_header(path)
    layers = read_layers(file)
    shapes = parameter_shapes(network)
    found = _find_layers(file, layers, shapes)
    misfits = {layer: reason for layer, own in found.items() if (reason := find_misfit(file, layers[layer], own, shapes))}
    wrong = {found[layer]: reason for layer, reason in misfits.items() if not found[layer].startswith(TASK_LAYERS)}
    if wrong or len(misfits) == len(found):
        wrong = wrong or {found[layer]: reason for layer, reason in misfits.items()}
        own_width = shapes.get("head.modulation", (0,))[-1]
        raise wrong_shapes(file, wrong, len(found), width_of(file, layers), own_width)
    taken = {layer: own for layer, own in found.items() if layer not in misfits}
    pairs, deltas = _read_changes(file, layers, taken, shapes)
    ignored = [layer for layer in layers if layer not in taken]
    ranks = tuple(sorted({len(pair.down) for pair in pairs}))
    groups = tuple(group_layers(ignored))
    return Lora(LoraReport(file.path, spelling_of(file.tensors), ranks, len(taken), groups, len(ignored)), pairs, deltas)


def _find_layers(file: TensorFile, layers: Mapping[str, Parts], shapes: Mapping[str, Shape]) -> dict[str, str]:
    """The network's names of the file's layers, of those that it has."""
    names = LayerNames(shapes, uses_diffusers_names(file.tensors))
    found = {layer: own for layer in layers if (own := names.find(layer)) is not None}
    if not found:
        raise nothing_fits(file, group_layers(layers))
    first: dict[str, str] = {}
    for layer, own in found.items():
        if first.setdefault(own, layer) != layer:
            both = f"as {shown(first[own])} and as {shown(layer)}"
            raise CheckpointError(f"{shown_path(file.path)} changes {own} twice, {both}; use a file with one LoRA.")
    return found


def _read_changes(
    file: TensorFile, layers: Mapping[str, Parts], taken: Mapping[str, str], shapes: Mapping[str, Shape]
) -> tuple[tuple[LowRankChange, ...], tuple[FullChange, ...]]:
    stated = read_stated_scale(file)
    values = _read_values(file, [key.name for layer in taken for key in layers[layer].values()])
    pairs: list[LowRankChange] = []
    deltas: list[FullChange] = []
    for layer, own in taken.items():
        parts: dict[Part, torch.Tensor] = {part: values[key.name] for part, key in layers[layer].items()}
        weight, bias, scale = weight_of(own, shapes), f"{own}.bias", _scale_of(layer, parts, stated)
        if "down" in parts:
            kernel = shapes[weight][1:]
            pairs.append(LowRankChange(weight, parts["down"].reshape(-1, *kernel), parts["up"].flatten(1), scale))
        targets: tuple[tuple[Part, str, float], ...] = (
            ("weight delta", weight, 1.0), ("modulation delta", weight, 1.0), ("bias delta", bias, 1.0), ("bias", bias, scale),
        )  # fmt: skip
        deltas.extend(FullChange(target, parts[part], factor) for part, target, factor in targets if part in parts)
    return tuple(pairs), tuple(deltas)


def _read_values(file: TensorFile, names: list[str]) -> dict[str, torch.Tensor]:
    """All values, mapped: one that is not a number would turn the whole video black, so it is looked for first."""
    values = dict(read_tensors(file.path, names))
    for name, value in values.items():
        if not bool(torch.isfinite(value.float()).all()):
            raise CheckpointError(
                f"{shown_path(file.path)}: tensor {shown(name)} has infinite or undefined values; use another LoRA."
            )
    return values


def _scale_of(layer: str, parts: Mapping[Part, torch.Tensor], stated: StatedScale) -> float:
    if "down" not in parts:
        return 1.0
    rank = len(parts["down"])
    return float(parts["alpha"].item()) / rank if "alpha" in parts else stated.of(layer, rank)
