"""Models that are loaded."""

import torch
from torch import nn


class ModelPatcher:
    """A model."""

    def __init__(self, model: nn.Module, load_device: torch.device, offload_device: torch.device) -> None:
        self.model = model
        self.load_device = load_device
        self.offload_device = offload_device
        self.size = 0

    def model_size(self) -> int:
        """Bytes of what is in the state dict."""
        return sum(value.nbytes for value in self.model.state_dict().values())


class CoreModelPatcher(ModelPatcher):
    """What ComfyUI itself uses."""
