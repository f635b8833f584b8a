"""The attention of a diffusion block, and what is made of text and image for it, which is the same in every step."""

from dataclasses import dataclass

import torch
from torch import nn

from .attention import Attention
from .dit_config import DiTConfig
from .ops import Ops, cast_like
from .rope import rotate

_IN_CACHE = 2**17
"""numbers that a processor's core normalises and turns at a time: as complex128 they take a megabyte"""
Pair = tuple[torch.Tensor, torch.Tensor]
"""keys and values, [B, S, heads, head_dim] each"""


def spans(length: int, rows: int) -> list[slice]:
    """0 ... length in pieces of so many rows."""
    return [slice(begin, min(begin + rows, length)) for begin in range(0, length, rows)]


class RMSNorm(nn.Module):
    """Root-mean-square norm over the last axis, computed in float32."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        normed = wide * torch.rsqrt(wide.pow(2).mean(dim=-1, keepdim=True) + self.eps)
        return normed.to(x.dtype) * cast_like(self.weight, x)


@dataclass(frozen=True)
class KeysValues:
    """What one block's cross-attention needs of the context: the same in every step."""

    text: Pair
    image: Pair | None


@dataclass(frozen=True)
class ContextTokens:
    """The embedded context."""

    text: torch.Tensor
    """[B, S, dim], in compute dtype"""
    image: torch.Tensor | None
    """[B, I, dim]"""


@dataclass(frozen=True)
class Context:
    """All that a network makes of text and image, see ``WanDiT.prepare_contexts``."""

    blocks: tuple[KeysValues, ...]


class SelfAttention(nn.Module):
    """Attention of all patches to all patches, with rotary positions; ``project``, ``attention`` and ``o`` in this order."""

    def __init__(self, config: DiTConfig, ops: Ops, attention: Attention) -> None:
        super().__init__()
        self.heads, self.attention = config.heads, attention
        self.q = ops.Linear(config.dim, config.dim)
        self.k = ops.Linear(config.dim, config.dim)
        self.v = ops.Linear(config.dim, config.dim)
        self.o = ops.Linear(config.dim, config.dim)
        self.norm_q = RMSNorm(config.dim, config.eps)
        self.norm_k = RMSNorm(config.dim, config.eps)

    def split_heads(self, x: torch.Tensor) -> torch.Tensor:
        """[B, L, dim] -> [B, L, heads, head_dim]"""
        return x.unflatten(-1, (self.heads, -1))

    def project(self, x: torch.Tensor, rope: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> None:
        """Put queries, keys and values of some patches into q, k and v [B, L, heads, head_dim].

        Args:
            x: [B, L, dim].
            rope: [L, head_dim / 2], of their positions.
        """
        for layer, norm, place in ((self.q, self.norm_q, q), (self.k, self.norm_k, k)):
            projected = layer(x)
            for span in spans(x.shape[1], max(1, _IN_CACHE // projected.shape[-1]) if x.is_cpu else x.shape[1]):
                rotate(self.split_heads(norm(projected[:, span])), rope[span], place[:, span])
        v.copy_(self.split_heads(self.v(x)))


class CrossAttention(SelfAttention):
    """Attention to the text tokens and, where the model has them, to image tokens in a second softmax."""

    def __init__(self, config: DiTConfig, ops: Ops, attention: Attention) -> None:
        super().__init__(config, ops, attention)
        self.with_image = config.image_tokens > 0
        if self.with_image:
            self.k_img = ops.Linear(config.dim, config.dim)
            self.v_img = ops.Linear(config.dim, config.dim)
            self.norm_k_img = RMSNorm(config.dim, config.eps)

    def keys_values(self, text: torch.Tensor) -> Pair:
        """Of embedded text tokens [B, S, dim]; the queries have no part in it."""
        return self.split_heads(self.norm_k(self.k(text))), self.split_heads(self.v(text))

    def image_keys_values(self, image: torch.Tensor | None) -> Pair | None:
        """Of embedded image tokens [B, I, dim]; None for a network without them."""
        if image is None or not self.with_image:
            return None
        return self.split_heads(self.norm_k_img(self.k_img(image))), self.split_heads(self.v_img(image))

    def context_layers(self) -> list[nn.Module]:
        """The layers that only keys and values are made with."""
        with_image = [self.k_img, self.v_img, self.norm_k_img] if self.with_image else []
        return [self.k, self.v, self.norm_k, *with_image]

    def forward(self, x: torch.Tensor, context: KeysValues) -> torch.Tensor:
        """[B, L, dim] -> [B, L, dim]"""
        q = self.split_heads(self.norm_q(self.q(x)))
        out = self.attention(q, *context.text).flatten(-2)
        if context.image is not None:
            out += self.attention(q, *context.image).flatten(-2)
        return self.o(out)
