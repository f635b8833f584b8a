"""Tracks as arrays of numbers: npy, npz and .pth, in and out (Wan-Move, MoveBench, Wan2GP, CoTracker, ComfyUI, ATI)."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import TrackError
from ..npy_file import MAX_BYTES, parse_npy, write_npy
from .raw_tracks import RawTracks, read_content

ATI_LENGTH = 121
ATI_FPS = 24.0
ATI_FACTOR = 8.0
"""its numbers, those of visibility too, are eighths"""

_POSITIONS = ("tracks", "trajs", "trajectories", "points", "positions", "array")
_VISIBILITY = ("track_visibility", "pred_visibility", "visibility", "visibles", "visible", "vis")
_OCCLUSION = ("occluded", "occlusion", "occlusions")
_MAX_ARRAYS = 64
_MAX_NUMBERS = 2**26


def read_npy(content: bytes, visibility: Path | None, path: Path) -> RawTracks:
    """A npy file; its visibility from another one, which is looked for beside it where none is given."""
    beside = visibility_path(path)
    other = visibility or (beside if beside != path and beside.is_file() else None)
    raw = read_arrays({"tracks": parse_npy(content, str(path))}, str(path), "npy", other)
    # *tracks.npy beside *visibility.npy is how Wan-Move and MoveBench keep theirs
    is_pair = other is not None and other == beside and "tracks" in path.stem
    return replace(raw, axis="frames", layout=f"Wan-Move's pair of {raw.layout}") if is_pair else raw


def read_npz(content: bytes, source: str) -> dict[str, NDArray[Any]]:
    """The arrays of a npz file by name.

    Raises:
        TrackError: it is damaged, too large when unpacked, or one of its arrays is none of numbers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ARRAYS or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise TrackError(f"{source} unpacks to more than {MAX_BYTES:,} bytes or {_MAX_ARRAYS} arrays; keep fewer.")
            packed = {entry.filename.removesuffix(".npy"): archive.read(entry) for entry in entries}
    except TrackError:
        raise
    except Exception as error:  # zipfile and zlib raise many kinds on hostile bytes
        raise TrackError(f"{source} is a damaged archive ({str(error)[:160]}); copy or save it again.") from error
    return {name: parse_npy(part, f'{source}: the array "{name[:40]}"') for name, part in packed.items()}


def read_arrays(arrays: Mapping[str, NDArray[Any]], source: str, container: str, visibility: Path | None = None) -> RawTracks:
    """Positions and, if there are, visibility or occlusion out of named arrays; a third column is visibility.

    Raises:
        TrackError: none of them has positions, or shapes do not fit.
    """
    name = _first(("track_path", "pred_tracks"), arrays)
    named = name is not None
    name = name or _first(_POSITIONS, arrays) or (next(iter(arrays)) if len(arrays) == 1 else None)
    if name is None:
        said = ", ".join(f'"{key[:40]}"' for key in list(arrays)[:8]) or "nothing"
        raise TrackError(f'{source} holds {said}; name the array of positions "tracks" and that of visibility "visibility".')
    if max(values.size for values in arrays.values()) > _MAX_NUMBERS:
        raise TrackError(f"{source} holds over {_MAX_NUMBERS:,} numbers; keep fewer tracks or frames.")
    if arrays[name].dtype.kind == "b":
        raise TrackError(f"{source} holds only true and false, so it is a visibility; give the file of the positions.")
    places, column = _positions(np.asarray(arrays[name], np.float64), source)
    shown, seen_by = column, "its third column" if column is not None else ""
    seen, occluded = _first(_VISIBILITY, arrays), _first(_OCCLUSION, arrays)
    if visibility is not None:
        shown, seen_by = parse_npy(read_content(visibility), str(visibility)), f"from {visibility.name}"
    elif seen is not None:
        shown, seen_by = arrays[seen], f'its array "{seen}"'
    elif occluded is not None:
        shown, seen_by = 1.0 - np.asarray(arrays[occluded], np.float64), f'the opposite of its array "{occluded}"'
    laid_out = None if shown is None else _visibility(np.asarray(shown, np.float64), places.shape[:2], source, seen_by)
    fps = arrays.get("fps")
    return RawTracks(
        source=source,
        layout=f"{container}, {name if container != 'npy' else 'positions'} {list(arrays[name].shape)}",
        positions=places,
        visibility=laid_out,
        seen_by=seen_by,
        axis="frames" if named else None,
        scale="pixels" if named else None,
        fps=float(fps.reshape(-1)[0]) if fps is not None and fps.size == 1 else None,
    )


