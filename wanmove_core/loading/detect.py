"""What a model file is, from the names and shapes of its tensors and from its metadata, never from the file's name.

A safetensors file may state its own configuration in the metadata entry ``wanmove_config``: JSON
``{"kind": "dit" | "vae21", "variant": "demo", "config": {fields of DiTConfig or VAEConfig}}``. The demo model needs it, as
the shapes do not tell a head dimension other than 128.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import CheckpointError
from ..models.dit import DiTConfig
from ..models.vae21 import LATENT_MEAN, VAEConfig
from ..variants import VARIANTS, WanVariant
from .families import find_family
from .stated_config import StatedConfig, checked, read_stated_config
from .tensor_file import TensorFile, TensorInfo

DIT_MARK = "head.modulation"
VAE_MARK = "decoder.middle.0.residual.0.gamma"
PREFIXES = (
    "model.diffusion_model.", "diffusion_model.", "first_stage_model.", "module.", "model.", "vae.", "",
)  # fmt: skip
HEAD_DIM = 128
"""of every released Wan model"""
IMAGE_TOKENS = 257


@dataclass(frozen=True)
class Detected:
    """A file's kind ("dit", "vae21" or that of a ``Family``) and, for the first two, how to build it."""

    kind: str
    label: str
    prefix: str = ""
    variant: WanVariant | None = None
    dit: DiTConfig | None = None
    vae: VAEConfig | None = None
    refusal: str = ""
    """why it cannot be loaded and what to use instead; empty when it can"""


def detect(file: TensorFile) -> Detected:
    """What the file is.

    Raises:
        CheckpointError: nothing known, contradicting itself, or with sizes outside the limits.
    """
    family = find_family(file.tensors)
    if family is None and "_quantization_metadata" in file.metadata:
        family = find_family([".comfy_quant"])
    if family is not None:
        return Detected(family.kind, family.label, refusal=family.advice)
    stated = read_stated_config(file)
    for mark, describe in ((DIT_MARK, _detect_dit), (VAE_MARK, _detect_vae)):
        prefix = next((prefix for prefix in PREFIXES if prefix + mark in file.tensors), None)
        if prefix is not None:
            return describe(file, strip(file.tensors, prefix), prefix, stated)
    raise CheckpointError(_unknown(file))


def strip(tensors: Mapping[str, TensorInfo], prefix: str) -> dict[str, TensorInfo]:
    """The tensors below a prefix, by what follows it."""
    return {name[len(prefix) :]: info for name, info in tensors.items() if name.startswith(prefix)}


def _unknown(file: TensorFile) -> str:
    names = ", ".join(ascii(name)[:60] for name in list(file.tensors)[:3])
    if any(re.search(r"(^|\.)blocks\.\d+\.self_attn\.q\.weight$", name) for name in file.tensors):
        return (
            f"{file.path} is only a part of a Wan diffusion model (it has blocks but no {DIT_MARK}), probably one file of "
            "several; sharded models are not supported yet, use the model in one file."
        )
    return (
        f"{file.path} is no model that is known: it has {len(file.tensors)} tensors such as {names}. Give a Wan diffusion "
        f"model (with {DIT_MARK}) or a Wan 2.1 VAE (with {VAE_MARK})."
    )


def _detect_dit(file: TensorFile, tensors: dict[str, TensorInfo], prefix: str, stated: StatedConfig | None) -> Detected:
    config = stated.dit if stated and stated.dit else dit_config(file, tensors)
    variant = stated.variant if stated and stated.variant else find_row(config)
    if variant is not None and _inputs(variant) != (config.in_channels, config.out_channels, config.image_tokens):
        raise CheckpointError(
            f"{file.path} says it is {variant.name}, which has (input channels, output channels, image tokens) "
            f"{_inputs(variant)}, but its configuration has "
            f"{(config.in_channels, config.out_channels, config.image_tokens)}; correct its metadata."
        )
    if variant is None:
        return Detected(
            "dit", "a Wan diffusion model of an unknown kind", prefix, dit=config,
            refusal=f"it takes {config.in_channels} channels and gives {config.out_channels}, which is no released I2V, T2V or "
            "TI2V model (Fun-Control and other adaptations take more); load it with ComfyUI's own nodes",
        )  # fmt: skip
    return Detected("dit", variant.label, prefix, variant, dit=config)


