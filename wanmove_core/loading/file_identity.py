"""Which weights a model's files hold, told without reading all of them, so that what they gave can be kept by it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ..errors import CheckpointError
from .tensor_file import read_header
from .tensor_info import brief, shown_path

SAMPLES, SAMPLE_BYTES = 64, 16 * 2**10
"""parts of a file that are read, evenly spaced; a smaller file is read whole"""


def model_identity(path: str | Path, beside: Iterable[Path] = ()) -> str:
    """Equal for equal files, wherever they lie and whatever they are called; another after a file was changed.

    Of each file count its size, when it was last written, and samples of its bytes with the whole beginning and end among them.

    Args:
        path: a model file, or of a model in several files the index or any of them.
        beside: other files that act on what the model gives, such as a tokenizer.

    Raises:
        CheckpointError: a file cannot be read or is no model.
    """
    header = read_header(path)
    identity = hashlib.sha256()
    for file in (*dict.fromkeys(header.places.values() or (header.path,)), *beside):
        identity.update(_of_file(Path(file)))
    return identity.hexdigest()


def _of_file(path: Path) -> bytes:
    try:
        state = path.stat()
        read = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns} ".encode())
        parts = min(SAMPLES, -(-state.st_size // SAMPLE_BYTES))
        with path.open("rb") as file:
            for part in range(parts):
                # neighbours where the file is small, the last one its end
                file.seek((state.st_size - SAMPLE_BYTES) * part // (parts - 1) if parts > 1 else 0)
                read.update(file.read(SAMPLE_BYTES))
    except OSError as error:
        raise CheckpointError(f"{shown_path(path)} cannot be read: {brief(error)}.") from error
    return read.digest()
