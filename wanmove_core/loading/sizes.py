"""The sizes of a network from the names and shapes of its weights, in Wan's own names."""

import math
from collections.abc import Mapping

from ..errors import CheckpointError
from ..models.dit import DiTConfig
from ..models.vae21 import VAEConfig
from ..models.vae22 import VAE22Config
from .folder_config import read_folder_config
from .stated_config import checked
from .tensor_info import TensorFile, TensorInfo, shown_path

HEAD_DIM = 128
"""of every released Wan model"""
IMAGE_TOKENS = 257
Tensors = Mapping[str, TensorInfo]


def dit_config(file: TensorFile, tensors: Tensors) -> DiTConfig:
    """The sizes of a Wan diffusion model from its shapes; the head dimension from a config.json beside it, or the released."""
    dim = _shape(file, tensors, "head.modulation", 3)[-1]
    stated = read_folder_config(file.folder, dim, _count(tensors, "blocks"))
    if stated is None and dim % HEAD_DIM:
        raise CheckpointError(
            f"{shown_path(file.path)} has width {dim}, which is no multiple of the head dimension {HEAD_DIM} of all released "
            "Wan models; a file of other sizes has to state them in its metadata (wanmove_config) or a config.json beside it."
        )
    patch = _shape(file, tensors, "patch_embedding.weight", 5)
    volume = math.prod(patch[2:]) or 1
    image = "img_emb.proj.0.weight" in tensors
    tokens = _shape(file, tensors, "img_emb.emb_pos", 3)[1] if "img_emb.emb_pos" in tensors else IMAGE_TOKENS
    config = DiTConfig(
        dim=dim,
        ffn_dim=_shape(file, tensors, "blocks.0.ffn.0.weight", 2)[0],
        layers=_count(tensors, "blocks"),
        in_channels=patch[1],
        out_channels=_shape(file, tensors, "head.head.weight", 2)[0] // volume,
        head_dim=HEAD_DIM if stated is None else stated.head_dim,
        eps=DiTConfig.eps if stated is None else stated.eps,
        freq_dim=_shape(file, tensors, "time_embedding.0.weight", 2)[1],
        text_dim=_shape(file, tensors, "text_embedding.0.weight", 2)[1],
        image_tokens=tokens if image else 0,
        image_dim=_shape(file, tensors, "img_emb.proj.0.weight", 1)[0] if image else 1280,
        patch=(patch[2], patch[3], patch[4]),
    )
    return checked(config, shown_path(file.path))


def vae21_config(file: TensorFile, tensors: Tensors) -> VAEConfig:
    """The sizes of a Wan 2.1 VAE from its shapes: its flat list of encoder layers, cut at the downsampling ones."""
    dim = _shape(file, tensors, "encoder.conv1.weight", 5)[0]
    widths: list[int] = []
    blocks: list[int] = [0]
    temporal: list[bool] = []
    for layer in range(_count(tensors, "encoder.downsamples")):
        name = f"encoder.downsamples.{layer}"
        if f"{name}.resample.1.weight" in tensors:
            temporal.append(f"{name}.time_conv.weight" in tensors)
            blocks.append(0)
            continue
        blocks[-1] += 1
        width = _shape(file, tensors, f"{name}.residual.2.weight", 5)[0]
        widths = [*widths[: len(blocks) - 1], width]
    if not dim or len(set(blocks)) != 1 or len(widths) != len(blocks) or any(width % dim or not width for width in widths):
        raise CheckpointError(
            f"{shown_path(file.path)} looks like a Wan VAE, but its encoder layers (widths {widths}, residual blocks {blocks}, "
            f"base width {dim}) are those of no Wan 2.1 VAE; download it again or use wan_2.1_vae.safetensors."
        )
    config = VAEConfig(
        dim=dim,
        latent_channels=_shape(file, tensors, "conv2.weight", 5)[0],
        dim_mult=tuple(width // dim for width in widths),
        residual_blocks=blocks[0],
        temporal_downsample=tuple(temporal),
    )
    return checked(config, shown_path(file.path))


def vae22_config(file: TensorFile, tensors: Tensors) -> VAE22Config:
    """The sizes of a Wan 2.2 VAE from its shapes."""
    dim = _shape(file, tensors, "encoder.conv1.weight", 5)[0]
    stages = [_stage(file, tensors, f"encoder.downsamples.{stage}") for stage in range(_count(tensors, "encoder.downsamples"))]
    widths, blocks, temporal = [list(column) for column in zip(*stages, strict=True)] or ([], [], [])
    last = _shape(file, tensors, "decoder.head.0.gamma", 4)[0]
    multiples = [width // dim for width in widths] if dim else []
    whole = all(multiples) and not any(width % dim for width in widths)
    if not multiples or not whole or len(set(blocks)) != 1 or last % multiples[0]:
        raise CheckpointError(
            f"{shown_path(file.path)} looks like a Wan 2.2 VAE, but its encoder stages (widths {widths}, residual blocks "
            f"{blocks}, base width {dim}) and the decoder's width {last} are those of none; download it again or use "
            "wan2.2_vae.safetensors."
        )
    config = VAE22Config(
        dim=dim,
        decoder_dim=last // multiples[0],
        latent_channels=_shape(file, tensors, "conv2.weight", 5)[0],
        dim_mult=tuple(multiples),
        residual_blocks=blocks[0],
        temporal_downsample=tuple(temporal[:-1]),
    )
    return checked(config, shown_path(file.path))


def _stage(file: TensorFile, tensors: Tensors, name: str) -> tuple[int, int, bool]:
    """Width, residual blocks, and whether it halves the frames, of one encoder stage of the Wan 2.2 VAE."""
    layers = _count(tensors, f"{name}.downsamples")
    blocks = sum(f"{name}.downsamples.{layer}.residual.2.weight" in tensors for layer in range(layers))
    width = _shape(file, tensors, f"{name}.downsamples.0.residual.2.weight", 5)[0]
    return width, blocks, f"{name}.downsamples.{layers - 1}.time_conv.weight" in tensors


def _shape(file: TensorFile, tensors: Tensors, name: str, axes: int) -> tuple[int, ...]:
    """The shape of a tensor that the sizes are read from."""
    info = tensors.get(name)
    if info is None or len(info.shape) != axes:
        state = "missing" if info is None else f"of shape {info.shape} instead of {axes} axes"
        raise CheckpointError(
            f"{shown_path(file.path)} looks like a Wan model, but its tensor {name} is {state}; the file is damaged, quantised "
            "in a way that is not known, or one part of several. Use the model in one bf16 or fp16 file."
        )
    return info.shape


def _count(tensors: Tensors, module: str) -> int:
    """One more than the largest index below a module list: a gap shows as missing tensors later."""
    start = f"{module}."
    indices = [name[len(start) :].split(".")[0] for name in tensors if name.startswith(start)]
    return 1 + max((int(index) for index in indices if index.isdecimal() and len(index) < 5), default=-1)
