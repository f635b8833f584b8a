"""Attention as a value: the networks take a function of this shape and never choose a kernel themselves."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

Attention = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""(q [B, L, heads, d], k [B, S, heads, d], v [B, S, heads, d]) -> [B, L, heads, d], softmax scale d ** -0.5"""


def sdpa(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """PyTorch's scaled dot product attention; an ``Attention``."""
    out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
    return out.transpose(1, 2)
