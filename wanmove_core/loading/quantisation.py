"""Which weights of a file are stored as 8-bit numbers with a scale, and where their scales are.

Three spellings: Kijai's and ComfyUI's first one (``X.scale_weight`` or ``X.weight_scale`` beside ``X.weight``, a tensor
``scaled_fp8`` for a mark), and ComfyUI's second one, which names a format for each layer, in the metadata
(``_quantization_metadata``) or in a tensor of JSON (``X.comfy_quant``). Scales of inputs are for products in 8 bits, which are
not computed here; they change nothing else and are left out.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CheckpointError
from .mismatch import group_names
from .tensor_info import TensorFile, TensorInfo, shown, shown_path

MARK = "scaled_fp8"
METADATA = "_quantization_metadata"
SCALE_ENDS = (".scale_weight", ".weight_scale")
FORMAT_END = ".comfy_quant"
UNUSED_ENDS = (".scale_input", ".input_scale", FORMAT_END)
FORMAT_LIMIT = 4096
"""bytes of the JSON that names a layer's format"""

FORMATS = {"float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "int8_tensorwise": "I8"}
"""ComfyUI's names of the formats that are read, and the type of their weights"""
NARROW = frozenset(FORMATS.values())
_SCALE_TYPES = frozenset({"F32", "F16", "BF16", "F64"})
_INSTEAD = "use the scaled fp8, bf16, fp16 or GGUF file of the same model, or load this one with ComfyUI's own nodes"


@dataclass(frozen=True)
class Quantisation:
    """The scales of a file's weights, and what is wrong with them."""

    scales: Mapping[str, str]
    """names of the scales by names of their weights, both in Wan's words"""
    companions: frozenset[str]
    """all tensors that are no weights of the network"""
    problems: tuple[str, ...] = ()
    refusal: str = ""


def find_quantisation(
    tensors: Mapping[str, TensorInfo], formats: Mapping[str, Mapping[str, Any]], marked: bool
) -> Quantisation:
    """How the weights among these tensors are to be widened.

    Args:
        tensors: by Wan's names.
        formats: what the file states of each layer, by the layer's name.
        marked: the file says as a whole that its 8-bit weights have scales.
    """
    scales = {_weight_of(name): name for name in tensors if name.endswith(SCALE_ENDS)}
    companions = frozenset(name for name in tensors if name.endswith((*SCALE_ENDS, *UNUSED_ENDS, f".{MARK}")) or name == MARK)
    if refusal := _refusal(formats):
        return Quantisation({}, companions, refusal=refusal)
    stated = marked or bool(scales) or bool(formats)
    problems = [
        *_missing_scales(tensors, scales, stated), *_strange_scales(tensors, scales), *_contradictions(tensors, formats),
    ]  # fmt: skip
    used = {weight: scale for weight, scale in scales.items() if weight in tensors}
    return Quantisation(used, companions, tuple(problems))


def is_marked(file: TensorFile) -> bool:
    """Whether the file says as a whole that its 8-bit weights have scales."""
    return METADATA in file.metadata or any(name == MARK or name.endswith(f".{MARK}") for name in file.tensors)


def formats_in_metadata(file: TensorFile) -> dict[str, Mapping[str, Any]]:
    """The format of each layer that the metadata name one for, by the layer's name in the file.

    Raises:
        CheckpointError: the metadata are damaged.
    """
    text = file.metadata.get(METADATA)
    if text is None:
        return {}
    layers = _json(file, text, METADATA).get("layers")
    if not isinstance(layers, dict) or not all(isinstance(stated, dict) for stated in layers.values()):
        raise CheckpointError(
            f'{shown_path(file.path)}, metadata {METADATA}: it has no "layers" with a format each; {_INSTEAD}.'
        )
    return layers


def format_in_tensor(file: TensorFile, name: str, content: bytes) -> Mapping[str, Any]:
    """The format that the bytes of an ``X.comfy_quant`` tensor name."""
    return _json(file, content.decode("utf-8", "replace"), name)


def _json(file: TensorFile, text: str, where: str) -> dict[str, Any]:
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError):
        stated = None
    if not isinstance(stated, dict):
        raise CheckpointError(
            f"{shown_path(file.path)}: {shown(where)} is damaged: {shown(text)} is no JSON object; {_INSTEAD}."
        )
    return stated


def _weight_of(scale: str) -> str:
    return f"{scale.rpartition('.')[0]}.weight"


def _refusal(formats: Mapping[str, Mapping[str, Any]]) -> str:
    for stated in formats.values():
        name = stated.get("format")
        if not isinstance(name, str) or name not in FORMATS:
            kind = shown(name).strip("'")
            return f"its weights are stored as {kind}, which is not supported; {_INSTEAD}"
        if stated.get("convrot"):
            return f"its weights are stored as {name} after a rotation (convrot), which is not supported; {_INSTEAD}"
    return ""


def _missing_scales(tensors: Mapping[str, TensorInfo], scales: Mapping[str, str], stated: bool) -> list[str]:
    """Without its scale a weight is too large by a factor of hundreds, and the picture is white.

    Only matrices have scales in the float8 formats; what else is float8 in such a file (ComfyUI casts it, too) is plain.
    """
    floats = [name for name, info in tensors.items() if info.dtype in NARROW - {"I8"} and len(info.shape) == 2]
    integers = [name for name, info in tensors.items() if info.dtype == "I8"]
    missing = [name for name in (floats if stated else []) + integers if name not in scales]
    return [f"{len(missing)} 8-bit weights have no scale: {group_names(missing)} (download it again)"] if missing else []


def _strange_scales(tensors: Mapping[str, TensorInfo], scales: Mapping[str, str]) -> Iterable[str]:
    alone = [scale for weight, scale in scales.items() if weight not in tensors or tensors[weight].dtype not in NARROW]
    if alone:
        yield f"{len(alone)} scales belong to no 8-bit weight: {group_names(alone)} (converted by halves; {_INSTEAD})"
    misfits = [scale for weight, scale in scales.items() if scale not in alone and not _fits(tensors[weight], tensors[scale])]
    if misfits:
        yield (
            f"{len(misfits)} scales are neither one number nor one for each row: {group_names(misfits)} "
            f"(a way to quantise that is not supported; {_INSTEAD})"
        )


def _fits(weight: TensorInfo, scale: TensorInfo) -> bool:
    rows = weight.shape[0] if weight.shape else 1
    return scale.dtype in _SCALE_TYPES and (scale.elements == 1 or (scale.elements == rows and scale.shape[0] == rows))


def _contradictions(tensors: Mapping[str, TensorInfo], formats: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    wrong = [
        name
        for layer, stated in formats.items()
        if (info := tensors.get(name := f"{layer}.weight")) is not None and info.dtype != FORMATS[stated["format"]]
    ]
    if wrong:
        yield f"{len(wrong)} weights are of another type than the file states: {group_names(wrong)} (download it again)"
    unstated = [name for name, info in tensors.items() if info.dtype == "I8" and name.removesuffix(".weight") not in formats]
    if unstated:
        yield f"{len(unstated)} int8 weights without a stated format: {group_names(unstated)} (one of many kinds; {_INSTEAD})"
