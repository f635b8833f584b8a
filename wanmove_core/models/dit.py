"""The Wan diffusion transformer (Wan 2.1 / 2.2): one graph for T2V, I2V with or without image tokens, per-token timesteps.

Parameter names are those of the released checkpoints (Wan-Video/Wan2.1 ``wan/modules/model.py``). The network knows
nothing of tracks: Wan-Move only changes the condition that is concatenated to its input.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import repeat
from typing import cast

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn
from torch.func import functional_call

from .attention import Attention, sdpa
from .dit_attention import Context, ContextTokens, CrossAttention, KeysValues, SelfAttention, spans
from .dit_config import DiTConfig
from .ops import TORCH_OPS, Ops, cast_like
from .quantised import QuantisedLinear
from .rope import rope_table

__all__ = ["Around", "Block", "Context", "DiTConfig", "WanDiT", "nothing_around", "timestep_wave"]

Around = Callable[[Sequence[nn.Module]], AbstractContextManager[object]]
"""entered with modules that are used next, to have their weights on the device for so long"""


def nothing_around(modules: Sequence[nn.Module]) -> AbstractContextManager[object]:
    """An ``Around`` for a network that is where it computes."""
    return nullcontext()


class GELUInPlace(nn.Module):
    """GELU in its tanh form, over its input: the largest tensor of a block is there once."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.ops.aten.gelu_(x, approximate="tanh")


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
        self.ffn = nn.Sequential(ops.Linear(config.dim, config.ffn_dim), GELUInPlace(), ops.Linear(config.ffn_dim, config.dim))
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
            cross = self.cross_attn
            context = KeysValues(cross.keys_values(context.text), cross.image_keys_values(context.image))
        parts = spans(x.shape[1], _rows_at_once(self.ffn[0], x.device))
        seen = self._attend(x, m, rope, dtype, rows, parts)
        for span in parts:
            h = x[:, span]
            h += self.self_attn.o(seen[:, span]).float().mul_(_pick(m[2], rows, span))
            h += self.cross_attn(_affine_norm(self.norm3, h, dtype), context).float()
            y = _modulate(self.norm2(h), _pick(m[3], rows, span), _pick(m[4], rows, span)).to(dtype)
            h += self.ffn(y).float().mul_(_pick(m[5], rows, span))
        return x

    def _attend(
        self,
        x: torch.Tensor,
        m: Sequence[torch.Tensor],
        rope: torch.Tensor,
        dtype: torch.dtype,
        rows: torch.Tensor | None,
        parts: Sequence[slice],
    ) -> torch.Tensor:
        """What each patch saw of the others, [B, L, dim] in compute dtype."""
        own = self.self_attn
        batch, length, dim = x.shape
        # a head's rows one after the other, as attention reads them: 3 % faster on a CPU than between those of other heads
        q, k, v = (x.new_empty(batch, own.heads, length, dim // own.heads, dtype=dtype).transpose(1, 2) for _ in range(3))
        for span in parts:
            y = _modulate(self.norm1(x[:, span]), _pick(m[0], rows, span), _pick(m[1], rows, span)).to(dtype)
            own.project(y, rope[span], q[:, span], k[:, span], v[:, span])
        return own.attention(q, k, v).flatten(-2)


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
        for span in spans(x.shape[1], _rows_at_once(self.head, x.device)):
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
    def prepare_contexts(
        self, texts: Sequence[torch.Tensor], image: torch.Tensor | None = None, around: Around = nothing_around
    ) -> list[Context]:
        """Keys and values of all blocks for each text, to be given to ``forward`` in every step instead of text and image.

        Args:
            texts: [B, text_length, text_dim] each, in compute dtype, zero-padded after the encoder.
            image: [B, image_tokens, image_dim] or None; what is made of it is shared.
            around: entered with the modules that are used next, to have their weights on the device for so long.
        """
        with around(self._context_embeddings()):
            told = [self.text_embedding(text) for text in texts]
            seen = self._embed_image(image, texts[0].dtype)
        made: list[list[KeysValues]] = [[] for _ in texts]
        for block in self.blocks:
            cross = cast("Block", block).cross_attn
            with around(cross.context_layers()):
                shown = cross.image_keys_values(seen)
                for blocks, tokens in zip(made, told, strict=True):
                    blocks.append(KeysValues(cross.keys_values(tokens), shown))
        return [Context(tuple(blocks)) for blocks in made]

    def context_layers(self) -> list[nn.Module]:
        """The modules that only ``prepare_contexts`` uses."""
        inside = (layer for block in self.blocks for layer in cast("Block", block).cross_attn.context_layers())
        return [*self._context_embeddings(), *inside]

    def _context_embeddings(self) -> list[nn.Module]:
        return [self.text_embedding, self.img_emb] if self.config.image_tokens else [self.text_embedding]

    @torch.no_grad()
    def forward(
        self, x: torch.Tensor, timestep: torch.Tensor, text: torch.Tensor | Context, image: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Velocity of the latent, without gradients: the networks here are for inference (``training/`` has its own form).

        Args:
            x: [B, in_channels, T', H', W']: the noisy latent and, for models with one, the condition behind it
                (order: noise, mask, latent). H' and W' are multiples of the patch. Its dtype is the compute dtype.
            timestep: [B] or one per token [B, L], 0 ... 1000; best on the CPU, so that no device is waited for.
            text: [B, text_length, text_dim], zero-padded after the encoder; or what ``prepare_contexts`` made of it.
            image: [B, image_tokens, image_dim] or None; None with a prepared context.

        Returns:
            [B, out_channels, T', H', W'] in the dtype of x.
        """
        tokens = self.patch_embedding(x)
        grid = (tokens.shape[2], tokens.shape[3], tokens.shape[4])
        rope = self._positions(grid, x)
        # a timestep a token has few distinct values; embedded for each token they would take gigabytes
        told, rows = (timestep.unsqueeze(1), None) if timestep.ndim == 1 else _distinct(timestep)
        time, e = self._embed_time(told.to(x.device, non_blocking=True))
        rows = None if rows is None else rows.to(x.device, non_blocking=True)
        prepared = text.blocks if isinstance(text, Context) else repeat(self._embed_context(text.to(x.dtype), image))
        h = tokens.flatten(2).transpose(1, 2).float().contiguous()
        del tokens
        for block, context in zip(self.blocks, prepared, strict=False):
            h = block(h, e, rope, context, x.dtype, rows)
        return self._unpatchify(self.head(h, time, x.dtype, rows), grid)

    def _embed_context(self, text: torch.Tensor, image: torch.Tensor | None) -> ContextTokens:
        return ContextTokens(self.text_embedding(text), self._embed_image(image, text.dtype))

    def _embed_image(self, image: torch.Tensor | None, dtype: torch.dtype) -> torch.Tensor | None:
        return self.img_emb(image.to(dtype)) if image is not None and self.config.image_tokens else None

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
