"""How much the networks need on the device beside their weights. Counted from their largest tensors, not measured: ComfyUI is
told, so that it makes room; what is too little ends in tiles or in ComfyUI's own message."""

from ..wanmove_core.models.dit import WanDiT
from ..wanmove_core.models.streamed_vae import StreamedVAE

_STREAM_COPIES = 12
"""tensors as large as the tokens that live at once in a block, half of them in float32"""
_VAE_COPIES = 56
"""frames at full width that live at once: six tensors of six frames, and two remembered by each of ten layers"""


def dit_bytes(network: WanDiT, latent_shape: tuple[int, int, int], element_size: int) -> int:
    """Of one forward on [T', H', W'] cells."""
    length, rows, columns = latent_shape
    _, step_y, step_x = network.config.patch
    tokens = length * (rows // step_y) * (columns // step_x)
    return tokens * (network.config.dim * _STREAM_COPIES * 4 + network.config.ffn_dim * 2 * element_size)


def vae_bytes(network: StreamedVAE, width: int, height: int) -> int:
    """Of encoding or decoding a clip of that size; its length does not matter."""
    full_width = network.get_parameter("encoder.conv1.weight").shape[0]
    return width * height * full_width * network.conv1.weight.element_size() * _VAE_COPIES