def find_row(config: DiTConfig) -> WanVariant | None:
    """The first row of ``VARIANTS`` with these inputs, outputs and image tokens, and this width where the row names any."""
    for row in VARIANTS:
        same = _inputs(row) == (config.in_channels, config.out_channels, config.image_tokens)
        if same and config.dim in (row.dims or (config.dim,)):
            return row
    return None


def _inputs(row: WanVariant) -> tuple[int, int, int]:
    return row.in_channels, row.latent_channels, row.image_tokens


def dit_config(file: TensorFile, tensors: Mapping[str, TensorInfo]) -> DiTConfig:
    """The sizes of a Wan diffusion model from its shapes, with the released head dimension."""
    dim = _shape(file, tensors, DIT_MARK, 3)[-1]
    if dim % HEAD_DIM:
        raise CheckpointError(
            f"{file.path} has width {dim}, which is no multiple of the head dimension {HEAD_DIM} of all released Wan models; "
            "a file of other sizes has to state them in its metadata (wanmove_config)."
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
        head_dim=HEAD_DIM,
        freq_dim=_shape(file, tensors, "time_embedding.0.weight", 2)[1],
        text_dim=_shape(file, tensors, "text_embedding.0.weight", 2)[1],
        image_tokens=tokens if image else 0,
        image_dim=_shape(file, tensors, "img_emb.proj.0.weight", 1)[0] if image else 1280,
        patch=(patch[2], patch[3], patch[4]),
    )
    return checked(config, str(file.path))


def _detect_vae(file: TensorFile, tensors: dict[str, TensorInfo], prefix: str, stated: StatedConfig | None) -> Detected:
    config = stated.vae if stated and stated.vae else vae_config(file, tensors)
    if config.latent_channels != len(LATENT_MEAN):
        raise CheckpointError(
            f"{file.path} is a VAE of {config.latent_channels} latent channels; Wan 2.1 has {len(LATENT_MEAN)}."
            " Use Wan2.1_VAE.pth or wan_2.1_vae.safetensors."
        )
    label = "Wan 2.1 VAE" if config == VAEConfig() else "Wan 2.1 VAE of its own sizes"
    return Detected("vae21", label, prefix, stated.variant if stated else None, vae=config)


def vae_config(file: TensorFile, tensors: Mapping[str, TensorInfo]) -> VAEConfig:
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
            f"{file.path} looks like a Wan VAE, but its encoder layers (widths {widths}, residual blocks {blocks}, base width "
            f"{dim}) are those of no Wan 2.1 VAE; download it again or use wan_2.1_vae.safetensors."
        )
    config = VAEConfig(
        dim=dim,
        latent_channels=_shape(file, tensors, "conv2.weight", 5)[0],
        dim_mult=tuple(width // dim for width in widths),
        residual_blocks=blocks[0],
        temporal_downsample=tuple(temporal),
    )
    return checked(config, str(file.path))


def _shape(file: TensorFile, tensors: Mapping[str, TensorInfo], name: str, axes: int) -> tuple[int, ...]:
    """The shape of a tensor that the sizes are read from."""
    info = tensors.get(name)
    if info is None or len(info.shape) != axes:
        state = "missing" if info is None else f"of shape {info.shape} instead of {axes} axes"
        raise CheckpointError(
            f"{file.path} looks like a Wan model, but its tensor {name} is {state}; the file is damaged, quantised in a way "
            "that is not known, or one part of several. Use the model in one bf16 or fp16 file."
        )
    return info.shape


def _count(tensors: Mapping[str, TensorInfo], module: str) -> int:
    """One more than the largest index below a module list: a gap shows as missing tensors later."""
    start = f"{module}."
    indices = [name[len(start) :].split(".")[0] for name in tensors if name.startswith(start)]
    return 1 + max((int(index) for index in indices if index.isdecimal() and len(index) < 5), default=-1)
