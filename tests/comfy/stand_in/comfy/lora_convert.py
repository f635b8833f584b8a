"""Spellings of LoRA files."""

import torch


def convert_lora(lora: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The file in ComfyUI's spelling."""
    return lora
