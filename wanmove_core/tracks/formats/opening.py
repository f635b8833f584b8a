"""Which kind of file it is, told by its first bytes, and who reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import TrackError
from ..baked import BakedTracks
from ..document import parse_document
from ..sampling import bake
from .arrays import read_arrays, read_ati, read_npy, read_npz
from .lists import read_config, read_json, read_lists
from .mask_picture import read_mask
from .raw_tracks import RawTracks, Uneven, needs_length, read_content
from .svg import read_svg

_KINDS: Mapping[str, tuple[str, ...]] = {
    "tracks": ("npz", "pth"),
    "wan-move": ("npy", "npz"),
    "movebench": ("npy",),
    "wan2gp": ("npy",),
    "cotracker": ("npz", "npy", "pth"),
    "kjnodes": ("JSON list",),
    "ltx": ("JSON list",),
    "trajectory-config": ("trajectory_config",),
    "ati": ("pth",),
    "svg": ("svg",),
    "mask": ("png",),
    "document": ("track document",),
}
"""what a format may come in"""


@dataclass(frozen=True)
class Opening:
    """What is said of a file beforehand."""

    format: str = ""
    visibility: Path | None = None
    uneven: Uneven | None = None
    length: int | None = None


def open_tracks(path: Path, said: Opening, content: bytes | None = None) -> RawTracks:
    """The numbers in a file, or in ``content`` that never was one; ``path`` is then what errors call it.

    Raises:
        TrackError: it cannot be read, is of no known kind, or not of the kind that its format comes in.
    """
    content, source = read_content(path) if content is None else content, str(path)
    kind, data = _kind(content, source)
    allowed = _KINDS.get(said.format, (kind,))
    if kind not in allowed:
        raise TrackError(f"{source} is a {kind} file, and {said.format} comes as {' or '.join(allowed)}; leave --from out.")
    if said.visibility is not None and kind not in ("npy", "npz", "pth"):
        raise TrackError(f"{said.visibility} cannot be the visibility of a {kind} file; leave --visibility out.")
    match kind:
        case "npy":
            return read_npy(content, said.visibility, path)
        case "npz":
            return read_arrays(read_npz(content, source), source, "npz", said.visibility)
        case "pth":
            return _read_pth(content, source, said)
        case "svg":
            return read_svg(content, source, said.length)
        case "png":
            return read_mask(content, source, said.length)
        case "JSON list":
            return read_lists(data, source, said.uneven)
    if not isinstance(data, dict):
        raise TrackError(f"{source} is JSON, but neither a list of tracks nor an object.")
    return read_config(data, source, said.uneven) if kind == "trajectory_config" else _bake(data, source, said.length)


def _kind(content: bytes, source: str) -> tuple[str, object]:
    """The kind and, of JSON, the values."""
    if content.startswith(b"\x93NUMPY"):
        return "npy", None
    if content.startswith(b"\x89PNG"):
        return "png", None
    if content.startswith(b"PK"):
        return ("pth" if b"data.pkl" in content[:1024] else "npz"), None
    if content.startswith(b"\x80"):
        return "pth", None
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"<":
        return "svg", None
    if start not in (b"[", b"{"):
        raise TrackError(f"{source} is none of npy, npz, pth, JSON, SVG and PNG; docs/tracks.md lists the formats.")
    data = read_json(content, source)
    if isinstance(data, dict) and "layers" in data:
        return "track document", data
    return ("trajectory_config" if isinstance(data, dict) else "JSON list"), data


def _read_pth(content: bytes, source: str, said: Opening) -> RawTracks:
    from .torch_values import load_torch_values  # here, so that tracks load without torch

    values = load_torch_values(content, source)
    if isinstance(values, bytes):
        return read_ati(values, source)
    if said.format == "ati":
        raise TrackError(f"{source} holds tensors, and ATI saves bytes; leave --from out.")
    return read_arrays(values, source, "pth", said.visibility)


def _bake(data: dict[str, object], source: str, length: int | None) -> RawTracks:
    if length is None:
        raise needs_length(source, "a track document")
    document = parse_document(data)
    baked: BakedTracks = bake(document, length, document.width, document.height)
    return RawTracks(
        source=source,
        layout=f"track document of {len(document.layers)} layers",
        positions=baked.positions.astype(np.float64),
        visibility=baked.visibility.astype(np.float64),
        seen_by="as drawn",
        axis="frames",
        scale="pixels",
        size=(document.width, document.height),
    )
