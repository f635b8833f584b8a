"""The layers of a LoRA file and whether their shapes are those of a network."""

import math
from collections.abc import Mapping

from torch import nn

from ..errors import CheckpointError
from ..models.low_rank import LinearLike
from .lora_names import LoraKey, Part, read_key
from .tensor_info import TensorFile, shown, shown_path

FLOATS = ("F32", "F16", "BF16", "F64", "F8_E4M3", "F8_E5M2")
TASK_LAYERS = ("patch_embedding", "head.", "img_emb.")
"""where models of one width differ by what goes in and comes out: a change that does not fit there is left out, not an error"""
WIDTHS = {1536: "Wan 2.1 1.3B", 3072: "Wan 2.2 TI2V-5B", 5120: "Wan 2.1 14B, Wan-Move or Wan 2.2 A14B"}
"""released models by the width of their layers"""

Shape = tuple[int, ...]
Parts = dict[Part, LoraKey]


def read_layers(file: TensorFile) -> dict[str, Parts]:
    """The layers of a LoRA file, named as there, with the parts of each.

    Raises:
        CheckpointError: a tensor is of another kind than LoRA, of no floating-point type, or there twice; a pair is not whole.
    """
    where = shown_path(file.path)
    layers: dict[str, Parts] = {}
    for name, info in file.tensors.items():
        key = read_key(where, name)
        if info.dtype not in FLOATS and key.part != "alpha":
            raise CheckpointError(f"{where}: tensor {shown(name)} is {info.dtype}; use a LoRA of floating-point numbers.")
        parts = layers.setdefault(key.layer, {})
        if key.part in parts:
            raise CheckpointError(f"{where} has {key.part} of {shown(key.layer)} twice; use a file with one LoRA.")
        parts[key.part] = key
    for layer, parts in layers.items():
        if not {"down", "up"} & set(parts) and not {"alpha", "bias"} & set(parts):
            continue
        if not {"down", "up"} <= set(parts):
            here = " and ".join(parts)
            raise CheckpointError(f"{where} is incomplete: of {shown(layer)} it has only {here}. Download it again.")
    return layers


def parameter_shapes(network: nn.Module) -> dict[str, Shape]:
    """The shapes of a network's parameters as its layers compute with them, whatever their weights are stored in."""
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    linear = {name: module for name, module in network.named_modules() if isinstance(module, LinearLike)}
    return shapes | {f"{name}.weight": (layer.out_features, layer.in_features) for name, layer in linear.items()}


def weight_of(layer: str, shapes: Mapping[str, Shape]) -> str:
    """The name of a layer's weight; of a bare parameter (``blocks.0.modulation``) its own."""
    return layer if layer in shapes else f"{layer}.weight"


def find_misfit(file: TensorFile, parts: Parts, layer: str, shapes: Mapping[str, Shape]) -> str:
    """What of a layer's change does not fit the network's layer of that name; empty when all of it does."""
    given = {part: file.tensors[key.name].shape for part, key in parts.items()}
    weight, bias = shapes.get(weight_of(layer, shapes), ()), shapes.get(f"{layer}.bias", ())
    if "down" in parts and not _fits(given["down"], given["up"], weight):
        return f"down {given['down']} and up {given['up']} for a weight of {weight or 'no shape'}"
    if math.prod(given.get("alpha", ())) != 1:
        return f"an alpha of shape {given['alpha']} instead of one number"
    for part, wanted in (("weight delta", weight), ("modulation delta", weight), ("bias delta", bias), ("bias", bias)):
        if part in given and (not wanted or _without_first_ones(given[part]) != _without_first_ones(wanted)):
            return f"{part} {given[part]} for {wanted or 'none'}"
    return ""


def nothing_fits(file: TensorFile, groups: list[str]) -> CheckpointError:
    """The error of a LoRA of which the network has no layer; ``groups`` name what it changes."""
    return CheckpointError(
        f"{shown_path(file.path)} fits no layer of this model: the {len(file.tensors)} tensors in it change {limited(groups)}. "
        "It is a LoRA for another kind of model or for a text encoder; use one for Wan."
    )


def wrong_shapes(file: TensorFile, wrong: Mapping[str, str], count: int, width: int, own_width: int) -> CheckpointError:
    """The error of a LoRA for a model of other sizes.

    Args:
        wrong: the network's layers that it does not fit, with the reason.
        count: how many of its layers the network has.
        width: of the model that it is for, 0 if unknown; ``own_width`` that of the network.
    """
    layer, reason = next(iter(wrong.items()))
    cause = "Probably it is damaged or for an adaptation of Wan; use another LoRA."
    if 0 not in (width, own_width) and width != own_width:
        model = WIDTHS.get(width, "no released Wan model")
        cause = f"It is for a model of width {width} ({model}), this one has {own_width}; use a LoRA for that."
    return CheckpointError(
        f"{shown_path(file.path)} does not fit this model: {len(wrong)} of {count} layers have another shape, such as "
        f"{layer} with {reason}. {cause}"
    )


def width_of(file: TensorFile, layers: Mapping[str, Parts]) -> int:
    """The width of the model that a LoRA is for, from its changes of attention layers; 0 if it has none of those."""
    for parts in layers.values():
        if "up" in parts and "attn" in parts["up"].layer:
            return next(iter(file.tensors[parts["up"].name].shape), 0)
    return 0


def limited(groups: list[str] | tuple[str, ...], limit: int = 10) -> str:
    """The first groups and how many more there are."""
    rest = len(groups) - limit
    return ", ".join(groups[:limit]) + (f" and {rest} more" if rest > 0 else "")


def _fits(down: Shape, up: Shape, weight: Shape) -> bool:
    if not down or len(up) < 2 or len(weight) < 2 or math.prod(up[2:]) != 1:
        return False
    factors_meet = down[0] == up[1] > 0
    return factors_meet and up[0] == weight[0] and _without_last_ones(down[1:]) == _without_last_ones(weight[1:])


def _without_last_ones(shape: Shape) -> Shape:
    """Some trainers write a matrix as a convolution of one pixel."""
    while len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def _without_first_ones(shape: Shape) -> Shape:
    """A modulation is [1, 6, dim], or without the one."""
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return shape
