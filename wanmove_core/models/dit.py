"""The Wan diffusion transformer (Wan 2.1 / 2.2): one graph for T2V, I2V with or without image tokens, per-token timesteps.

Parameter names are those of the released checkpoints (Wan-Video/Wan2.1 ``wan/modules/model.py``). The network knows
nothing of tracks: Wan-Move only changes the condition that is concatenated to its input.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn
from torch.func import functional_call

from .attention import Attention, sdpa
from .ops import TORCH_OPS, Ops, cast_like
from .quantised import QuantisedLinear
from .rope import rope_table, rotate


@dataclass(frozen=True)
class DiTConfig:
    """Sizes of a WanDiT. ``head_dim`` is 128 in every released model."""

    dim: int
    ffn_dim: int
    layers: int
    in_channels: int = 36
    out_channels: int = 16
    head_dim: int = 128
    freq_dim: int = 256
    text_dim: int = 4096
    text_length: int = 512
    image_tokens: int = 0
    """0, 257 (CLIP ViT-H) or 514 (two pictures, with position embedding)"""
    image_dim: int = 1280
    eps: float = 1e-6
    patch: tuple[int, int, int] = (1, 2, 2)

    @property
    def heads(self) -> int:
        return self.dim // self.head_dim


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

    text: tuple[torch.Tensor, torch.Tensor]
    """keys and values, [B, S, heads, head_dim] each"""
    image: tuple[torch.Tensor, torch.Tensor] | None


@dataclass(frozen=True)
class ContextTokens:
    """The embedded context."""

    text: torch.Tensor
    """[B, S, dim], in compute dtype"""
    image: torch.Tensor | None
    """[B, I, dim]"""


@dataclass(frozen=True)
class Context:
    """All that a network makes of text and image, see ``WanDiT.prepare_context``."""

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

    def project(self, x: torch.Tensor, rope: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Queries, keys and values [B, L, heads, head_dim] of some patches and their positions."""
        q = rotate(self.split_heads(self.norm_q(self.q(x))), rope)
        k = rotate(self.split_heads(self.norm_k(self.k(x))), rope)
        return q, k, self.split_heads(self.v(x))


class CrossAttention(SelfAttention):
    """Attention to the text tokens and, where the model has them, to image tokens in a second softmax."""

    def __init__(self, config: DiTConfig, ops: Ops, attention: Attention) -> None:
        super().__init__(config, ops, attention)
        self.with_image = config.image_tokens > 0
        if self.with_image:
            self.k_img = ops.Linear(config.dim, config.dim)
            self.v_img = ops.Linear(config.dim, config.dim)
            self.norm_k_img = RMSNorm(config.dim, config.eps)

    def keys_values(self, tokens: ContextTokens) -> KeysValues:
        """Of all tokens; the queries have no part in it."""
        text = self.split_heads(self.norm_k(self.k(tokens.text))), self.split_heads(self.v(tokens.text))
        if tokens.image is None or not self.with_image:
            return KeysValues(text, None)
        image = self.split_heads(self.norm_k_img(self.k_img(tokens.image))), self.split_heads(self.v_img(tokens.image))
        return KeysValues(text, image)

    def forward(self, x: torch.Tensor, context: KeysValues) -> torch.Tensor:
        """[B, L, dim] -> [B, L, dim]"""
        q = self.split_heads(self.norm_q(self.q(x)))
        out = self.attention(q, *context.text).flatten(-2)
        if context.image is not None:
            out = out + self.attention(q, *context.image).flatten(-2)
        return self.o(out)


