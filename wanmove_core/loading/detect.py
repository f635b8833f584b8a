"""What a model file is, from the names and shapes of its tensors and from its metadata, never from the file's name.

A safetensors file may state its own configuration in the metadata entry ``wanmove_config``: JSON
``{"kind": "dit" | "vae21" | "vae22", "variant": "demo", "config": {fields of DiTConfig, VAEConfig or VAE22Config}}``. The demo
model needs it, as the shapes do not tell a head dimension other than 128.
"""

from dataclasses import dataclass

from ..errors import CheckpointError
from ..models.dit import DiTConfig
from ..models.vae21 import LATENT_MEAN, VAEConfig
from ..models.vae22 import LATENT_MEAN as LATENT_MEAN_22
from ..models.vae22 import VAE22Config
from ..variants import VARIANTS, WanVariant
from .families import find_family
from .layouts import LAYOUTS, is_part_of_a_model
from .sizes import dit_config, vae21_config, vae22_config
from .stated_config import StatedConfig, read_stated_config
from .tensor_info import TensorFile, shown_path
from .tensor_source import TensorSource, find_source


@dataclass(frozen=True)
class Detected:
    """A file's kind ("dit", "vae21", "vae22" or that of a ``Family``) and, for the first three, how to build it."""

    kind: str
    label: str
    source: TensorSource | None = None
    """the network's weights; None where there is no network"""
    variant: WanVariant | None = None
    dit: DiTConfig | None = None
    vae: VAEConfig | VAE22Config | None = None
    refusal: str = ""
    """why it cannot be loaded and what to use instead; empty when it can"""

    @property
    def config(self) -> DiTConfig | VAEConfig | VAE22Config | None:
        return self.dit or self.vae


def detect(file: TensorFile) -> Detected:
    """What the file is.

    Raises:
        CheckpointError: nothing known, contradicting itself, or with sizes outside the limits.
    """
    if family := find_family(file.tensors):
        return Detected(family.kind, family.label, refusal=family.advice)
    stated = read_stated_config(file)
    source = find_source(file)
    if source is None:
        raise CheckpointError(_unknown(file))
    if source.quantisation.refusal:
        label = "a quantised Wan model"
        return Detected(source.layout.network, label, source, refusal=source.quantisation.refusal)
    if source.layout.network == "dit":
        return _detect_dit(source, stated)
    return _detect_vae(source, stated)


def _unknown(file: TensorFile) -> str:
    path = shown_path(file.path)
    names = ", ".join(ascii(name)[:60] for name in list(file.tensors)[:3])
    if is_part_of_a_model(file.tensors):
        return (
            f"{path} is only a part of a Wan diffusion model (it has blocks but no {LAYOUTS[0].mark}), probably one "
            "file of several; put the others and their .safetensors.index.json beside it, or use the model in one file."
        )
    architecture = file.metadata.get("general.architecture")
    said = f" and says that it is {ascii(architecture)[:60]}" if architecture else ""
    return (
        f"{path} is no model that is known: it has {len(file.tensors)} tensors such as {names}{said}. Give a Wan "
        f"diffusion model (with {LAYOUTS[0].mark}) or a Wan VAE (with {LAYOUTS[4].mark})."
    )


def _detect_dit(source: TensorSource, stated: StatedConfig | None) -> Detected:
    file = source.file
    config = stated.dit if stated and stated.dit else dit_config(file, source.tensors)
    variant = stated.variant if stated and stated.variant else find_row(config)
    if variant is not None and variant.inputs != (config.in_channels, config.out_channels, config.image_tokens):
        raise CheckpointError(
            f"{shown_path(file.path)} says it is {variant.name}, which has (input channels, output channels, image tokens) "
            f"{variant.inputs}, but its configuration has "
            f"{(config.in_channels, config.out_channels, config.image_tokens)}; correct its metadata."
        )
    if variant is None:
        return Detected(
            "dit", "a Wan diffusion model of an unknown kind", source, dit=config,
            refusal=f"it takes {config.in_channels} channels and gives {config.out_channels}, which is no released I2V, T2V or "
            "TI2V model (Fun-Control and other adaptations take more); load it with ComfyUI's own nodes",
        )  # fmt: skip
    return Detected("dit", variant.label, source, variant, config)


def find_row(config: DiTConfig) -> WanVariant | None:
    """The first row of ``VARIANTS`` with these inputs, outputs and image tokens, and this width where the row names any."""
    for row in VARIANTS:
        same = row.inputs == (config.in_channels, config.out_channels, config.image_tokens)
        if same and config.dim in (row.dims or (config.dim,)):
            return row
    return None


def _detect_vae(source: TensorSource, stated: StatedConfig | None) -> Detected:
    file, given = source.file, stated.vae if stated else None
    if source.layout.network == "vae22":
        config = given if isinstance(given, VAE22Config) else vae22_config(file, source.tensors)
        label, statistics, name = "Wan 2.2 VAE", LATENT_MEAN_22, "Wan2.2_VAE.pth or wan2.2_vae.safetensors"
    else:
        config = given if isinstance(given, VAEConfig) else vae21_config(file, source.tensors)
        label, statistics, name = "Wan 2.1 VAE", LATENT_MEAN, "Wan2.1_VAE.pth or wan_2.1_vae.safetensors"
    if config.latent_channels != len(statistics):
        raise CheckpointError(
            f"{shown_path(file.path)} is a VAE of {config.latent_channels} latent channels; the {label} has {len(statistics)}. "
            f"Use {name}."
        )
    released = config in (VAEConfig(), VAE22Config())
    variant = stated.variant if stated else None
    return Detected(source.layout.network, label if released else f"{label} of its own sizes", source, variant, vae=config)
