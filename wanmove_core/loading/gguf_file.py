"""GGUF files: names, shapes and packed values, mapped from the file.

The header is read here and not by the ``gguf`` package: the package builds what a header announces before it looks whether it
is there, and a file can be inspected without it. Axes are stored innermost first; files of Wan flatten tensors of more than
four axes and keep their shape in ``comfy.gguf.orig_shape.<name>``. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import json
import math
import mmap
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .tensor_info import GGUF_BLOCKS, HEADER_LIMIT, NAME_LIMIT, TORCH_TYPES, TensorFile, TensorInfo, check_count, failure, shown

ORIGINAL_SHAPE = "comfy.gguf.orig_shape."
ENTRY_LIMIT = 10_000
STRING_LIMIT = 1_000_000
"""characters of a string, and strings of a list; the vocabulary of umT5 has 256,384"""
KEPT_LIST = 64
"""lists of numbers up to this length are kept in the metadata, as JSON"""

_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K",
    13: "Q5_K", 14: "Q6_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S",
    22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 30: "BF16", 34: "TQ1_0",
    35: "TQ2_0", 39: "MXFP4",
}  # fmt: skip
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _LIST = 8, 9


@dataclass(frozen=True)
class _Place:
    """A tensor and where its bytes begin in the file."""

    info: TensorInfo
    begin: int


def gguf_header(path: Path, size: int) -> TensorFile:
    """What the header says, checked against the file's size.

    Raises:
        CheckpointError: it is damaged, truncated, or of a version or type that is not known.
    """
    metadata, places = _read(path, size)
    return TensorFile(path, {name: place.info for name, place in places.items()}, metadata, size, "gguf")


def gguf_values(path: Path, size: int, names: Iterable[str]) -> Iterator[tuple[str, torch.Tensor]]:
    """The named tensors, mapped: those of plain types in their shape, packed ones as uint8 [bytes]."""
    _, places = _read(path, size)
    mapped = np.memmap(path, np.uint8, "c")  # private and writable, or torch would warn
    for name in names:
        if name not in places:
            raise failure(path, "changed while it was read")
        place = places[name]
        values = torch.from_numpy(mapped[place.begin : place.begin + place.info.bytes])
        plain = TORCH_TYPES.get(place.info.dtype)
        yield name, values if plain is None else values.view(plain).view(place.info.shape)


def _read(path: Path, size: int) -> tuple[dict[str, str], dict[str, _Place]]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        try:
            return _parse(path, _Cursor(mapped[: min(size, HEADER_LIMIT)]), size)
        except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
            raise failure(path, f"a damaged or truncated GGUF file: its header of {size} bytes ends too early") from error


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content, self.position = content, 4

    def number(self, code: str) -> Any:
        form = struct.Struct(f"<{code}")
        value = form.unpack_from(self.content, self.position)[0]
        self.position += form.size
        return value

    def numbers(self, code: str, count: int) -> tuple[Any, ...]:
        form = struct.Struct(f"<{count}{code}")
        values = form.unpack_from(self.content, self.position)
        self.position += form.size
        return values

    def skip(self, count: int) -> None:
        self.position += count
        if self.position > len(self.content):
            raise IndexError

    def string(self) -> str:
        length = self.number("Q")
        start = self.position
        self.skip(length)
        return self.content[start : self.position].decode("utf-8")


def _parse(path: Path, cursor: _Cursor, size: int) -> tuple[dict[str, str], dict[str, _Place]]:
    version = cursor.number("I")
    if version not in (2, 3):
        raise failure(path, f"a GGUF file of version {version}, or damaged; versions 2 and 3 (little endian) are read")
    tensors, entries = cursor.number("Q"), cursor.number("Q")
    check_count(path, tensors)
    if entries > ENTRY_LIMIT:
        raise failure(path, f"refused: a GGUF file of {entries} entries of metadata, at most {ENTRY_LIMIT} are expected")
    metadata: dict[str, str] = {}
    for _ in range(entries):
        key = cursor.string()
        value = _value(path, cursor, cursor.number("I"))
        if value is not None and len(key) <= NAME_LIMIT:
            metadata[key] = value
    rows = [_row(path, cursor) for _ in range(tensors)]
    alignment = metadata.get("general.alignment", "32")
    if not alignment.isdecimal() or not 8 <= int(alignment) <= 65536 or int(alignment) & (int(alignment) - 1):
        raise failure(path, f"a damaged GGUF file: its alignment is {shown(alignment)}")
    start = -(-cursor.position // int(alignment)) * int(alignment)
    return metadata, _places(path, rows, metadata, start, size)


def _value(path: Path, cursor: _Cursor, kind: int) -> str | None:
    """An entry of metadata as text; None for what is not kept."""
    if kind == _STRING:
        return cursor.string()
    if kind in _NUMBERS:
        return str(cursor.number(_NUMBERS[kind]))
    if kind != _LIST:
        raise failure(path, f"a damaged GGUF file: an entry of its metadata is of type {kind}")
    inner, count = cursor.number("I"), cursor.number("Q")
    if inner == _STRING and count <= STRING_LIMIT:
        for _ in range(count):
            cursor.skip(cursor.number("Q"))
        return None
    if inner not in _NUMBERS:
        raise failure(path, f"refused: a GGUF file whose metadata hold {count} values of type {inner}")
    if count <= KEPT_LIST:
        return json.dumps(cursor.numbers(_NUMBERS[inner], count))
    cursor.skip(count * struct.calcsize(f"<{_NUMBERS[inner]}"))
    return None


def _row(path: Path, cursor: _Cursor) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape, type and offset of one tensor."""
    name, axes = cursor.string(), cursor.number("I")
    if len(name) > NAME_LIMIT or axes > 8:
        raise failure(path, f"a damaged GGUF file: tensor {shown(name)} has {axes} axes")
    shape = cursor.numbers("Q", axes)[::-1]
    return name, shape, cursor.number("I"), cursor.number("Q")