class Block(nn.Module):
    """Modulated self-attention, cross-attention, modulated feed-forward; the residual stream stays in float32.

    Only self-attention mixes patches. Everything else is done for some patches at a time (``_rows_at_once``), so that what lies
    between two products is small: it stays in a processor's cache, and takes little of a GPU's memory.
    """

    def __init__(self, config: DiTConfig, ops: Ops, attention: Attention) -> None:
        super().__init__()
        self.norm1 = ops.LayerNorm(config.dim, eps=config.eps, elementwise_affine=False)
        self.self_attn = SelfAttention(config, ops, attention)
        self.norm3 = ops.LayerNorm(config.dim, eps=config.eps)
        self.cross_attn = CrossAttention(config, ops, attention)
        self.norm2 = ops.LayerNorm(config.dim, eps=config.eps, elementwise_affine=False)
        self.ffn = nn.Sequential(
            ops.Linear(config.dim, config.ffn_dim), nn.GELU(approximate="tanh"), ops.Linear(config.ffn_dim, config.dim)
        )
        self.modulation = nn.Parameter(torch.randn(1, 6, config.dim) / config.dim**0.5)

    def forward(
        self,
        x: torch.Tensor,
        e: torch.Tensor,
        rope: torch.Tensor,
        context: ContextTokens | KeysValues,
        dtype: torch.dtype,
        rows: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """One block. **x is written to**, and is what comes back.

        Args:
            x: [B, L, dim] float32.
            e: [B, 1 or L, 6, dim] float32; with ``rows`` [1, U, 6, dim], one for each distinct timestep.
            dtype: compute dtype.
            rows: [B, L], which of the U is each token's.
        """
        m = (cast_like(self.modulation, e).unsqueeze(1) + e).unbind(dim=2)
        if isinstance(context, ContextTokens):
            context = self.cross_attn.keys_values(context)
        spans = _spans(x.shape[1], _rows_at_once(self.ffn[0], x.device))
        seen = self._attend(x, m, rope, dtype, rows, spans)
        for span in spans:
            h = x[:, span]
            h += self.self_attn.o(seen[:, span]).float() * _pick(m[2], rows, span)
            h += self.cross_attn(_affine_norm(self.norm3, h, dtype), context).float()
            y = _modulate(self.norm2(h), _pick(m[3], rows, span), _pick(m[4], rows, span)).to(dtype)
            h += self.ffn(y).float() * _pick(m[5], rows, span)
        return x

    def _attend(
        self,
        x: torch.Tensor,
        m: Sequence[torch.Tensor],
        rope: torch.Tensor,
        dtype: torch.dtype,
        rows: torch.Tensor | None,
        spans: Sequence[slice],
    ) -> torch.Tensor:
        """What each patch saw of the others, [B, L, dim] in compute dtype."""
        parts: tuple[torch.Tensor, ...] = ()
        for span in spans:
            y = _modulate(self.norm1(x[:, span]), _pick(m[0], rows, span), _pick(m[1], rows, span)).to(dtype)
            projected = self.self_attn.project(y, rope[span])
            if len(spans) == 1:
                parts = projected
                break
            if not parts:
                parts = tuple(part.new_empty(x.shape[:2] + part.shape[2:]) for part in projected)
            for whole, part in zip(parts, projected, strict=True):
                whole[:, span] = part
        return self.self_attn.attention(*parts).flatten(-2)


class Head(nn.Module):
    """Last modulation and the projection from a token to its patch."""

    def __init__(self, config: DiTConfig, ops: Ops) -> None:
        super().__init__()
        pf, ph, pw = config.patch
        self.norm = ops.LayerNorm(config.dim, eps=config.eps, elementwise_affine=False)
        self.head = ops.Linear(config.dim, pf * ph * pw * config.out_channels)
        self.modulation = nn.Parameter(torch.randn(1, 2, config.dim) / config.dim**0.5)

    def forward(self, x: torch.Tensor, e: torch.Tensor, dtype: torch.dtype, rows: torch.Tensor | None = None) -> torch.Tensor:
        """x [B, L, dim] float32, e [B, 1 or L, dim] or, with ``rows`` as in ``Block``, [1, U, dim], float32.

        Returns:
            [B, L, patch volume * out_channels]
        """
        shift, scale = (cast_like(self.modulation, e).unsqueeze(1) + e.unsqueeze(2)).unbind(dim=2)
        parts = []
        for span in _spans(x.shape[1], _rows_at_once(self.head, x.device)):
            y = _modulate(self.norm(x[:, span]), _pick(shift, rows, span), _pick(scale, rows, span))
            parts.append(self.head(y.to(dtype)))
        return torch.cat(parts, dim=1)


class ImageEmbedding(nn.Module):
    """CLIP features of the start image as extra context tokens."""

    def __init__(self, config: DiTConfig, ops: Ops) -> None:
        super().__init__()
        inner = config.image_dim
        self.proj = nn.Sequential(
            ops.LayerNorm(inner), ops.Linear(inner, inner), nn.GELU(), ops.Linear(inner, config.dim), ops.LayerNorm(config.dim)
        )
        if config.image_tokens > 257:
            self.emb_pos = nn.Parameter(torch.zeros(1, config.image_tokens, inner))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """[B, image_tokens, image_dim] -> [B, image_tokens, dim]"""
        if "emb_pos" in self._parameters:
            features = features + cast_like(self.emb_pos, features)
        return self.proj(features)


class WanDiT(nn.Module):
    """Predicts the velocity (noise - picture) of a noisy latent."""

    def __init__(self, config: DiTConfig, ops: Ops = TORCH_OPS, attention: Attention = sdpa) -> None:
        super().__init__()
        self.config = config
        self._rope: tuple[object, torch.Tensor] | None = None
        dim = config.dim
        self.patch_embedding = ops.Conv3d(config.in_channels, dim, kernel_size=config.patch, stride=config.patch)
        self.text_embedding = nn.Sequential(ops.Linear(config.text_dim, dim), nn.GELU(approximate="tanh"), ops.Linear(dim, dim))
        self.time_embedding = nn.Sequential(ops.Linear(config.freq_dim, dim), nn.SiLU(), ops.Linear(dim, dim))
        self.time_projection = nn.Sequential(nn.SiLU(), ops.Linear(dim, 6 * dim))
        self.blocks = nn.ModuleList(Block(config, ops, attention) for _ in range(config.layers))
        self.head = Head(config, ops)
        if config.image_tokens:
            self.img_emb = ImageEmbedding(config, ops)

    @torch.no_grad()
    def prepare_context(self, text: torch.Tensor, image: torch.Tensor | None = None) -> Context:
        """Keys and values of all blocks, to be given to ``forward`` in every step instead of text and image.

        Args:
            text: [B, text_length, text_dim] in compute dtype, zero-padded after the encoder.
            image: [B, image_tokens, image_dim] or None.
        """
        tokens = self._embed_context(text, image)
        return Context(tuple(_block(block).cross_attn.keys_values(tokens) for block in self.blocks))

    @torch.no_grad()
    def forward(
        self, x: torch.Tensor, timestep: torch.Tensor, text: torch.Tensor | Context, image: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Velocity of the latent, without gradients: the networks here are for inference (``training/`` has its own form).

        Args:
            x: [B, in_channels, T', H', W']: the noisy latent and, for models with one, the condition behind it
                (order: noise, mask, latent). H' and W' are multiples of the patch. Its dtype is the compute dtype.
            timestep: [B] or one per token [B, L], 0 ... 1000.
            text: [B, text_length, text_dim], zero-padded after the encoder; or what ``prepare_context`` made of it.
            image: [B, image_tokens, image_dim] or None; None with a prepared context.

        Returns:
            [B, out_channels, T', H', W'] in the dtype of x.
        """
        tokens = self.patch_embedding(x)
        grid = (tokens.shape[2], tokens.shape[3], tokens.shape[4])
        rope = self._positions(grid, x)
        # a timestep a token has few distinct values; embedded for each token they would take gigabytes
        told, rows = (timestep.unsqueeze(1), None) if timestep.ndim == 1 else _distinct(timestep)
        time, e = self._embed_time(told)
        prepared = text.blocks if isinstance(text, Context) else repeat(self._embed_context(text.to(x.dtype), image))
        h = tokens.flatten(2).transpose(1, 2).float().contiguous()
        del tokens
        for block, context in zip(self.blocks, prepared, strict=False):
            h = block(h, e, rope, context, x.dtype, rows)
        return self._unpatchify(self.head(h, time, x.dtype, rows), grid)

    def _embed_context(self, text: torch.Tensor, image: torch.Tensor | None) -> ContextTokens:
        seen = self.img_emb(image.to(text.dtype)) if image is not None and self.config.image_tokens else None
        return ContextTokens(self.text_embedding(text), seen)

    def _positions(self, grid: tuple[int, int, int], x: torch.Tensor) -> torch.Tensor:
        """The table of ``rotate``, made once for a size."""
        precision = torch.complex128 if x.dtype in (torch.float32, torch.float64) else torch.complex64
        key = (grid, x.device, precision)
        if self._rope is None or self._rope[0] != key:
            self._rope = key, rope_table(grid, self.config.head_dim, x.device).to(precision)
        return self._rope[1]

    def _embed_time(self, timestep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[B, N] -> ([B, N, dim], [B, N, 6, dim]) in float32."""
        wave = timestep_wave(timestep, self.config.freq_dim)
        time = _in_float32(self.time_embedding, wave)
        return time, _in_float32(self.time_projection, time).unflatten(-1, (6, -1))

    def _unpatchify(self, tokens: torch.Tensor, grid: tuple[int, int, int]) -> torch.Tensor:
        f, h, w = grid
        p, q, r = self.config.patch
        return rearrange(tokens, "b (f h w) (p q r c) -> b c (f p) (h q) (w r)", f=f, h=h, w=w, p=p, q=q, r=r)


def timestep_wave(timestep: torch.Tensor, freq_dim: int) -> torch.Tensor:
    """Sinusoids (cosines first) of a timestep, computed in float64: [...] -> float32 [..., freq_dim]."""
    half = freq_dim // 2
    position = timestep.to(torch.float64)
    frequency = torch.pow(10000, -torch.arange(half, dtype=torch.float64, device=timestep.device) / half)
    angle = position.unsqueeze(-1) * frequency
    return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1).float()


def _distinct(timestep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[B, L] -> its distinct values [1, U], and which of them each is [B, L]."""
    values, rows = timestep.unique(return_inverse=True)
    return values.unsqueeze(0), rows


def _pick(values: torch.Tensor, rows: torch.Tensor | None, span: slice) -> torch.Tensor:
    """[1, U, dim] by rows [B, L], those of the span -> [B, l, dim]; without rows as they are."""
    return values if rows is None else values[0, rows[:, span]]


def _modulate(normed: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """normed * (1 + scale) + shift, in the place of ``normed``."""
    return normed.mul_(1 + scale).add_(shift)


def _rows_at_once(layer: nn.Module, device: torch.device) -> int:
    """How many patches are best taken at a time, by how the layers come to their weights.

    256 of width 1,024 are a megabyte, a core's cache. A quantised layer unpacks its weight for each call, which has to pay.
    A host's own layer may fetch its weight for each call: it gets all patches at once.
    """
    if isinstance(layer, QuantisedLinear):
        return 2048 if device.type == "cpu" else 8192
    if type(layer) is nn.Linear:
        return 1024 if device.type == "cpu" else 8192
    return sys.maxsize


def _spans(length: int, rows: int) -> list[slice]:
    return [slice(begin, min(begin + rows, length)) for begin in range(0, length, rows)]


def _block(module: nn.Module) -> Block:
    assert isinstance(module, Block)
    return module


def _affine_norm(norm: nn.LayerNorm, x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """LayerNorm of the float32 stream with its weights in float32, as released (WanLayerNorm)."""
    if type(norm) is not nn.LayerNorm:  # a host's own layer casts, patches and dequantises by itself
        return norm(x).to(dtype)
    return F.layer_norm(x, norm.normalized_shape, cast_like(norm.weight, x), cast_like(norm.bias, x), norm.eps).to(dtype)


def _in_float32(layers: nn.Sequential, x: torch.Tensor) -> torch.Tensor:
    """Run small MLPs in float32 whatever their weights are stored in (the released code does so)."""
    for layer in layers:
        if type(layer) is nn.Linear:  # see _affine_norm; called as a layer, so that what hangs on it (a LoRA) takes part
            wide = {name: cast_like(value, x) for name, value in layer.named_parameters(recurse=False)}
            x = functional_call(layer, wide, (x,))
        else:
            x = layer(x)
    return x