def read_ati(content: bytes, source: str) -> RawTracks:
    """The npz that ATI keeps as bytes in a .pth: [tracks, 121, 1, 3] or [121, h, w, 3], all times 8."""
    arrays = read_npz(content, source)
    values = arrays.get("array")
    if values is None or values.ndim != 4 or values.shape[3] != 3 or ATI_LENGTH not in values.shape[:2]:
        raise TrackError(
            f"{source} is none of ATI's files: an array [tracks, {ATI_LENGTH}, 1, 3] or [{ATI_LENGTH}, h, w, 3] is needed."
        )
    numbers = np.asarray(values, np.float64) / ATI_FACTOR
    tracks_first = values.shape[1] == ATI_LENGTH  # as ATI decides it
    laid_out = (numbers.swapaxes(0, 1) if tracks_first else numbers).reshape(ATI_LENGTH, -1, 3)
    seen_by = "its third column"
    return RawTracks(
        source=source,
        layout=f"ATI, array {list(values.shape)} times {ATI_FACTOR:g}",
        positions=laid_out[..., :2],
        visibility=_visibility(laid_out[..., 2], laid_out.shape[:2], source, seen_by),
        seen_by=seen_by,
        axis="frames",
        scale="pixels",
        fps=ATI_FPS,
    )


def write_ati(positions: NDArray[np.float32], visibility: NDArray[np.bool_]) -> bytes:
    """The npz [N, 121, 1, 3] times 8 of positions [121, N, 2]; it goes as bytes into the .pth."""
    joined = np.concatenate([positions, visibility[..., None]], axis=-1).swapaxes(0, 1)[:, :, None]
    return write_npz({"array": (joined * ATI_FACTOR).astype(np.float32)})


def write_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A npz file that is the same for the same arrays."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, values in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # of 1980, not of now
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, write_npy(values))
    return stream.getvalue()


def visibility_path(path: Path) -> Path:
    """Where the visibility of a npy file is kept: ``tracks.npy`` -> ``visibility.npy``, ``a.npy`` -> ``a_visibility.npy``."""
    head, found, tail = path.stem.rpartition("tracks")
    return path.with_name(f"{head}visibility{tail}.npy" if found else f"{path.stem}_visibility.npy")


def _first(names: Iterable[str], arrays: Mapping[str, NDArray[Any]]) -> str | None:
    return next((name for name in names if name in arrays), None)


def _positions(values: NDArray[np.float64], source: str) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """[A, B, 2] and the third column [A, B], if there is one."""
    shape = list(values.shape)
    if values.ndim == 2:
        values = values[:, None]
    elif values.ndim == 4 and shape[0] == 1:
        values = values[0]
    elif values.ndim == 4 and shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim != 3 or values.shape[2] not in (2, 3):
        raise TrackError(f"{source} has the shape {shape}; [frames, tracks, 2] or [tracks, frames, 2] is needed.")
    if values.shape[2] == 2:
        return values, None
    column = values[..., 2]
    if not bool(((column == 0) | (column == 1)).all()):
        raise TrackError(f"{source} has the shape {shape}, and its third column is no visibility of 0 and 1; leave it out.")
    return values[..., :2], column


def _visibility(values: NDArray[np.float64], shape: tuple[int, ...], source: str, seen_by: str) -> NDArray[np.float64]:
    long = [[side for side in sides if side != 1] for sides in (values.shape, shape)]
    if long[0] != long[1]:  # axes of 1 are a batch, a last axis or the only track
        needed = f"{list(shape)} is needed"
        raise TrackError(f"{source}: the visibility ({seen_by}) has the shape {list(values.shape)}; {needed}.")
    if not bool(((values >= 0) & (values <= 1)).all()):
        raise TrackError(
            f"{source}: the visibility ({seen_by}) has values that are not from 0 to 1; save 0 and 1, or probabilities."
        )
    return values.reshape(shape)