def _places(
    path: Path, rows: list[tuple[str, tuple[int, ...], int, int]], metadata: dict[str, str], start: int, size: int
) -> dict[str, _Place]:
    """The tensors where their bytes are, which lie within the file and one behind the other."""
    places: dict[str, _Place] = {}
    for name, shape, kind, offset in rows:
        if kind not in _TYPES:
            raise failure(path, f"refused: tensor {shown(name)} has GGUF's type {kind}, which is not known; use a Q8_0 file")
        dtype = _TYPES[kind]
        if (shape and shape[-1] % GGUF_BLOCKS.get(dtype, (1, 1))[0]) or offset % 8 or name in places:
            raise failure(path, f"a damaged GGUF file: tensor {shown(name)} {shape} {dtype} at {offset} cannot be")
        places[name] = _Place(TensorInfo(dtype, _original_shape(path, name, shape, metadata)), start + offset)
    position = start
    for name, place in sorted(places.items(), key=lambda item: (item[1].begin, item[1].info.bytes)):
        if place.begin < position:
            raise failure(path, f"a damaged GGUF file: tensor {shown(name)} lies over another")
        position = place.begin + place.info.bytes
    if position > size:
        raise failure(path, f"truncated: its header names {position} bytes, {size} are there; download it again")
    return places


def _original_shape(path: Path, name: str, shape: tuple[int, ...], metadata: dict[str, str]) -> tuple[int, ...]:
    """The shape before the file's writer flattened it."""
    text = metadata.get(ORIGINAL_SHAPE + name)
    if text is None:
        return shape
    try:
        stated: Any = json.loads(text)
    except ValueError:
        stated = None
    original = tuple(stated) if isinstance(stated, list) and all(type(length) is int for length in stated) else ()
    if math.prod(original) != math.prod(shape) or any(length < 0 for length in original):
        raise failure(path, f"a damaged GGUF file: tensor {shown(name)} {shape} cannot have the shape {shown(text)}")
    return original
