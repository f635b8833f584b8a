"""What can be chosen in Load Wan-Move. Imports no model code, as ComfyUI asks for it when it starts."""

from dataclasses import dataclass
from pathlib import Path

import folder_paths
import torch

from ..wanmove_core.variants import DEMO

EMBEDDED = DEMO.label
NONE = "none"
PRECISIONS: dict[str, torch.dtype | None] = {
    "auto": None,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "fp32": torch.float32,
}
"""of the diffusion network; None = the file's own"""


@dataclass(frozen=True)
class ModelFiles:
    """Names in ComfyUI's folders, ``EMBEDDED`` or ``NONE``."""

    diffusion_model: str = EMBEDDED
    vae: str = EMBEDDED
    text_encoder: str = NONE
    clip_vision: str = NONE
    lora: str = NONE
    lora_strength: float = 1.0
    precision: str = "auto"
    low_noise_model: str = NONE
    low_noise_lora: str = NONE


def choices(folder: str, first: str) -> list[str]:
    """The files of one of ComfyUI's folders, behind what is chosen if there is no file."""
    return [first, *folder_paths.get_filename_list(folder)]


def network_choices(first: str) -> list[str]:
    """The diffusion models, also those in GGUF, which ComfyUI's own list leaves out."""
    known = choices("diffusion_models", first)
    bases = [Path(base) for base in folder_paths.get_folder_paths("diffusion_models")]
    found = {str(path.relative_to(base)) for base in bases if base.is_dir() for path in base.rglob("*.gguf")}
    return [*known, *sorted(found - set(known))]
