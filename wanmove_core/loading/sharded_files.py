"""The index of a model that lies in several safetensors files (``*.safetensors.index.json``): which tensor is in which."""

import json
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from .tensor_info import HEADER_LIMIT, NAME_LIMIT, TENSOR_LIMIT, brief, failure, shown

INDEX_END = ".safetensors.index.json"
SHARD_LIMIT = 256
"""files of one model; the released Wan 14B models have six or seven"""
INDEX_FILE_LIMIT = 16
"""indexes in one folder that are looked into for the name of a file"""
_NAMED = 10


def looks_like_index(start: bytes) -> bool:
    """Whether a file that begins so is JSON: no safetensors header of a possible length begins so."""
    return start[:1] == b"{" and int.from_bytes(start[:8], "little") > HEADER_LIMIT


def find_index(path: Path) -> Path | None:
    """The index in the folder of a file that names this file as one of its parts."""
    try:
        indexes = sorted(entry for entry in path.parent.iterdir() if entry.name.endswith(INDEX_END) and entry.is_file())
    except OSError:
        return None
    return next((index for index in indexes[:INDEX_FILE_LIMIT] if path.name in named_files(index)), None)


def named_files(index: Path) -> set[str]:
    """Names of the files that an index names, whether they are there or not; none of one that cannot be read."""
    try:
        return set(_weight_map(index).values())
    except CheckpointError:
        return set()


def read_index(path: Path) -> dict[Path, list[str]]:
    """The tensors that each of the files holds, by file.

    Raises:
        CheckpointError: it is no index, names more files or tensors than a model has or a file outside its folder, or files
            are missing.
    """
    places: dict[Path, list[str]] = {}
    for name, file in _weight_map(path).items():
        if file in ("", ".", "..") or any(sign in file for sign in "/\\:\0"):
            raise failure(path, f"refused: it says that {shown(name)} is in {shown(file)}, and only files beside it are read")
        places.setdefault(path.parent / file, []).append(name)
    if not 0 < len(places) <= SHARD_LIMIT:
        raise failure(path, f"refused: it names {len(places)} files, 1 to {SHARD_LIMIT} are expected")
    if missing := [shown(place.name) for place in places if not place.exists()]:
        listed = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        raise failure(
            path, f"the index of {len(places)} files, of which {len(missing)} are missing: {listed}; download them beside it"
        )
    return places


def _weight_map(path: Path) -> dict[str, str]:
    index = _parse(path)
    listed: Any = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(listed, dict):
        raise failure(path, 'JSON, but no index of a model in several files: it has no "weight_map"')
    if not 0 < len(listed) <= TENSOR_LIMIT:
        raise failure(path, f"refused: it names {len(listed)} tensors, 1 to {TENSOR_LIMIT} are expected")
    if not all(isinstance(file, str) and len(file) <= NAME_LIMIT and len(name) <= NAME_LIMIT for name, file in listed.items()):
        raise failure(path, "damaged: its weight_map does not give a file's name for each tensor")
    return listed


def _parse(path: Path) -> Any:
    try:
        if (size := path.stat().st_size) > HEADER_LIMIT:
            raise failure(path, f"refused: an index of {size} bytes, at most {HEADER_LIMIT} are possible")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise failure(path, f"no readable index of a model in several files ({brief(error)})") from error
