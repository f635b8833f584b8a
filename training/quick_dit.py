"""The demo's transformer as it is trained: the graph of ``WanDiT`` with zero text, in bfloat16, its blocks compiled.

Attention to a single text token gives that token's value whatever the query, so cross-attention is one vector a layer here.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn

from wanmove_core.models.dit import Block, WanDiT, timestep_wave
from wanmove_core.models.rope import rope_table

Weights = tuple[torch.Tensor, ...]


def quick_velocity(dit: WanDiT, x: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
    """``WanDiT.forward`` for [B, 36, T', H', W'] and [B] timesteps with a text of zeros, in float32."""
    config = dit.config
    _, p, q = config.patch
    grid = (x.shape[2], x.shape[3] // p, x.shape[4] // q)
    patches = rearrange(x, "b c t (h p) (w q) -> b (t h w) (c p q)", p=p, q=q)
    embed = dit.patch_embedding
    assert isinstance(embed, nn.Conv3d) and embed.bias is not None
    h = _linear(patches, embed.weight.flatten(1), embed.bias).float()
    table = rope_table(grid, config.head_dim, x.device)
    turn = torch.stack([table.real, table.imag]).float().unsqueeze(2)  # [2, L, 1, d / 2]
    time = dit.time_embedding(timestep_wave(timestep, config.freq_dim))
    e = dit.time_projection(time).unflatten(-1, (6, -1))
    text = dit.text_embedding(x.new_zeros(1, config.text_dim))
    for block in dit.blocks:
        assert isinstance(block, Block)
        cross = block.cross_attn
        said = cross.o(cross.v(text))
        h = _block(h, block.modulation + e, turn, said, _weights(block), config.heads)
    shift, scale = (dit.head.modulation + time.unsqueeze(1)).unsqueeze(2).unbind(1)
    out = _head(h, shift, scale, dit.head.head.weight, dit.head.head.bias)
    return rearrange(out.float(), "b (t h w) (p q c) -> b c t (h p) (w q)", t=grid[0], h=grid[1], w=grid[2], p=p, q=q)


def _weights(block: Block) -> Weights:
    own, layers = block.self_attn, [layer for layer in block.ffn if isinstance(layer, nn.Linear)]
    wide, narrow = layers
    joined = torch.cat([own.q.weight, own.k.weight, own.v.weight]), torch.cat([own.q.bias, own.k.bias, own.v.bias])
    norms = own.norm_q.weight, own.norm_k.weight
    return (*joined, *norms, own.o.weight, own.o.bias, wide.weight, wide.bias, narrow.weight, narrow.bias)


@torch.compile(dynamic=False)
def _block(
    x: torch.Tensor, m: torch.Tensor, turn: torch.Tensor, said: torch.Tensor, weights: Weights, heads: int
) -> torch.Tensor:
    joined, joined_bias, norm_q, norm_k, o, o_bias, wide, wide_bias, narrow, narrow_bias = weights
    shift, scale, gate, shift2, scale2, gate2 = m.unsqueeze(2).unbind(1)  # [B, 1, dim] each
    size = x.shape[-1:]
    y = (F.layer_norm(x, size, eps=1e-6) * (1 + scale) + shift).bfloat16()
    q, k, v = _linear(y, joined, joined_bias).unflatten(-1, (3, -1)).unbind(2)
    q, k, v = (
        row.unflatten(-1, (heads, -1)).transpose(1, 2)
        for row in (_turned(q, norm_q, turn, heads), _turned(k, norm_k, turn, heads), v)
    )
    y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
    x = x + _linear(y, o, o_bias).float() * gate + said
    y = (F.layer_norm(x, size, eps=1e-6) * (1 + scale2) + shift2).bfloat16()
    y = _linear(F.gelu(_linear(y, wide, wide_bias), approximate="tanh"), narrow, narrow_bias)
    return x + y.float() * gate2


def _turned(x: torch.Tensor, weight: torch.Tensor, turn: torch.Tensor, heads: int) -> torch.Tensor:
    """RMS norm, then the rotary turn: [B, L, dim] -> [B, L, dim]."""
    wide = x.float()
    wide = (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-6) * weight).unflatten(-1, (heads, -1, 2))
    even, odd = wide.unbind(-1)
    cosine, sine = turn
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], -1).flatten(2).bfloat16()


@torch.compile(dynamic=False)
def _head(x: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return _linear(F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift, weight, bias)


def _linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.linear(x.bfloat16(), weight.bfloat16(), bias.bfloat16())
