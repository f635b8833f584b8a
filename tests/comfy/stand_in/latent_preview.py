"""Stands in for ComfyUI's ``latent_preview``."""

import torch
from comfy.latent_formats import Wan21
from PIL import Image

on = True
"""whether the user wants previews"""
MAX_PREVIEW_RESOLUTION = 512


class LatentPreviewer:
    """Makes pictures of latents."""

    def decode_latent_to_preview_image(self, preview_format: str, x0: torch.Tensor) -> tuple[str, Image.Image, int]:
        """A small picture of the first latent frame of [B, C, T, H, W]."""
        return preview_format, Image.new("RGB", (x0.shape[-1], x0.shape[-2])), 512


class Latent2RGBPreviewer(LatentPreviewer):
    """By a table of the channels' colours."""


def get_previewer(device: torch.device, latent_format: Wan21) -> LatentPreviewer | None:
    """What the user's settings ask for; None = no previews."""
    return Latent2RGBPreviewer() if on else None
