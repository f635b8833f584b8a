"""Weights from a file into a network that was built without memory for them.

The network takes the file's tensors as its parameters, so weights are never held twice; on the CPU and in the file's own
precision they stay mapped from the file. Quantised weights of linear layers stay as they are stored and are widened where they
are used: by ``models/quantised.py``, or by what a host's own layers bring for it (``StoredWeights``). Else they are widened
while they are loaded.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from ..errors import CheckpointError
from ..models.quantised import QuantisedLinear, QuantisedWeight, StoredWeights
from .mismatch import Shapes, find_mismatches, group_names
from .tensor_info import GGUF_BLOCKS, TORCH_TYPES, shown_path
from .tensor_source import TensorSource

PRECISIONS = {name: TORCH_TYPES[name] for name in ("F32", "F16", "BF16", "F64")}
USABLE = {*PRECISIONS, "F8_E4M3", "F8_E5M2", "I8", *GGUF_BLOCKS}
"""types of weights that can be widened to a precision; whether int8 has what it takes is the quantisation's to say"""


@dataclass(frozen=True)
class Wanted:
    """What a network needs of a file."""

    label: str
    """what the file was taken for, in messages"""
    shapes: Shapes
    """by parameter, of torch's own layers"""
    precisions: Mapping[str, torch.dtype]
    """to cast each weight to that does not stay quantised"""


def parameter_shapes(model: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shape of each entry of a network's state dict."""
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def misfits(source: TensorSource, shapes: Shapes) -> list[str]:
    """What keeps a file from filling a network, a line each: missing, unexpected, misshaped, without scale, unusable."""
    lines = [*find_mismatches(shapes, source.tensors), *source.quantisation.problems]
    strange = [name for name, info in source.tensors.items() if name in shapes and info.dtype not in USABLE]
    if strange:
        kinds = ", ".join(sorted({source.tensors[name].dtype for name in strange}))
        lines.append(
            f"{len(strange)} weights are no numbers to compute with ({kinds}): {group_names(strange)} (quantised in a "
            "way that is not known; use the bf16, fp16, scaled fp8 or GGUF file)"
        )
    return lines


def fill_network(model: nn.Module, source: TensorSource, wanted: Wanted, device: torch.device | str) -> None:
    """Give a network the tensors of a file, one after the other, each cast and moved by itself; no gradients, evaluation mode.

    Args:
        model: built on the meta device.

    Raises:
        CheckpointError: the file does not fit, or is not what its header said.
    """
    title = f"{shown_path(source.file.path)} ({wanted.label})"
    if problems := misfits(source, wanted.shapes):
        raise CheckpointError(f"{title} does not fit: {'; '.join(problems)}.")
    state, quantised = _read_state(model, source, wanted.precisions, torch.device(device))
    try:
        lacking = set(model.load_state_dict(state, strict=False, assign=True).missing_keys)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(f"{title} changed while it was read: {str(error)[:200]}.") from error
    if lacking := lacking - quantised.keys():
        raise CheckpointError(f"{title} changed while it was read: it has no {group_names(sorted(lacking))}.")
    for name, weight in quantised.items():
        _replace_linear(model, name.removesuffix(".weight"), weight, wanted.precisions[name])
    model.requires_grad_(False).eval()


def _read_state(
    model: nn.Module, source: TensorSource, precisions: Mapping[str, torch.dtype], device: torch.device
) -> tuple[dict[str, torch.Tensor], dict[str, QuantisedWeight]]:
    """The weights on their device: those to compute with as they are, and those that stay as they are stored."""
    state: dict[str, torch.Tensor] = {}
    quantised: dict[str, QuantisedWeight] = {}
    for name, value in source.read():
        if isinstance(value, torch.Tensor):
            state[name] = value.to(device=device, dtype=precisions[name]).contiguous()
        elif _keeps_stored(model.get_submodule(name.rpartition(".")[0]), value):
            scale = None if value.scale is None else value.scale.to(device)
            quantised[name] = dataclasses.replace(value, values=value.values.to(device), scale=scale)
        else:
            state[name] = value.dequantised(precisions[name]).to(device)
    return state, quantised


def _keeps_stored(layer: nn.Module, weight: QuantisedWeight) -> bool:
    return type(layer) is nn.Linear or (isinstance(layer, StoredWeights) and layer.takes_stored(weight))


def _replace_linear(model: nn.Module, name: str, weight: QuantisedWeight, dtype: torch.dtype) -> None:
    """Put a layer over the stored weight in the place of a linear layer, with its bias."""
    parent, _, last = name.rpartition(".")
    layer = model.get_submodule(name)
    bias = layer.bias if isinstance(layer.bias, torch.Tensor) else None
    over = layer.over_stored(weight, bias, dtype) if isinstance(layer, StoredWeights) else QuantisedLinear(weight, bias)
    setattr(model.get_submodule(parent), last, over)
