"""Names, shapes and values of the tensors in a file, read so that no file can do more than fail with a ``CheckpointError``.

Knows nothing of Wan. Two formats: safetensors (the header is parsed and checked here, values are mapped) and zip-format
``.pth`` (unpickled with ``weights_only=True`` over a mapped file). Nothing in a file is ever executed.
"""

import json
import math
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from ..errors import CheckpointError

HEADER_LIMIT = 32 * 2**20
"""bytes of a safetensors header or a pickle; the largest Wan file needs less than one MiB"""
TENSOR_LIMIT = 20_000
NAME_LIMIT = 512

_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64, "F4": 4, "F6_E2M3": 6,
    "F6_E3M2": 6, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "F16": 16, "BF16": 16,
    "F32": 32, "F64": 64, "C64": 64, "C128": 128,
}  # fmt: skip
"""element sizes of safetensors' types"""
_TORCH_TYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.uint8: "U8",
    torch.int8: "I8", torch.int16: "I16", torch.int32: "I32", torch.int64: "I64", torch.bool: "BOOL",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2", torch.complex64: "C64", torch.complex128: "C128",
}  # fmt: skip


@dataclass(frozen=True)
class TensorInfo:
    """What the header says of one tensor; ``dtype`` in safetensors' words ("F32", "BF16", ...)."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.elements * _BITS[self.dtype] // 8


@dataclass(frozen=True)
class TensorFile:
    """A file's header: its tensors by name, and the strings of its metadata (empty for ``.pth``)."""

    path: Path
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    bytes: int


def read_header(path: str | Path) -> TensorFile:
    """What is in a model file, without reading a value.

    Raises:
        CheckpointError: there is no such file, its format is not known, or it is damaged, truncated or hostile.
    """
    path = Path(path)
    size, start = _opening(path)
    if start[:4] == b"PK\x03\x04":
        infos = {name: _info_of(path, name, tensor) for name, tensor in _unpickle(path, size).items()}
        return TensorFile(path, infos, {}, size)
    if start[:4] == b"GGUF":
        raise CheckpointError(f"{path} is a GGUF file, which is not supported yet; use a safetensors file of the same model.")
    return _safetensors_header(path, size, start)


