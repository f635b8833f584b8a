"""LoRA files as patches."""

from collections.abc import Mapping, Sequence

import torch


def load_lora(lora: Mapping[str, torch.Tensor], to_load: Mapping[str, str]) -> dict[str, object]:
    """The patches of a file, by the name of the weight. Here: those in ComfyUI's plain spelling."""
    return {weight: lora[f"{name}.lora_up.weight"] for name, weight in to_load.items() if f"{name}.lora_up.weight" in lora}


def calculate_weight(
    patches: Sequence[tuple[float, object, float, object, object]], weight: torch.Tensor, key: str
) -> torch.Tensor:
    """The weight with its patches. Here: each is added."""
    for strength, patch, *_ in patches:
        if isinstance(patch, torch.Tensor):
            weight = weight + strength * patch
    return weight
