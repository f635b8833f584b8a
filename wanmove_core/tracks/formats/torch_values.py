"""Values that ``torch.save`` wrote: bytes and plain tensors, unpickled with ``weights_only=True``, so that no code runs."""

import io
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...errors import TrackError
from ..npy_file import MAX_BYTES

_MAX_ENTRIES = 1024


def load_torch_values(content: bytes, source: str) -> bytes | dict[str, NDArray[Any]]:
    """Bytes as they are; tensors by name, where a tuple is ``tracks`` and ``visibility`` and one alone is ``tracks``.

    Raises:
        TrackError: it is damaged, holds objects or code, or something else than bytes and tensors.
    """
    _check_archive(content, source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # the unpickler raises nearly every kind on hostile bytes
        said = " ".join(str(error).split())
        reason = "it holds Python objects or code, which are never run" if "weights" in said.lower() else said[:160]
        raise TrackError(f"{source} is no .pth of tracks ({reason}); give bytes as ATI saves them, or tensors.") from error
    if isinstance(loaded, bytes):
        return loaded
    return {name: _array(tensor, name, source) for name, tensor in _named(loaded, source).items()}


def save_torch_bytes(content: bytes) -> bytes:
    """The file that ``torch.save`` makes of bytes."""
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


def _check_archive(content: bytes, source: str) -> None:
    """Refuse archives that would take more memory than a track file may, before anything is unpacked."""
    if not content.startswith(b"PK"):
        return  # the older kind is one pickle, as large as it is
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        raise TrackError(f"{source} is a damaged archive ({error}); copy or save it again.") from error
    if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise TrackError(f"{source} unpacks to more than {MAX_BYTES:,} bytes or {_MAX_ENTRIES} parts; it is no track file.")


def _named(loaded: object, source: str) -> dict[str, torch.Tensor]:
    if isinstance(loaded, torch.Tensor):
        return {"tracks": loaded}
    named: Mapping[Any, object] = {}
    if isinstance(loaded, Mapping):
        named = loaded
    elif isinstance(loaded, Sequence) and not isinstance(loaded, str) and 1 <= len(loaded) <= 2:
        named = dict(zip(("tracks", "visibility"), loaded, strict=False))
    tensors = {str(name): value for name, value in named.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise TrackError(f"{source} holds a {type(loaded).__name__} without tensors; bytes as ATI saves them, or tensors.")
    return tensors


def _array(tensor: torch.Tensor, name: str, source: str) -> NDArray[Any]:
    plain = tensor.layout == torch.strided and not tensor.is_quantized and not tensor.is_complex()
    # a stride of 0 lets a few bytes claim any number of values
    if not plain or tensor.device.type != "cpu" or tensor.numel() * 8 > MAX_BYTES:
        raise TrackError(
            f'{source}: the tensor "{name[:40]}" {list(tensor.shape)} is no plain array of at most {MAX_BYTES // 8:,} numbers.'
        )
    return np.asarray(tensor.detach().double().numpy())
