"""Which file of a folder is the model: folders as Wan and diffusers publish them, or one with model files in it.

Files are told by what is in them. Only the two experts of Wan 2.2 A14B are told by the names of their folders or files, as
their tensors are alike.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import CheckpointError
from .detect import detect
from .sharded_files import INDEX_END, named_files
from .tensor_file import read_header
from .tensor_info import brief, shown_path

Kind = Literal["dit", "vae"]
Expert = Literal["high", "low"]

MODEL_ENDS = (".safetensors", ".gguf", ".pth")
FILE_LIMIT = 64
"""model files of one folder that are looked into"""
INDEX_JSON_LIMIT = 64 * 1024
_FOLDERS: dict[Kind, str] = {"dit": "transformer", "vae": "vae"}
_EXPERT_FOLDERS = (("high_noise_model", "low_noise_model"), ("transformer", "transformer_2"))
_WORDS: dict[Kind, str] = {"dit": "Wan diffusion model", "vae": "Wan VAE"}


@dataclass(frozen=True)
class ExpertPaths:
    """The two networks of a Wan 2.2 A14B model, each a path for ``load_dit``."""

    high: Path
    low: Path
    boundary: float | None = None
    """the sigma at which they change over, where the folder states one"""


def find_model(path: str | Path, kind: Kind) -> Path:
    """The file or index of a model: the path itself unless it is a folder.

    Raises:
        CheckpointError: the folder holds no such model, or several.
    """
    path = Path(path)
    if not _is_folder(path):
        return path
    experts = find_experts(path) if kind == "dit" else None
    if experts is not None:
        raise CheckpointError(
            f"{shown_path(path)} holds the two experts of a Wan 2.2 model, and one network is needed here; give {experts.high} "
            f"for high noise and {experts.low} for low noise."
        )
    below = path / _FOLDERS[kind]
    if _is_folder(below):
        path = below
    models = model_files(path)
    if len(models) > 1:
        kinds = {model: _kind_of(model) for model in models}
        unreadable = [model for model in models if kinds[model] is None]
        models = [model for model in models if (kinds[model] or "").startswith(kind)]
        models = models or (unreadable if len(unreadable) == 1 else [])  # what is wrong with it is said when it is opened
    if len(models) == 1:
        return models[0]
    listed = ", ".join(model.name for model in models[:5])
    found = f"{len(models)} of them ({listed}); give the path of one" if models else "none; give the path of its file"
    raise CheckpointError(f"{shown_path(path)} is a folder in which one {_WORDS[kind]} is needed, and there are {found}.")


def find_experts(folder: str | Path) -> ExpertPaths | None:
    """The two experts in a folder; None when it does not hold two.

    Raises:
        CheckpointError: its model_index.json states a boundary that cannot be.
    """
    folder = Path(folder)
    for high, low in _EXPERT_FOLDERS:
        if _is_folder(folder / high) and _is_folder(folder / low):
            return ExpertPaths(find_model(folder / high, "dit"), find_model(folder / low, "dit"), _stated_boundary(folder))
    named = {expert_of(model): model for model in model_files(folder)} if _is_folder(folder) else {}
    if set(named) - {None} == {"high", "low"} and len(model_files(folder)) == 2:
        return ExpertPaths(named["high"], named["low"])
    return None


def expert_of(path: str | Path) -> Expert | None:
    """Which expert the name of a file, or that of its folder, says it is."""
    path = Path(path)
    for name in (path.name, path.parent.name):
        found = set(re.findall(r"(?<![a-z])(high|low)(?:(?![a-z])|(?=[ _-]?noise))", name.lower()))
        if len(found) == 1:
            return "high" if "high" in found else "low"
    return None


def model_files(folder: Path) -> list[Path]:
    """The models in a folder, by name: indexes, and the files that belong to none of them."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if entry.name.endswith((*MODEL_ENDS, INDEX_END)))
    except OSError as error:
        raise CheckpointError(f"{shown_path(folder)} cannot be read: {brief(error)}; give the path of a model file.") from error
    parts = {folder / name for entry in entries if entry.name.endswith(INDEX_END) for name in named_files(entry)}
    return [entry for entry in entries if entry not in parts][:FILE_LIMIT]


def _kind_of(path: Path) -> str | None:
    """None of what cannot be read."""
    try:
        return detect(read_header(path)).kind
    except CheckpointError:
        return None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _stated_boundary(folder: Path) -> float | None:
    """``boundary_ratio`` of diffusers' model_index.json."""
    path = folder / "model_index.json"
    try:
        if path.stat().st_size > INDEX_JSON_LIMIT:
            return None
        stated: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    boundary = stated.get("boundary_ratio") if isinstance(stated, dict) else None
    if boundary is None:
        return None
    if not isinstance(boundary, float) or not 0 < boundary < 1:
        raise CheckpointError(f"{path} states the boundary {ascii(boundary)[:40]}; a number between 0 and 1 is needed.")
    return boundary
