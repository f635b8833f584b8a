"""CLIP ViT-H/14's picture tower: the start image as the 257 tokens that Wan 2.1 I2V reads.

Parameter names are those below ``visual.`` of the released ``models_clip_open-clip-xlm-roberta-large-vit-huge-14.pth``
(Wan-Video/Wan2.1 ``wan/modules/clip.py``). Wan takes what the last block but one gives, so the last block, the last norm and
the head are not built.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .attention import Attention, sdpa
from .ops import TORCH_OPS, Ops, cast_like


@dataclass(frozen=True)
class ClipVisionConfig:
    """Sizes of a CLIP picture tower; the defaults are ViT-H/14."""

    dim: int = 1280
    ffn_dim: int = 5120
    heads: int = 16
    layers: int = 32
    """of the whole tower; the last is not built"""
    image_size: int = 224
    patch: int = 14
    eps: float = 1e-5

    @property
    def tokens(self) -> int:
        return 1 + (self.image_size // self.patch) ** 2


class FusedAttention(nn.Module):
    """Attention of all tokens to all tokens, query, key and value in one matrix."""

    def __init__(self, config: ClipVisionConfig, ops: Ops, attention: Attention) -> None:
        super().__init__()
        self.heads, self.attention = config.heads, attention
        self.to_qkv = ops.Linear(config.dim, config.dim * 3)
        self.proj = ops.Linear(config.dim, config.dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).unbind(dim=2)
        return self.proj(self.attention(q, k, v).flatten(-2))


class ClipBlock(nn.Module):
    def __init__(self, config: ClipVisionConfig, ops: Ops, attention: Attention) -> None:
        super().__init__()
        self.norm1 = ops.LayerNorm(config.dim, eps=config.eps)
        self.attn = FusedAttention(config, ops, attention)
        self.norm2 = ops.LayerNorm(config.dim, eps=config.eps)
        self.mlp = nn.Sequential(ops.Linear(config.dim, config.ffn_dim), nn.GELU(), ops.Linear(config.ffn_dim, config.dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(_norm(self.norm1, x))
        return x + self.mlp(_norm(self.norm2, x))


class ClipVision(nn.Module):
    """A prepared picture to the tokens of the last block but one."""

    def __init__(
        self, config: ClipVisionConfig = ClipVisionConfig(), ops: Ops = TORCH_OPS, attention: Attention = sdpa
    ) -> None:
        super().__init__()
        self.config = config
        self.patch_embedding = ops.Conv2d(3, config.dim, config.patch, stride=config.patch, bias=False)
        self.cls_embedding = nn.Parameter(torch.randn(1, 1, config.dim) / config.dim**0.5)
        self.pos_embedding = nn.Parameter(torch.randn(1, config.tokens, config.dim) / config.dim**0.5)
        self.pre_norm = ops.LayerNorm(config.dim, eps=config.eps)
        self.transformer = nn.Sequential(*(ClipBlock(config, ops, attention) for _ in range(config.layers - 1)))

    def forward(self, pictures: torch.Tensor, on_block: Callable[[int, int], None] | None = None) -> torch.Tensor:
        """The tokens [B, tokens, dim].

        Args:
            pictures: [B, 3, image_size, image_size], normalised, in the compute dtype.
            on_block: told (blocks done, all blocks) before the first block and after each; may raise to stop.
        """
        told = on_block or (lambda done, total: None)
        x = self._embed(pictures)
        told(0, len(self.transformer))
        for done, block in enumerate(self.transformer, start=1):
            x = block(x)
            told(done, len(self.transformer))
        return x

    def _embed(self, pictures: torch.Tensor) -> torch.Tensor:
        """What the first block is given."""
        patches = self.patch_embedding(pictures).flatten(2).transpose(1, 2)
        first = cast_like(self.cls_embedding, patches).expand(len(patches), -1, -1)
        x = torch.cat([first, patches], dim=1) + cast_like(self.pos_embedding, patches)
        return _norm(self.pre_norm, x)


def _norm(norm: nn.LayerNorm, x: torch.Tensor) -> torch.Tensor:
    """LayerNorm in float32, as released."""
    if type(norm) is not nn.LayerNorm:  # a host's own layer casts, patches and dequantises by itself
        return norm(x)
    wide = x.float()
    return F.layer_norm(wide, norm.normalized_shape, cast_like(norm.weight, wide), cast_like(norm.bias, wide), norm.eps).to(
        x.dtype
    )
