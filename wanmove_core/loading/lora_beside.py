"""LoRAs beside the weights of a network, which can be switched off, weakened and removed.

Pairs run as low-rank paths (``models/low_rank.py``), whatever the weights are stored in. Biases, norms and modulation are small
and are replaced by their changed values, and the unchanged ones are kept on their module as a buffer ``unchanged_<name>`` that
moves with it and is in no state dict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import nn

from ..errors import RequestError
from ..models.low_rank import LinearLike, LowRankPath, full_rank_pair, hang_path, take_path
from .lora import FullChange, LoraReport, LowRankChange

COMPUTABLE = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
_KEPT = "unchanged_"

Change = LowRankChange | FullChange
Changes = dict[str, list[tuple[int, Change]]]
"""by the parameter that is changed, each with the place of its LoRA in the list of LoRAs"""


@dataclass(frozen=True)
class _Path:
    """A low-rank path beside a layer, and alpha / rank of its pairs by the place of their LoRA."""

    layer: nn.Module
    path: LowRankPath
    scales: tuple[tuple[int, float], ...]
    handle: torch.utils.hooks.RemovableHandle

    def set_strengths(self, strengths: Sequence[float]) -> None:
        self.path.set_scales([strengths[index] * scale for index, scale in self.scales])


@dataclass(frozen=True)
class _Shift:
    """A parameter ``name`` of a module that holds its changed value while the module keeps the unchanged one."""

    module: nn.Module
    name: str
    changes: tuple[tuple[int, Change], ...]

    @property
    def unchanged(self) -> torch.Tensor:
        return self.module.get_buffer(_KEPT + self.name)

    def set_strengths(self, strengths: Sequence[float]) -> None:
        """Nothing is rounded twice: each time from the unchanged value, and with zeros only that value itself."""
        changes = [(strengths[index], change) for index, change in self.changes if strengths[index]]
        parameter = self.module.get_parameter(self.name)
        parameter.data = (changed_value(self.unchanged, changes) if changes else self.unchanged).to(parameter.device)


class AppliedLoras:
    """LoRAs at work in a network. Those beside its weights can be switched, weakened and removed; merged ones stay.

    Attributes:
        reports: what each file changed, in the order given.
        merged: they are in the weights, and nothing here can be changed.
    """

    def __init__(
        self,
        reports: tuple[LoraReport, ...],
        strengths: tuple[float, ...],
        paths: Sequence[_Path] | None = None,
        shifts: Sequence[_Shift] = (),
    ) -> None:
        self.reports = reports
        self.merged = paths is None
        self._strengths = strengths
        self._enabled = True
        self._paths, self._shifts = list(paths or ()), list(shifts)
        self._update()

    @property
    def bytes(self) -> int:
        """Memory of what is beside the weights: factors, and the values kept for ``remove``."""
        kept = (shift.unchanged for shift in self._shifts)
        return sum(entry.path.bytes for entry in self._paths) + sum(value.numel() * value.element_size() for value in kept)

    @property
    def enabled(self) -> bool:
        """Off, the network computes exactly as without the LoRAs. Set to switch; merged ones cannot be."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        self._refuse_if_merged("switched")
        self._enabled = value
        self._update()

    @property
    def strengths(self) -> tuple[float, ...]:
        """In the order of the LoRAs, 0 for none of it. Set to change them."""
        return self._strengths

    @strengths.setter
    def strengths(self, values: Sequence[float]) -> None:
        self._refuse_if_merged("changed")
        if len(values) != len(self.reports):
            raise RequestError(f"{len(values)} strengths are given for {len(self.reports)} LoRAs; give one for each.")
        self._strengths = tuple(values)
        self._update()

    def remove(self) -> None:
        """The network as it was before, and the factors' memory free. A second call does nothing."""
        self._refuse_if_merged("removed")
        self._enabled = False
        self._update()
        for entry in self._paths:
            take_path(entry.layer, entry.handle)
        for shift in self._shifts:
            delattr(shift.module, _KEPT + shift.name)
        self._paths, self._shifts = [], []

    def _update(self) -> None:
        strengths = self._strengths if self._enabled else (0.0,) * len(self._strengths)
        for entry in (*self._paths, *self._shifts):
            entry.set_strengths(strengths)

    def _refuse_if_merged(self, what: str) -> None:
        if self.merged:
            raise RequestError(f"Merged LoRAs cannot be {what}; apply them beside the weights or load the model again.")


def hang_beside(network: nn.Module, changes: Changes, dtype: torch.dtype | None) -> tuple[list[_Path], list[_Shift]]:
    """Paths and kept values for all changes, without effect until their strengths are set.

    Everything that takes memory is made before the network is touched.
    """
    parameters = dict(network.named_parameters())
    paths: list[tuple[nn.Module, LowRankPath, tuple[tuple[int, float], ...]]] = []
    shifts: list[_Shift] = []
    for name, ones in changes.items():
        module_name, _, last = name.rpartition(".")
        module = network.get_submodule(module_name)
        plain = name in parameters and parameters[name].dtype in COMPUTABLE
        beside = [(index, change) for index, change in ones if isinstance(change, LowRankChange) or not plain]
        inside = tuple((index, change) for index, change in ones if isinstance(change, FullChange) and plain)
        if beside and not isinstance(module, LinearLike | nn.Conv3d):
            raise RequestError(f"A LoRA changes {name}, which is quantised and no linear layer; use the model as bf16 or fp16.")
        if beside:
            own = dtype or (parameters[name].dtype if plain else torch.bfloat16)
            path = LowRankPath([_factors(change, module, own) for _, change in beside], module)
            paths.append((module, path, tuple((index, change.scale) for index, change in beside)))
        if inside:
            shifts.append(_Shift(module, last, inside))
    for shift in shifts:
        shift.module.register_buffer(_KEPT + shift.name, shift.module.get_parameter(shift.name).data, persistent=False)
    return [_Path(module, path, scales, hang_path(module, path)) for module, path, scales in paths], shifts


def is_shifted(module: nn.Module) -> bool:
    """Whether LoRAs beside the weights have changed a parameter of this module itself."""
    return any(name.startswith(_KEPT) for name, _ in module.named_buffers(recurse=False))


def changed_value(value: torch.Tensor, changes: Sequence[tuple[float, Change]]) -> torch.Tensor:
    """value + the sum of strength * scale * change, in float32 (float64 for such values), rounded once; a new tensor."""
    total = value.to(torch.promote_types(value.dtype, torch.float32), copy=True)
    for strength, change in changes:
        total += _dense(change, total) * (strength * change.scale)
    return total.to(value.dtype)


def _dense(change: Change, like: torch.Tensor) -> torch.Tensor:
    if isinstance(change, FullChange):
        return change.delta.to(like).reshape(like.shape)
    return (change.up.to(like) @ change.down.to(like).flatten(1)).reshape(like.shape)


def _factors(change: Change, layer: nn.Module, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """down and up on the layer's device."""
    down, up = (change.down, change.up) if isinstance(change, LowRankChange) else full_rank_pair(change.delta.to(dtype))
    device = next(chain(layer.parameters(), layer.buffers())).device
    return down.to(device, dtype), up.to(device, dtype)
