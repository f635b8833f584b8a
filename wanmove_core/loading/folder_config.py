"""``config.json`` beside a model's weights, as Wan and diffusers publish it: what the shapes of the weights do not tell."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..models.dit import DiTConfig

FILE = "config.json"
TEXT_LIMIT = 64 * 1024


@dataclass(frozen=True)
class FolderConfig:
    """What is taken from a transformer's config.json."""

    head_dim: int
    eps: float


def read_folder_config(folder: Path, dim: int, layers: int) -> FolderConfig | None:
    """The configuration in a folder; None when there is none, or it is of another network than one of these sizes.

    A file may lie in a folder with somebody else's config.json, so one that does not fit is no error.
    """
    try:
        path = folder / FILE
        if path.stat().st_size > TEXT_LIMIT:
            return None
        stated: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(stated, dict) or stated.get("num_layers") != layers:
        return None
    heads = _whole(stated.get("num_heads", stated.get("num_attention_heads")))
    width = _whole(stated.get("dim")) or heads * _whole(stated.get("attention_head_dim"))
    eps = stated.get("eps", DiTConfig.eps)
    if not heads or dim % heads or width != dim or not isinstance(eps, float) or not math.isfinite(eps):
        return None
    return FolderConfig(dim // heads, eps)


def _whole(value: Any) -> int:
    """A count, or 0 for anything else."""
    return value if type(value) is int and 0 < value < 2**16 else 0
