"""The sizes of a diffusion transformer."""

from dataclasses import dataclass


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