def read_tensors(path: str | Path, names: list[str]) -> Iterator[tuple[str, torch.Tensor]]:
    """The named tensors one after the other, on the CPU and mapped from the file: they take no memory until used.

    Raises:
        CheckpointError: as ``read_header``, or a name is not in the file.
    """
    header = read_header(path)
    absent = [name for name in names if name not in header.tensors]
    if absent:
        raise CheckpointError(f"{header.path} has no tensor {_shown(absent[0])}.")
    if _opening(header.path)[1][:4] == b"PK\x03\x04":
        tensors = _unpickle(header.path, header.bytes)
        yield from ((name, tensors[name]) for name in names)
        return
    try:
        with safe_open(header.path, framework="pt", device="cpu") as file:
            for name in names:
                yield name, file.get_tensor(name)
    except (SafetensorError, OSError, RuntimeError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _failure(header.path, f"damaged ({_brief(error)})") from error


def _opening(path: Path) -> tuple[int, bytes]:
    """Size and first 8 bytes."""
    try:
        if path.is_dir():
            raise CheckpointError(f"{path} is a folder; give one model file (.safetensors or .pth).")
        if path.exists() and not path.is_file():
            raise CheckpointError(f"{path} is a pipe or a device; give one model file (.safetensors or .pth).")
        with path.open("rb") as file:
            start = file.read(8)
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {_brief(error)}. Give the path of a model file.") from error
    if len(start) < 8:
        raise _failure(path, f"only {size} bytes long, no model file; download it again")
    return size, start


def _safetensors_header(path: Path, size: int, start: bytes) -> TensorFile:
    length = int.from_bytes(start, "little")
    if not 2 <= length <= min(size - 8, HEADER_LIMIT):
        if start[:1] == b"\x80":
            raise _failure(path, "a pickle in PyTorch's old format; save it again with PyTorch 1.6 or newer, as safetensors")
        known = "neither safetensors nor a zip-format .pth, or it is truncated"
        raise _failure(path, f"{known}: as safetensors its header would be {length} bytes of {size}; download it again")
    with path.open("rb") as file:
        file.seek(8)
        text = file.read(length)
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _failure(path, f"no safetensors file or a damaged one: its header is no JSON ({_brief(error)})") from error
    if not isinstance(header, dict):
        raise _failure(path, "damaged: its safetensors header is no JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _failure(path, "damaged: its safetensors metadata are not strings by name")
    return TensorFile(path, _checked_entries(path, header, size - 8 - length), metadata, size)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) != len(pairs):
        raise ValueError("a name stands there twice")
    return result


def _checked_entries(path: Path, header: dict[str, Any], room: int) -> dict[str, TensorInfo]:
    """The tensors of a safetensors header whose values fill exactly the ``room`` bytes behind it."""
    _check_count(path, len(header))
    infos: dict[str, TensorInfo] = {}
    spans: list[tuple[int, int, str]] = []
    for name, entry in header.items():
        info, begin, end = _entry(path, name, entry)
        infos[name] = info
        spans.append((begin, end, name))
    position = 0
    for begin, end, name in sorted(spans):
        if begin != position:
            raise _failure(path, f"damaged: tensor {_shown(name)} begins at byte {begin} of the values instead of {position}")
        position = end
    if position != room:
        state = "truncated" if position > room else "damaged"
        raise _failure(path, f"{state}: its header names {position} bytes of values, {room} are there; download it again")
    return infos


def _entry(path: Path, name: str, entry: Any) -> tuple[TensorInfo, int, int]:
    """One tensor of a safetensors header, and where its bytes begin and end."""
    shown = _shown(name)
    if len(name) > NAME_LIMIT or not isinstance(entry, dict):
        raise _failure(path, f"damaged: the header entry of {shown} is none of a tensor")
    dtype, shape, offsets = entry.get("dtype"), _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in _BITS:
        raise _failure(path, f"of a type that is not known: tensor {shown} is {_shown(dtype)}, known are {', '.join(_BITS)}")
    if shape is None or offsets is None or len(offsets) != 2 or len(shape) > 8:
        raise _failure(path, f"damaged: the header entry of tensor {shown} is {_shown(entry)}")
    info = TensorInfo(dtype, shape)
    if offsets[1] - offsets[0] != info.bytes:
        raise _failure(path, f"damaged: tensor {shown} {shape} {dtype} lies in bytes {offsets[0]} to {offsets[1]}")
    return info, offsets[0], offsets[1]


def _counts(value: Any) -> tuple[int, ...] | None:
    """A list of whole numbers from 0 on; None for anything else."""
    if isinstance(value, list) and all(type(number) is int and 0 <= number < 2**53 for number in value):
        return tuple(value)
    return None


def _unpickle(path: Path, size: int) -> dict[str, torch.Tensor]:
    """The state dict of a zip-format .pth, its values mapped."""
    _check_archive(path, size)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # the unpickler raises nearly every kind on hostile input; an interruption is none of them
        cause = _brief(error)
        if "weights_only" in str(error).lower() or "weights only" in str(error).lower():
            cause = "it holds Python objects or code, which are never run; use a file of tensors only, best safetensors"
        raise _failure(path, f"no readable .pth of weights: {cause}") from error
    return _state_dict(path, loaded)


def _check_archive(path: Path, size: int) -> None:
    """Refuse archives that would take more memory than they have bytes, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        raise _failure(path, f"a damaged or truncated .pth archive ({_brief(error)}); download it again") from error
    _check_count(path, len(entries))
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or sum(e.file_size for e in entries) > size:
        raise _failure(path, "a compressed archive, and PyTorch writes none; it is no model file or a hostile one")
    if any(entry.file_size > HEADER_LIMIT for entry in entries if entry.filename.endswith(".pkl")):
        raise _failure(path, f"refused: the list of its tensors is longer than {HEADER_LIMIT} bytes")


def _state_dict(path: Path, loaded: Any) -> dict[str, torch.Tensor]:
    for wrapper in ("state_dict", "model_state_dict", "model"):
        if isinstance(loaded, dict) and isinstance(loaded.get(wrapper), dict):
            loaded = loaded[wrapper]
    if not isinstance(loaded, dict):
        raise _failure(path, f"a .pth that holds a {type(loaded).__name__} instead of named tensors")
    _check_count(path, len(loaded))
    if not all(isinstance(name, str) and len(name) <= NAME_LIMIT for name in loaded):
        raise _failure(path, "a .pth whose entries are not named as tensors are")
    return {name: value for name, value in loaded.items() if isinstance(value, torch.Tensor)}


def _info_of(path: Path, name: str, tensor: torch.Tensor) -> TensorInfo:
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu" or tensor.dtype not in _TORCH_TYPES:
        raise _failure(path, f"of a kind that is not known: tensor {_shown(name)} is {tensor.dtype}, {tensor.layout}")
    if tensor.untyped_storage().nbytes() < tensor.numel() * tensor.element_size():
        raise _failure(path, f"damaged: tensor {_shown(name)} {tuple(tensor.shape)} has fewer values than its shape says")
    return TensorInfo(_TORCH_TYPES[tensor.dtype], tuple(tensor.shape))


def _check_count(path: Path, count: int) -> None:
    if not 0 < count <= TENSOR_LIMIT:
        raise _failure(path, f"refused: it has {count} tensors, 1 to {TENSOR_LIMIT} are expected")


def _failure(path: Path, what: str) -> CheckpointError:
    return CheckpointError(f"{path} is {what}.")


def _shown(value: Any) -> str:
    """A value of a file in an error message: printable and short."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _brief(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return _shown(str(error).strip().split("\n")[0] or type(error).__name__).strip("'\"")
