"""ComfyUI as the engine's host, and what it lends the networks: its layers, its attention, its memory management.

Only the nodes of the engine import this, and only when they run.
"""

import logging
from collections.abc import Sequence
from functools import cached_property

import comfy.latent_formats
import comfy.model_management
import comfy.model_patcher
import comfy.utils
import latent_preview
import torch
from comfy.ldm.modules.attention import optimized_attention
from comfy.model_patcher import ModelPatcher
from PIL import Image
from server import PromptServer
from torch import nn

from ..wanmove_core.generation.drafts import rough_frames
from ..wanmove_core.models.attention import Attention, sdpa
from ..wanmove_core.rendering.images import evenly_spaced

PREVIEW_FRAMES, PREVIEW_COLUMNS = 4, 2
"""latent frames in a preview: the first alone would show nothing but the start image"""


class ComfyHost:
    """The engine's host while one node runs: its progress bar, its previews, its Cancel button.

    Args:
        node_id: of that node, where notes are shown; None = notes go to the log only.
    """

    def __init__(self, node_id: str | None = None) -> None:
        self._node_id = node_id
        self._stage = ""
        self._bar = comfy.utils.ProgressBar(1)
        self._picture: object = None
        self.colours: torch.Tensor | None = None
        """of the latent's channels (``generation.drafts.fit_colours``); None: as ComfyUI has them for Wan 2.1"""

    @property
    def device(self) -> torch.device:
        return comfy.model_management.get_torch_device()

    def progress(self, stage: str, step: int, total: int) -> None:
        if stage != self._stage:
            self._stage, self._bar = stage, comfy.utils.ProgressBar(total)
        self._bar.update_absolute(step, total, self._picture)
        self._picture = None

    def preview(self, latent: torch.Tensor) -> None:
        """Kept as a small picture until the progress of the same step, with which it is sent."""
        if self._previewer is None or latent.shape[0] != comfy.latent_formats.Wan21.latent_channels:
            return
        grid = _grid([latent[:, index] for index in evenly_spaced(latent.shape[1], PREVIEW_FRAMES)])
        if self.colours is not None and isinstance(self._previewer, latent_preview.Latent2RGBPreviewer):
            (pixels,) = rough_frames(grid[:, None], self.colours)
            self._picture = ("JPEG", Image.fromarray(pixels), latent_preview.MAX_PREVIEW_RESOLUTION)
        else:
            self._picture = self._previewer.decode_latent_to_preview_image("JPEG", grid[None, :, None])

    def wants_preview(self) -> bool:
        return self._previewer is not None

    def check_interrupted(self) -> None:
        comfy.model_management.throw_exception_if_processing_interrupted()

    def note(self, message: str) -> None:
        """To the log, and as a line on the node."""
        logging.info("Wan-Move: %s", message)
        server = getattr(PromptServer, "instance", None)
        if server is not None and self._node_id is not None:
            server.send_progress_text(message, self._node_id)

    @cached_property
    def _previewer(self) -> latent_preview.LatentPreviewer | None:
        """As the user's settings ask: by the colours of channels, or by TAEHV where its file is there."""
        return latent_preview.get_previewer(self.device, comfy.latent_formats.Wan21())


def _grid(frames: Sequence[torch.Tensor]) -> torch.Tensor:
    """Latent frames [C, H', W'] in rows; in one row where they would not fill several."""
    columns = PREVIEW_COLUMNS if len(frames) == PREVIEW_FRAMES else len(frames)
    rows = [torch.cat(list(frames[start : start + columns]), dim=-1) for start in range(0, len(frames), columns)]
    return torch.cat(rows, dim=-2)


def host_attention() -> Attention:
    """ComfyUI's attention, which the user may have set to another kernel; on the CPU PyTorch's own, which is faster there."""
    return sdpa if comfy.model_management.get_torch_device().type == "cpu" else comfy_attention


def comfy_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """``comfy``'s attention as an ``Attention``."""
    heads = q.shape[2]
    return optimized_attention(q.flatten(2), k.flatten(2), v.flatten(2), heads=heads).unflatten(-1, (heads, -1))


def manage_dit(network: nn.Module) -> ModelPatcher:
    """A diffusion network that lies where ComfyUI wants it, under ComfyUI's management."""
    return _patcher(network, comfy.model_management.unet_offload_device())


def manage_vae(network: nn.Module) -> ModelPatcher:
    """A VAE that lies where ComfyUI wants it, under ComfyUI's management."""
    return _patcher(network, comfy.model_management.vae_offload_device())


def make_ready(model: ModelPatcher, working_bytes: int) -> None:
    """Load it onto the device, as far as it fits beside ``working_bytes`` for what it computes."""
    comfy.model_management.load_models_gpu([model], memory_required=working_bytes)


def is_out_of_memory(error: Exception) -> bool:
    """Whether that is what the error says."""
    return comfy.model_management.is_oom(error)


def free_unused() -> None:
    """Give the device back what nobody holds any more."""
    comfy.model_management.soft_empty_cache()


def _patcher(network: nn.Module, offload_device: torch.device) -> ModelPatcher:
    # CoreModelPatcher is what ComfyUI's own models are under (dynamic VRAM); older releases have ModelPatcher alone
    kind = getattr(comfy.model_patcher, "CoreModelPatcher", ModelPatcher)
    return kind(network, load_device=comfy.model_management.get_torch_device(), offload_device=offload_device)
