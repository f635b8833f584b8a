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
_BYTES_OF_WIDTH = 28
"""at a token, for each of ``dim``: the float32 stream, its norm and its modulated norm (12), q, k, v, the rotated q and k and
the attention's output in half precision (12), and two bytes twice for the step that is being computed (4)"""
_BYTES_OF_FEED_FORWARD = 4
"""at a token, for each of ``ffn_dim``: the hidden layer before and after its activation in half precision"""
_STREAM_BYTES = 14
"""at a token, for each of ``dim``, beside the feed-forward: the stream, its norms, in and out in half precision"""
_WIDENED_BYTES = 2


def token_count(config: DiTConfig, variant: WanVariant) -> int:
    """Tokens of a video of the size that is counted for."""
    stride = variant.stride
    frames = stride.latent_length(LENGTH)
    rows, columns = HEIGHT // stride.height, WIDTH // stride.width
    return math.prod(math.ceil(size / patch) for size, patch in zip((frames, rows, columns), config.patch, strict=True))


def expected_bytes(config: DiTConfig, variant: WanVariant, tensors: Mapping[str, TensorInfo], packed: bool) -> int:
    """Bytes at the peak of one pass of the network over a video of 832 x 480 x 81 in half precision.

    Args:
        tensors: of the network, as stored.
        packed: some weights are widened where they are used.
    """
    weights = sum(info.bytes for info in tensors.values())
    widened = max((info.elements for info in tensors.values()), default=0) * _WIDENED_BYTES if packed else 0
    attention = _BYTES_OF_WIDTH * config.dim
    feed_forward = _STREAM_BYTES * config.dim + _BYTES_OF_FEED_FORWARD * config.ffn_dim
    return weights + widened + token_count(config, variant) * max(attention, feed_forward)
