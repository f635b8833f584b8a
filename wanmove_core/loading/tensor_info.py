"""What a file says of its tensors before a value is read: names, shapes, types, bytes. And how failures are worded.

Knows nothing of Wan and opens no file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..errors import CheckpointError

HEADER_LIMIT = 32 * 2**20
"""bytes of a header, a pickle or an index; the largest Wan file needs less than one MiB"""
TENSOR_LIMIT = 20_000
NAME_LIMIT = 512

TORCH_TYPES = {
    "F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16, "U8": torch.uint8,
    "I8": torch.int8, "I16": torch.int16, "I32": torch.int32, "I64": torch.int64, "BOOL": torch.bool,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "C64": torch.complex64, "C128": torch.complex128,
}  # fmt: skip
"""types that torch has, by safetensors' names"""

_UNITS = {
    "BOOL": (1, 1), "U8": (1, 1), "I8": (1, 1), "U16": (1, 2), "I16": (1, 2), "U32": (1, 4), "I32": (1, 4), "U64": (1, 8),
    "I64": (1, 8), "F4": (2, 1), "F6_E2M3": (4, 3), "F6_E3M2": (4, 3), "F8_E5M2": (1, 1), "F8_E4M3": (1, 1), "F8_E8M0": (1, 1),
    "F8_E4M3FNUZ": (1, 1), "F8_E5M2FNUZ": (1, 1), "F16": (1, 2), "BF16": (1, 2), "F32": (1, 4), "F64": (1, 8), "C64": (1, 8),
    "C128": (1, 16),
}  # fmt: skip
"""(values, bytes) of the smallest unit of each of safetensors' types"""

GGUF_BLOCKS = {
    "Q4_0": (32, 18), "Q4_1": (32, 20), "Q5_0": (32, 22), "Q5_1": (32, 24), "Q8_0": (32, 34),
    "Q2_K": (256, 84), "Q3_K": (256, 110), "Q4_K": (256, 144), "Q5_K": (256, 176), "Q6_K": (256, 210),
    "IQ2_XXS": (256, 66), "IQ2_XS": (256, 74), "IQ3_XXS": (256, 98), "IQ1_S": (256, 50), "IQ4_NL": (32, 18),
    "IQ3_S": (256, 110), "IQ2_S": (256, 82), "IQ4_XS": (256, 136), "IQ1_M": (256, 56), "TQ1_0": (256, 54), "TQ2_0": (256, 66),
    "MXFP4": (32, 17),
}  # fmt: skip
"""(values, bytes) of a block of each of GGUF's quantised types"""

SAFETENSORS_TYPES = frozenset(_UNITS)


@dataclass(frozen=True)
class TensorInfo:
    """What the header says of one tensor; ``dtype`` in safetensors' words ("F32", "BF16", ...) or GGUF's ("Q4_K")."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        values, size = _UNITS.get(self.dtype) or GGUF_BLOCKS[self.dtype]
        return self.elements * size // values


@dataclass(frozen=True)
class TensorFile:
    """A model's header: its tensors by name, and the strings of its metadata (empty for ``.pth``)."""

    path: Path
    """what was opened: a file, or the index of several"""
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    bytes: int
    """of all its files"""
    container: str = "safetensors"
    """"safetensors", "pth", "gguf" or "sharded safetensors" """
    places: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """the file that each tensor is in, where there are several"""

    @property
    def folder(self) -> Path:
        return self.path.parent


def failure(path: Path, what: str) -> CheckpointError:
    """The error that a file is something."""
    return CheckpointError(f"{shown_path(path)} is {what}.")


def shown_path(path: Path) -> str:
    """A path as printable text."""
    text = str(path)
    return text if text.isprintable() else ascii(text)[1:-1]


def shown(value: Any) -> str:
    """A value of a file in an error message: printable and short."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def brief(error: BaseException) -> str:
    """The cause in an exception's words: one short printable line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return shown(str(error).strip().split("\n")[0] or type(error).__name__).strip("'\"")


def check_count(path: Path, count: int) -> None:
    """Refuse numbers of tensors that no model has."""
    if not 0 < count <= TENSOR_LIMIT:
        raise failure(path, f"refused: it has {count} tensors, 1 to {TENSOR_LIMIT} are expected")
