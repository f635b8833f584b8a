"""Write a file beside its target and put it in place only when it is whole; make folders."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from ..errors import MediaError


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A temporary path in the target's folder; renamed to the target when the block ends, removed when it raises.

    The removal also happens for interruptions (``BaseException``): nothing half-written ever bears the target's name.

    Raises:
        MediaError: the folder does not exist or cannot be written, or the target is a folder.
    """
    partial = _reserve(target)
    try:
        yield partial
        _put_in_place(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """The folder and those above it, where they are not there yet.

    Raises:
        MediaError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"The folder {path} cannot be made: {error.strerror or error}. Choose another one.") from error


def _reserve(target: Path) -> Path:
    if not target.parent.is_dir():
        raise MediaError(f'Cannot write "{target}": the folder "{target.parent}" does not exist; create it first.')
    if target.is_dir():
        raise MediaError(f'Cannot write "{target}": it is a folder; give a file name.')
    partial = target.with_name(f".{target.stem[:40]}.{uuid4().hex[:12]}.part{target.suffix}")
    try:
        partial.open("xb").close()
    except OSError as error:
        raise MediaError(
            f'Cannot write "{target}": {error.strerror or error}; choose a folder that you may write to.'
        ) from error
    return partial


def _put_in_place(partial: Path, target: Path) -> None:
    try:
        partial.replace(target)
    except OSError as error:
        raise MediaError(
            f'Cannot write "{target}": {error.strerror or error}; close what holds it or choose another name.'
        ) from error
