"""Attention."""

import torch
import torch.nn.functional as F


def optimized_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int) -> torch.Tensor:
    """Attention of [B, L, heads * d]."""

    def apart(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)

    return F.scaled_dot_product_attention(apart(q), apart(k), apart(v)).transpose(1, 2).flatten(2)
