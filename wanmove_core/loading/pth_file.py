"""Zip-format ``.pth`` files: unpickled with ``weights_only=True`` over a mapped file. Nothing in them is ever executed."""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch

from .tensor_info import HEADER_LIMIT, NAME_LIMIT, TORCH_TYPES, TensorInfo, brief, check_count, failure, shown

_NAMES = {dtype: name for name, dtype in TORCH_TYPES.items()}


def unpickle(path: Path, size: int) -> dict[str, torch.Tensor]:
    """The state dict of a zip-format .pth, its values mapped.

    Raises:
        CheckpointError: it is damaged, holds code or anything but named tensors, or is compressed.
    """
    _check_archive(path, size)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # the unpickler raises nearly every kind on hostile input; an interruption is none of them
        cause = brief(error)
        if "weights_only" in str(error).lower() or "weights only" in str(error).lower():
            cause = "it holds Python objects or code, which are never run; use a file of tensors only, best safetensors"
        raise failure(path, f"no readable .pth of weights: {cause}") from error
    return _state_dict(path, loaded)


def _check_archive(path: Path, size: int) -> None:
    """Refuse archives that would take more memory than they have bytes, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        raise failure(path, f"a damaged or truncated .pth archive ({brief(error)}); download it again") from error
    check_count(path, len(entries))
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or sum(e.file_size for e in entries) > size:
        raise failure(path, "a compressed archive, and PyTorch writes none; it is no model file or a hostile one")
    if any(entry.file_size > HEADER_LIMIT for entry in entries if entry.filename.endswith(".pkl")):
        raise failure(path, f"refused: the list of its tensors is longer than {HEADER_LIMIT} bytes")


def _state_dict(path: Path, loaded: Any) -> dict[str, torch.Tensor]:
    for wrapper in ("state_dict", "model_state_dict", "model"):
        if isinstance(loaded, dict) and isinstance(loaded.get(wrapper), dict):
            loaded = loaded[wrapper]
    if not isinstance(loaded, dict):
        raise failure(path, f"a .pth that holds a {type(loaded).__name__} instead of named tensors")
    check_count(path, len(loaded))
    if not all(isinstance(name, str) and len(name) <= NAME_LIMIT for name in loaded):
        raise failure(path, "a .pth whose entries are not named as tensors are")
    return {name: value for name, value in loaded.items() if isinstance(value, torch.Tensor)}


def pth_info(path: Path, name: str, tensor: torch.Tensor) -> TensorInfo:
    """What there is to know of a tensor; refuses what is no plain array."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu" or tensor.dtype not in _NAMES:
        raise failure(path, f"of a kind that is not known: tensor {shown(name)} is {tensor.dtype}, {tensor.layout}")
    if tensor.untyped_storage().nbytes() < tensor.numel() * tensor.element_size():
        raise failure(path, f"damaged: tensor {shown(name)} {tuple(tensor.shape)} has fewer values than its shape says")
    return TensorInfo(_NAMES[tensor.dtype], tuple(tensor.shape))
