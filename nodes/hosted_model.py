"""Wan networks from ComfyUI's folders, loaded by the core and handed to ComfyUI's memory management."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comfy.clip_vision
import comfy.model_management
import comfy.sd
import folder_paths
import torch
from comfy.model_patcher import ModelPatcher

from ..wanmove_core.demo.assets import DIT, VAE
from ..wanmove_core.errors import CheckpointError, RequestError
from ..wanmove_core.generation.encode_cache import EncodeCache
from ..wanmove_core.loading.checkpoint import LoadedDiT, load_dit, load_vae
from ..wanmove_core.loading.file_identity import model_identity
from ..wanmove_core.loading.lora_beside import AppliedLoras
from ..wanmove_core.models.streamed_vae import StreamedVAE
from ..wanmove_core.pipeline import Models
from ..wanmove_core.variants import WAN21_STRIDE, WanVariant, find_pair
from .comfy_host import ComfyHost, host_attention, manage_dit, manage_vae
from .hosted_layers import HostedOps
from .kept import kept_encodes
from .lora import add_lora
from .model_choices import EMBEDDED, NONE, PRECISIONS, ModelFiles


@dataclass(frozen=True)
class HostedModel:
    """What flows through a WANMOVE_MODEL link."""

    models: Models
    dit: ModelPatcher
    vae: ModelPatcher
    vae_identity: str
    """equal for the same file, loaded again or not"""
    encodes: EncodeCache
    """what the VAE and the encoders gave, of all models together"""
    low_noise: ModelPatcher | None = None
    """the expert for low noise, of a model that has two; ``dit`` is the one for high noise then"""
    text_encoder: comfy.sd.CLIP | None = None
    text_identity: str = ""
    image_encoder: comfy.clip_vision.ClipVisionModel | None = None
    image_identity: str = ""

    @property
    def has_lora(self) -> bool:
        return self.models.set_distilled is not None


def load_hosted(files: ModelFiles, host: ComfyHost) -> HostedModel:
    """The networks of these files.

    Raises:
        CheckpointError: a file is something else, does not fit, or the files do not belong together.
    """
    _check_pair(files)
    dit_path, vae_path = _path("diffusion_models", files.diffusion_model, DIT), _path("vae", files.vae, VAE)
    high, managed = _load_dit(dit_path, files)
    low, managed_low, variant = None, None, high.variant
    if files.low_noise_model != NONE:
        low, managed_low = _load_dit(_path("diffusion_models", files.low_noise_model, DIT), files)
        variant = pair_of_experts(high.variant, low.variant)
    # as released; half precision rounds the start
    vae = load_vae(vae_path, comfy.model_management.vae_offload_device(), torch.float32, HostedOps)
    _check_vae(files.vae, vae, variant)
    loras = [
        add_lora(patcher, folder_paths.get_full_path_or_raise("loras", name), files.lora_strength, host)
        for patcher, name in ((managed, files.lora), (managed_low, files.low_noise_lora))
        if patcher is not None and name != NONE
    ]
    if variant.note:
        host.note(variant.note)
    return HostedModel(
        models=Models(
            dit=high.model,
            vae=vae,
            variant=variant,
            dtype=high.dtype,
            low_noise=None if low is None else low.model,
            set_distilled=_switch(loras) if loras else None,
        ),
        dit=managed,
        vae=manage_vae(vae),
        vae_identity=model_identity(vae_path),
        encodes=kept_encodes(),
        low_noise=managed_low,
        **_load_encoders(files),
    )


def _load_dit(path: Path, files: ModelFiles) -> tuple[LoadedDiT, ModelPatcher]:
    precision = PRECISIONS[files.precision] or (torch.float32 if path == DIT else None)
    loaded = load_dit(path, comfy.model_management.unet_offload_device(), precision, HostedOps, host_attention())
    return loaded, manage_dit(loaded.model)


def _switch(loras: Sequence[AppliedLoras]) -> Callable[[bool], None]:
    def switch(on: bool) -> None:
        for lora in loras:
            lora.enabled = on

    return switch


def _check_pair(files: ModelFiles) -> None:
    if (files.diffusion_model == EMBEDDED) != (files.vae == EMBEDDED):
        raise CheckpointError(
            f'The diffusion model is "{files.diffusion_model}" and the VAE "{files.vae}"; the embedded demo model has a VAE of '
            f'its own. Choose "{EMBEDDED}" for both, or for a Wan model its VAE (wan_2.1_vae.safetensors).'
        )
    if files.low_noise_lora != NONE and files.low_noise_model == NONE:
        raise CheckpointError(
            f'"{files.low_noise_lora}" is chosen as low_noise_lora, and there is no low_noise_model. Choose one, or none as '
            "low_noise_lora."
        )


def _check_vae(name: str, vae: StreamedVAE, variant: WanVariant) -> None:
    if vae.spatial_stride != variant.stride.width:
        right = "wan_2.1_vae.safetensors" if variant.stride.width == WAN21_STRIDE.width else "wan2.2_vae.safetensors"
        raise CheckpointError(
            f'The VAE "{name}" makes cells of {vae.spatial_stride} pixels, and {variant.label} works on cells of '
            f"{variant.stride.width}. Choose {right}."
        )


def pair_of_experts(high: WanVariant, low: WanVariant) -> WanVariant:
    """The row of the two experts together.

    Raises:
        RequestError: they are not two experts of one model.
    """
    pair = find_pair(high)
    if pair is None or find_pair(low) is not pair:
        raise RequestError(
            f"The diffusion model is {high.label} and the low-noise model {low.label}; two networks make Wan 2.2 I2V-A14B, its "
            "high-noise and its low-noise expert. Choose these, or none as the low-noise model."
        )
    return pair


def _load_encoders(files: ModelFiles) -> dict[str, Any]:
    """ComfyUI's own text and image encoder, where files for them are chosen."""
    encoders: dict[str, Any] = {}
    if files.text_encoder != NONE:
        path = folder_paths.get_full_path_or_raise("text_encoders", files.text_encoder)
        embeddings = folder_paths.get_folder_paths("embeddings")
        encoders["text_encoder"] = comfy.sd.load_clip([path], embeddings, comfy.sd.CLIPType.WAN)
        encoders["text_identity"] = model_identity(path)
    if files.clip_vision != NONE:
        path = folder_paths.get_full_path_or_raise("clip_vision", files.clip_vision)
        encoders["image_encoder"] = comfy.clip_vision.load(path)
        if encoders["image_encoder"] is None:
            raise CheckpointError(f"{path} is no image encoder that ComfyUI knows; use clip_vision_h.safetensors.")
        encoders["image_identity"] = model_identity(path)
    return encoders


def _path(folder: str, name: str, embedded: Path) -> Path:
    return embedded if name == EMBEDDED else Path(folder_paths.get_full_path_or_raise(folder, name))
