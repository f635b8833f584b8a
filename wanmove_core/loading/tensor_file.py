"""Names, shapes and values of the tensors in a model, read so that no file can do more than fail with a ``CheckpointError``.

Knows nothing of Wan. Whatever the container (safetensors, several of them with an index, zip-format ``.pth``, GGUF), it is told
by its first bytes, its values are mapped, and nothing in it is ever executed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch

from ..errors import CheckpointError
from .gguf_file import gguf_header, gguf_values
from .pth_file import pth_info, unpickle
from .safetensors_file import safetensors_header, safetensors_values
from .sharded_files import find_index, looks_like_index, read_index
from .tensor_info import HEADER_LIMIT, TENSOR_LIMIT, TensorFile, TensorInfo, brief, failure, shown, shown_path

__all__ = ["HEADER_LIMIT", "TENSOR_LIMIT", "TensorFile", "TensorInfo", "read_header", "read_tensors", "read_values"]

_ZIP, _GGUF = b"PK\x03\x04", b"GGUF"
_WANTED = "give the path of a model file (.safetensors, .gguf or .pth)"


def read_header(path: str | Path) -> TensorFile:
    """What is in a model, without reading a value.

    Args:
        path: a model file; or of a model in several safetensors files the index (``*.safetensors.index.json``) or any of them.

    Raises:
        CheckpointError: there is no such file, its format is not known, or it is damaged, truncated or hostile.
    """
    path = Path(path)
    size, start = _opening(path)
    if start[:4] == _ZIP:
        infos = {name: pth_info(path, name, tensor) for name, tensor in unpickle(path, size).items()}
        return TensorFile(path, infos, {}, size, "pth")
    if start[:4] == _GGUF:
        return gguf_header(path, size)
    if looks_like_index(start):
        return _sharded(path)
    index = find_index(path)
    return safetensors_header(path, size, start) if index is None else _sharded(index)


def read_values(file: TensorFile, names: Iterable[str]) -> Iterator[tuple[str, torch.Tensor]]:
    """The named tensors one after the other, on the CPU and mapped from the file: they take no memory until used.

    Block-quantised tensors of a GGUF file come packed: uint8 [bytes].

    Raises:
        CheckpointError: as ``read_header``, or a name is not in the file.
    """
    wanted = list(names)
    absent = [name for name in wanted if name not in file.tensors]
    if absent:
        raise CheckpointError(f"{shown_path(file.path)} has no tensor {shown(absent[0])}.")
    if not wanted:
        return
    if not file.places:
        yield from _values_of_one(file.path, wanted)
        return
    for place in dict.fromkeys(file.places[name] for name in wanted):
        yield from _values_of_one(place, [name for name in wanted if file.places[name] == place])


def read_tensors(path: str | Path, names: Iterable[str]) -> Iterator[tuple[str, torch.Tensor]]:
    """``read_values`` of the model at a path."""
    return read_values(read_header(path), names)


def _values_of_one(path: Path, names: list[str]) -> Iterator[tuple[str, torch.Tensor]]:
    size, start = _opening(path)
    if start[:4] == _ZIP:
        tensors = unpickle(path, size)
        if any(name not in tensors for name in names):
            raise failure(path, "changed while it was read")
        yield from ((name, tensors[name]) for name in names)
    elif start[:4] == _GGUF:
        yield from gguf_values(path, size, names)
    else:
        yield from safetensors_values(path, names)


def _sharded(index: Path) -> TensorFile:
    """The tensors of all the files that an index names, each from the file that the index says."""
    tensors: dict[str, TensorInfo] = {}
    places: dict[str, Path] = {}
    metadata: dict[str, str] = {}
    total = 0
    for place, names in read_index(index).items():
        size, start = _opening(place)
        shard = safetensors_header(place, size, start)
        if absent := [name for name in names if name not in shard.tensors]:
            raise failure(
                place,
                f"not the file that {index.name} describes: it lacks {len(absent)} of its tensors such as {shown(absent[0])}",
            )
        tensors |= {name: shard.tensors[name] for name in names}
        places |= dict.fromkeys(names, place)
        metadata |= shard.metadata
        total += size
    return TensorFile(index, tensors, metadata, total, "sharded safetensors", places)


def _opening(path: Path) -> tuple[int, bytes]:
    """Size and first 8 bytes."""
    try:
        if path.is_dir():
            raise CheckpointError(f"{shown_path(path)} is a folder; {_WANTED}.")
        if path.exists() and not path.is_file():
            raise CheckpointError(f"{shown_path(path)} is a pipe or a device; {_WANTED}.")
        with path.open("rb") as file:
            start = file.read(8)
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{shown_path(path)} cannot be read: {brief(error)}; {_WANTED}.") from error
    if len(start) < 8:
        raise failure(path, f"only {size} bytes long, no model file; download it again")
    return size, start
