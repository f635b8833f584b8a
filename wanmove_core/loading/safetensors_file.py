"""Safetensors files: the header is parsed and checked here, values are mapped by the safetensors package."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from .tensor_info import HEADER_LIMIT, NAME_LIMIT, SAFETENSORS_TYPES, TensorFile, TensorInfo, brief, check_count, failure, shown


def safetensors_values(path: Path, names: Iterable[str]) -> Iterator[tuple[str, torch.Tensor]]:
    """The named tensors one after the other, mapped from the file.

    Raises:
        CheckpointError: the file is not what its header said.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            for name in names:
                yield name, file.get_tensor(name)
    except (SafetensorError, OSError, RuntimeError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise failure(path, f"damaged ({brief(error)})") from error


def safetensors_header(path: Path, size: int, start: bytes) -> TensorFile:
    """What its header says, checked against its size.

    Raises:
        CheckpointError: it is damaged, truncated or no safetensors file.
    """
    length = int.from_bytes(start, "little")
    if not 2 <= length <= min(size - 8, HEADER_LIMIT):
        if start[:1] == b"\x80":
            raise failure(path, "a pickle in PyTorch's old format; save it again with PyTorch 1.6 or newer, as safetensors")
        known = "neither safetensors nor a zip-format .pth, or it is truncated"
        raise failure(path, f"{known}: as safetensors its header would be {length} bytes of {size}; download it again")
    with path.open("rb") as file:
        file.seek(8)
        text = file.read(length)
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise failure(path, f"no safetensors file or a damaged one: its header is no JSON ({brief(error)})") from error
    if not isinstance(header, dict):
        raise failure(path, "damaged: its safetensors header is no JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise failure(path, "damaged: its safetensors metadata are not strings by name")
    return TensorFile(path, _checked_entries(path, header, size - 8 - length), metadata, size)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) != len(pairs):
        raise ValueError("a name stands there twice")
    return result


def _checked_entries(path: Path, header: dict[str, Any], room: int) -> dict[str, TensorInfo]:
    """The tensors of a safetensors header whose values fill exactly the ``room`` bytes behind it."""
    check_count(path, len(header))
    infos: dict[str, TensorInfo] = {}
    spans: list[tuple[int, int, str]] = []
    for name, entry in header.items():
        info, begin, end = _entry(path, name, entry)
        infos[name] = info
        spans.append((begin, end, name))
    position = 0
    for begin, end, name in sorted(spans):
        if begin != position:
            raise failure(path, f"damaged: tensor {shown(name)} begins at byte {begin} of the values instead of {position}")
        position = end
    if position != room:
        state = "truncated" if position > room else "damaged"
        raise failure(path, f"{state}: its header names {position} bytes of values, {room} are there; download it again")
    return infos


def _entry(path: Path, name: str, entry: Any) -> tuple[TensorInfo, int, int]:
    """One tensor of a safetensors header, and where its bytes begin and end."""
    title = shown(name)
    if len(name) > NAME_LIMIT or not isinstance(entry, dict):
        raise failure(path, f"damaged: the header entry of {title} is none of a tensor")
    dtype, shape, offsets = entry.get("dtype"), _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in SAFETENSORS_TYPES:
        known = ", ".join(sorted(SAFETENSORS_TYPES))
        raise failure(path, f"of a type that is not known: tensor {title} is {shown(dtype)}, known are {known}")
    if shape is None or offsets is None or len(offsets) != 2 or len(shape) > 8:
        raise failure(path, f"damaged: the header entry of tensor {title} is {shown(entry)}")
    info = TensorInfo(dtype, shape)
    if offsets[1] - offsets[0] != info.bytes:
        raise failure(path, f"damaged: tensor {title} {shape} {dtype} lies in bytes {offsets[0]} to {offsets[1]}")
    return info, offsets[0], offsets[1]


def _counts(value: Any) -> tuple[int, ...] | None:
    """A list of whole numbers from 0 on; None for anything else."""
    if isinstance(value, list) and all(type(number) is int and 0 <= number < 2**53 for number in value):
        return tuple(value)
    return None
