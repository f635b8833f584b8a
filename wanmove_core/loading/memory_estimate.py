"""How much memory of a GPU a diffusion model will take: an estimate, meant to tell 12 GB from 24 GB and no more.

Counted are the weights as they are stored, the tensors that one block holds at its fullest, and for quantised weights the
largest of them widened. Not counted are the encoders and the VAE, which run before and after it, what CUDA itself takes (about
0.5 GB), and a host's own means to do with less (ComfyUI moves weights in as they are used).
"""

import math
from collections.abc import Mapping

from ..models.dit import DiTConfig
from ..variants import WanVariant
from .tensor_info import TensorInfo

WIDTH, HEIGHT, LENGTH = 832, 480, 81
"""of the video that is counted for"""
_ROWS = 8192
"""tokens that a block takes at a time where it can, on a GPU"""
_HALF = 2
"""bytes of a value in half precision"""


def token_count(config: DiTConfig, variant: WanVariant, width: int = WIDTH, height: int = HEIGHT, length: int = LENGTH) -> int:
    """Tokens of a video, by default of the size that is counted for."""
    stride = variant.stride
    frames = stride.latent_length(length)
    rows, columns = height // stride.height, width // stride.width
    return math.prod(math.ceil(size / patch) for size, patch in zip((frames, rows, columns), config.patch, strict=True))


def activation_bytes(config: DiTConfig, tokens: int, value: int = _HALF) -> int:
    """Bytes of what one block computes in at its fullest, for a batch of one.

    Args:
        value: bytes of one in the compute dtype.
    """
    rows, width = min(tokens, _ROWS), config.dim
    # the float32 stream and q, k, v of all tokens; to these what all saw, or what some are projected and rotated in
    beside = max(tokens * width * value + rows * width * 4 * value, rows * width * (12 + 8 * value))
    attention = tokens * width * (4 + 3 * value) + beside
    # the stream and what all saw; norm, sum, in and out of some, and their hidden layer twice
    feed_forward = tokens * width * (4 + value) + rows * ((12 + 4 * value) * width + 2 * value * config.ffn_dim)
    positions = tokens * config.head_dim // 2 * 4 * value
    return positions + max(attention, feed_forward)


def context_bytes(config: DiTConfig, texts: int, value: int = _HALF) -> int:
    """Bytes of the keys and values of so many texts, and of the image tokens that they share, kept for all blocks."""
    tokens = texts * config.text_length + config.image_tokens
    return 2 * config.layers * tokens * config.dim * value


def expected_bytes(config: DiTConfig, variant: WanVariant, tensors: Mapping[str, TensorInfo], packed: bool) -> int:
    """Bytes at the peak of one pass of the network over a video of 832 x 480 x 81 in half precision.

    Args:
        tensors: of the network, as stored.
        packed: some weights are widened where they are used.
    """
    weights = sum(info.bytes for info in tensors.values())
    widened = max((info.elements for info in tensors.values()), default=0) * _HALF if packed else 0
    return weights + widened + activation_bytes(config, token_count(config, variant))
