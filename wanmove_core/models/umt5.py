"""The umT5-xxl text encoder (5.7 B parameters): tokens to the text that a Wan network reads.

Parameter names are those of the released ``models_t5_umt5-xxl-enc-bf16.pth`` (Wan-Video/Wan2.1 ``wan/modules/t5.py``). Unlike
T5 it has a table of relative positions in every block; like T5 it does not scale its attention and has no biases.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .ops import TORCH_OPS, Ops, cast_like


@dataclass(frozen=True)
class UMT5Config:
    """Sizes of a umT5 encoder; the defaults are umT5-xxl."""

    vocabulary: int = 256384
    dim: int = 4096
    attention_dim: int = 4096
    ffn_dim: int = 10240
    heads: int = 64
    layers: int = 24
    buckets: int = 32
    """of relative positions, half of them for each direction"""
    max_distance: int = 128
    """from here on all tokens share the last bucket"""
    eps: float = 1e-6


class ScaleNorm(nn.Module):
    """Root-mean-square norm over the last axis, computed in float32."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        normed = wide * torch.rsqrt(wide.pow(2).mean(dim=-1, keepdim=True) + self.eps)
        return cast_like(self.weight, x) * normed.to(x.dtype)


class TanhGELU(nn.Module):
    """GELU by tanh, written out: each step rounds as in the released code, which torch's fused one does not in bfloat16."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))


class BiasedAttention(nn.Module):
    """Attention of all tokens to all tokens, unscaled, with a bias a head and a pair of places."""

    def __init__(self, config: UMT5Config, ops: Ops) -> None:
        super().__init__()
        self.heads = config.heads
        self.q = ops.Linear(config.dim, config.attention_dim, bias=False)
        self.k = ops.Linear(config.dim, config.attention_dim, bias=False)
        self.v = ops.Linear(config.dim, config.attention_dim, bias=False)
        self.o = ops.Linear(config.attention_dim, config.dim, bias=False)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """x [B, L, dim], bias [B or 1, heads, L, L]"""
        q, k, v = (layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for layer in (self.q, self.k, self.v))
        scores = q @ k.transpose(-1, -2) + bias
        weights = F.softmax(scores.float(), dim=-1).to(scores.dtype)
        return self.o((weights @ v).transpose(1, 2).flatten(-2))


class GatedFeedForward(nn.Module):
    def __init__(self, config: UMT5Config, ops: Ops) -> None:
        super().__init__()
        self.gate = nn.Sequential(ops.Linear(config.dim, config.ffn_dim, bias=False), TanhGELU())
        self.fc1 = ops.Linear(config.dim, config.ffn_dim, bias=False)
        self.fc2 = ops.Linear(config.ffn_dim, config.dim, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(self.fc1(x) * self.gate(x))


class RelativePositions(nn.Module):
    """What the distance between two tokens adds to their attention."""

    def __init__(self, buckets: int, heads: int) -> None:
        super().__init__()
        self.embedding = Table(buckets, heads)

    def forward(self, buckets: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """[L, L] -> [1, heads, L, L]"""
        return self.embedding(buckets, dtype).permute(2, 0, 1).unsqueeze(0)


class Table(nn.Module):
    """Rows by number. Only the rows that are asked for are cast, and moved to where the numbers are."""

    def __init__(self, rows: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(rows, dim))

    def forward(self, numbers: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """[...] -> [..., dim]"""
        return F.embedding(numbers.to(self.weight.device), self.weight).to(device=numbers.device, dtype=dtype)


class UMT5Block(nn.Module):
    """Self-attention and a gated feed-forward, each normed before and added."""

    def __init__(self, config: UMT5Config, ops: Ops) -> None:
        super().__init__()
        self.norm1 = ScaleNorm(config.dim, config.eps)
        self.attn = BiasedAttention(config, ops)
        self.norm2 = ScaleNorm(config.dim, config.eps)
        self.ffn = GatedFeedForward(config, ops)
        self.pos_embedding = RelativePositions(config.buckets, config.heads)

    def forward(self, x: torch.Tensor, buckets: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """x [B, L, dim]; buckets [L, L] of ``position_buckets``; mask [B, L], False for padding."""
        bias = self.pos_embedding(buckets, x.dtype)
        if mask is not None:
            bias = bias.masked_fill(~mask[:, None, None], torch.finfo(x.dtype).min)
        x = _finite(x + self.attn(self.norm1(x), bias))
        return _finite(x + self.ffn(self.norm2(x)))


class UMT5Encoder(nn.Module):
    """Token ids to one vector a token."""

    def __init__(self, config: UMT5Config = UMT5Config(), ops: Ops = TORCH_OPS) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = Table(config.vocabulary, config.dim)
        self.blocks = nn.ModuleList(UMT5Block(config, ops) for _ in range(config.layers))
        self.norm = ScaleNorm(config.dim, config.eps)

    def forward(self, ids: torch.Tensor, dtype: torch.dtype, mask: torch.Tensor | None = None) -> torch.Tensor:
        """[B, L] -> [B, L, dim] in ``dtype``, the compute dtype.

        Args:
            mask: [B, L], False for padding, which no token then sees. A prompt alone needs no padding and no mask: its
                tokens get the same values up to rounding.
        """
        buckets = position_buckets(ids.shape[1], self.config).to(ids.device)
        x = self.token_embedding(ids, dtype)
        for block in self.blocks:
            x = block(x, buckets, mask)
        return self.norm(x)


def position_buckets(length: int, config: UMT5Config) -> torch.Tensor:
    """The bucket of each pair of tokens (one that attends, one that is attended to): [length, length] on the CPU.

    Near distances have a bucket each, farther ones share buckets that widen logarithmically (T5, arXiv:1910.10683, 2.1).
    """
    place = torch.arange(length)
    offset = place.unsqueeze(0) - place.unsqueeze(1)
    distance, per_direction = offset.abs(), config.buckets // 2
    exact = per_direction // 2
    spread = torch.log(distance.clamp(min=1).float() / exact) / math.log(config.max_distance / exact) * (per_direction - exact)
    shared = (exact + spread.long()).clamp(max=per_direction - 1)
    return torch.where(distance < exact, distance, shared) + (offset > 0) * per_direction


def _finite(x: torch.Tensor) -> torch.Tensor:
    """float16 overflows in this network; the released code then clamps."""
    if x.dtype == torch.float16 and bool(torch.isinf(x).any()):
        limit = torch.finfo(x.dtype).max - 1000
        return x.clamp(-limit, limit)
    return x
