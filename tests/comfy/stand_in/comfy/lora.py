"""LoRA files as patches."""

from collections.abc import Mapping

import torch


def load_lora(lora: Mapping[str, torch.Tensor], to_load: Mapping[str, str]) -> dict[str, object]:
    """The patches of a file, by the name of the weight. Here: those in ComfyUI's plain spelling."""
    return {weight: lora[f"{name}.lora_up.weight"] for name, weight in to_load.items() if f"{name}.lora_up.weight" in lora}
