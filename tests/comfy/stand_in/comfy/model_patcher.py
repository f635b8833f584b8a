"""Models that are loaded and patched."""

from collections.abc import Mapping

import torch
from torch import nn


class ModelPatcher:
    """A model and its patches."""

    def __init__(self, model: nn.Module, load_device: torch.device, offload_device: torch.device) -> None:
        self.model = model
        self.load_device = load_device
        self.offload_device = offload_device
        self.patches: dict[str, tuple[object, float]] = {}

    def add_patches(self, patches: Mapping[str, object], strength_patch: float = 1.0) -> list[str]:
        """Remember patches of weights that are there; their names."""
        known = [name for name in patches if name in self.model.state_dict()]
        self.patches |= {name: (patches[name], strength_patch) for name in known}
        return known


class CoreModelPatcher(ModelPatcher):
    """What ComfyUI itself uses."""
