"""Layers that cast their weights to what they are given."""

import torch
import torch.nn.functional as F
from torch import nn


class manual_cast:
    """ComfyUI's layers that do so. ``comfy_cast_weights`` marks them."""

    class Linear(nn.Linear):
        comfy_cast_weights = True

        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return F.linear(input, self.weight.to(input), self.bias.to(input))

    class Conv2d(nn.Conv2d):
        comfy_cast_weights = True

        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return self._conv_forward(input, self.weight.to(input), None if self.bias is None else self.bias.to(input))

    class Conv3d(nn.Conv3d):
        comfy_cast_weights = True

        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return self._conv_forward(input, self.weight.to(input), None if self.bias is None else self.bias.to(input))

    class LayerNorm(nn.LayerNorm):
        comfy_cast_weights = True

        def forward(self, input: torch.Tensor) -> torch.Tensor:
            weight = self.weight.to(input) if self.elementwise_affine else None
            bias = self.bias.to(input) if self.elementwise_affine else None
            return F.layer_norm(input, self.normalized_shape, weight, bias, self.eps)
