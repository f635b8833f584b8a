"""Wan networks from ComfyUI's folders, loaded by the core and handed to ComfyUI's memory management."""

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
from ..wanmove_core.errors import CheckpointError
from ..wanmove_core.loading.checkpoint import load_dit, load_vae
from ..wanmove_core.pipeline import Models
from .comfy_host import OPS, ComfyHost, host_attention, manage_dit, manage_vae
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
    has_lora: bool = False
    text_encoder: comfy.sd.CLIP | None = None
    text_identity: str = ""
    image_encoder: comfy.clip_vision.ClipVisionModel | None = None


def load_hosted(files: ModelFiles, host: ComfyHost) -> HostedModel:
    """The networks of these files.

    Raises:
        CheckpointError: a file is something else, does not fit, or the files do not belong together.
    """
    _check_pair(files)
    dit_path, vae_path = _path("diffusion_models", files.diffusion_model, DIT), _path("vae", files.vae, VAE)
    precision = PRECISIONS[files.precision] or (torch.float32 if files.diffusion_model == EMBEDDED else None)
    loaded = load_dit(dit_path, comfy.model_management.unet_offload_device(), precision, OPS, host_attention())
    vae = load_vae(
        vae_path, comfy.model_management.vae_offload_device(), torch.float32, OPS
    )  # as released; half rounds the start
    managed = manage_dit(loaded.model)
    if files.lora != NONE:
        add_lora(managed, folder_paths.get_full_path_or_raise("loras", files.lora), files.lora_strength)
    if loaded.variant.note:
        host.note(loaded.variant.note)
    return HostedModel(
        models=Models(loaded.model, vae, loaded.variant, loaded.dtype),
        dit=managed,
        vae=manage_vae(vae),
        vae_identity=_identity(vae_path),
        has_lora=files.lora != NONE,
        **_load_encoders(files),
    )


def _check_pair(files: ModelFiles) -> None:
    if (files.diffusion_model == EMBEDDED) != (files.vae == EMBEDDED):
        raise CheckpointError(
            f'The diffusion model is "{files.diffusion_model}" and the VAE "{files.vae}"; the embedded demo model has a VAE of '
            f'its own. Choose "{EMBEDDED}" for both, or for a Wan model its VAE (wan_2.1_vae.safetensors).'
        )


def _load_encoders(files: ModelFiles) -> dict[str, Any]:
    """ComfyUI's own text and image encoder, where files for them are chosen."""
    encoders: dict[str, Any] = {}
    if files.text_encoder != NONE:
        path = folder_paths.get_full_path_or_raise("text_encoders", files.text_encoder)
        embeddings = folder_paths.get_folder_paths("embeddings")
        encoders["text_encoder"] = comfy.sd.load_clip([path], embeddings, comfy.sd.CLIPType.WAN)
        encoders["text_identity"] = _identity(Path(path))
    if files.clip_vision != NONE:
        path = folder_paths.get_full_path_or_raise("clip_vision", files.clip_vision)
        encoders["image_encoder"] = comfy.clip_vision.load(path)
        if encoders["image_encoder"] is None:
            raise CheckpointError(f"{path} is no image encoder that ComfyUI knows; use clip_vision_h.safetensors.")
    return encoders


def _path(folder: str, name: str, embedded: Path) -> Path:
    return embedded if name == EMBEDDED else Path(folder_paths.get_full_path_or_raise(folder, name))


def _identity(path: Path) -> str:
    stat = path.stat()
    return f"{path}, {stat.st_size} bytes of {stat.st_mtime_ns}"
