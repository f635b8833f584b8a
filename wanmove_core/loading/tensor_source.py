"""A model file as the weights of a network in Wan's own names, whatever its container, layout and precision.

What builds networks reads from here and knows no format.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import CheckpointError
from ..models.block_formats import BlockFormat
from ..models.quantised import QuantisedWeight
from .gguf_package import block_format
from .layouts import Layout, find_layout
from .quantisation import (
    FORMAT_END,
    FORMAT_LIMIT,
    NARROW,
    Quantisation,
    find_quantisation,
    format_in_tensor,
    formats_in_metadata,
    is_marked,
)
from .tensor_file import TensorFile, TensorInfo, read_values
from .tensor_info import GGUF_BLOCKS, shown, shown_path


@dataclass(frozen=True)
class TensorSource:
    """The weights of one network in a file."""

    file: TensorFile
    layout: Layout
    prefix: str
    tensors: Mapping[str, TensorInfo]
    """by Wan's names: shapes of the weights, types as stored; without scales and marks"""
    names: Mapping[str, str]
    """the file's name of each of Wan's, scales included"""
    quantisation: Quantisation

    @property
    def is_quantised(self) -> bool:
        return any(self.is_packed(name) for name in self.tensors)

    def is_packed(self, name: str) -> bool:
        """Whether a weight takes more than a cast to be used, or less memory as it is."""
        info = self.tensors[name]
        return info.dtype in GGUF_BLOCKS or (info.dtype in NARROW and name.endswith(".weight") and len(info.shape) > 1)

    def read(self) -> Iterator[tuple[str, torch.Tensor | QuantisedWeight]]:
        """The weights one after the other, mapped from the file: plain ones as tensors of their stored type.

        Only matrices come quantised; others that are (convolutions, biases) are widened to float32.

        Raises:
            CheckpointError: the file is not what its header said, a scale is not finite, or a package is needed.
        """
        scales = self._read_scales()
        wanted = {self.names[name]: name for name in self.tensors}
        for stored, values in read_values(self.file, wanted):
            name = wanted[stored]
            if not self.is_packed(name):
                yield name, values
                continue
            shape = self.tensors[name].shape
            weight = QuantisedWeight(values.contiguous(), shape, scales.get(name), self._blocks(name))
            matrix = name.endswith(".weight") and len(shape) == 2
            yield name, weight if matrix else weight.dequantised()

    def _blocks(self, name: str) -> BlockFormat | None:
        kind = self.tensors[name].dtype
        return block_format(self.file.path, kind) if kind in GGUF_BLOCKS else None

    def _read_scales(self) -> dict[str, torch.Tensor]:
        weights = {self.names[scale]: weight for weight, scale in self.quantisation.scales.items() if weight in self.tensors}
        scales: dict[str, torch.Tensor] = {}
        for stored, values in read_values(self.file, weights):
            scale = values.float()
            if not bool(scale.isfinite().all()):
                raise CheckpointError(
                    f"{shown_path(self.file.path)} is damaged: the scale {shown(stored)} is not finite; download it again."
                )
            axes = len(self.tensors[weights[stored]].shape)
            scales[weights[stored]] = scale.view(-1, *[1] * (axes - 1)) if scale.numel() > 1 else scale.reshape(())
        return scales


def find_source(file: TensorFile) -> TensorSource | None:
    """The weights of a diffusion network or a VAE among a file's tensors; None when it holds none in a known layout.

    Raises:
        CheckpointError: as ``make_source``.
    """
    found = find_layout(file.tensors)
    return None if found is None else make_source(file, *found)


def make_source(file: TensorFile, layout: Layout, prefix: str = "") -> TensorSource:
    """The tensors of a file that stand behind a prefix, in Wan's names; without those that the layout has no name for.

    Raises:
        CheckpointError: two tensors stand for the same weight, or what the file says of its quantisation is damaged.
    """
    stored = {name.removeprefix(prefix): name for name in file.tensors if name.startswith(prefix)}
    wan = dict(layout.to_wan(stored)) if layout.to_wan else {name: name for name in stored}
    names = {wan[name]: place for name, place in stored.items() if name in wan}
    if len(names) != len(wan):
        raise CheckpointError(f"{shown_path(file.path)} is damaged: two of its tensors stand for the same weight.")
    infos = {name: file.tensors[place] for name, place in names.items()}
    quantisation = find_quantisation(infos, _formats(file, layout, prefix, names), is_marked(file))
    tensors = {name: info for name, info in infos.items() if name not in quantisation.companions}
    return TensorSource(file, layout, prefix, tensors, names, quantisation)


def _formats(file: TensorFile, layout: Layout, prefix: str, names: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """What the file states of the format of each layer, by Wan's names of the layers."""
    stated = {layer.removeprefix(prefix): value for layer, value in formats_in_metadata(file).items()}
    if layout.to_wan:
        listed = layout.to_wan(f"{layer}.weight" for layer in stated)
        stated = {listed.get(f"{layer}.weight", layer).removesuffix(".weight"): value for layer, value in stated.items()}
    in_tensors = {stored: name for name, stored in names.items() if name.endswith(FORMAT_END)}
    fitting = [stored for stored in in_tensors if _holds_json(file.tensors[stored])]
    for stored, values in read_values(file, fitting):
        stated[in_tensors[stored].removesuffix(FORMAT_END)] = format_in_tensor(file, stored, bytes(values.tolist()))
    for stored in in_tensors.keys() - set(fitting):
        stated[in_tensors[stored].removesuffix(FORMAT_END)] = {"format": f"{file.tensors[stored].dtype} {FORMAT_END[1:]}"}
    return stated


def _holds_json(info: TensorInfo) -> bool:
    return info.dtype == "U8" and len(info.shape) == 1 and info.elements <= FORMAT_LIMIT
