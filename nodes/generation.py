"""A guide becomes a video: sampled and decoded by the core, under ComfyUI's memory management."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import comfy.latent_formats
import numpy as np
import torch
from comfy_api.v0_0_2 import InputImpl, Types
from numpy.typing import NDArray

from ..wanmove_core.generation.drafts import fit_colours
from ..wanmove_core.guidance.condition import Condition, Uncond
from ..wanmove_core.models.dit import WanDiT
from ..wanmove_core.pipeline import GenerateRequest, Prompt, Sampling, check_request, decode, sample
from ..wanmove_core.request.contents import Bring
from ..wanmove_core.sampling.guidance_scale import GuidanceScale
from ..wanmove_core.sampling.sampling_presets import find_preset, plan_steps
from ..wanmove_core.variants import WanVariant
from .comfy_host import ComfyHost, free_unused, is_out_of_memory, make_ready
from .guide import Guide
from .hosted_model import HostedModel
from .sampling_choices import AUTO
from .working_memory import dit_bytes, vae_bytes

TILE = 32
"""cells (256 pixels) of a tile's side, where whole frames do not fit into memory"""


@dataclass(frozen=True)
class Wish:
    """What the widgets of the sampler say; 0 and ``AUTO`` = as the preset has it."""

    preset: str
    seed: int
    steps: int = 0
    cfg: float = 0.0
    shift: float = 0.0
    solver: str = AUTO
    motion_scale: float = 0.0
    uncond: Uncond = "edited"


@dataclass(frozen=True)
class Clip:
    """What came out."""

    images: torch.Tensor
    """[T, H, W, 3] float32 in 0 … 1 on the CPU"""
    latent: torch.Tensor
    """[1, C, T', H', W'] on the CPU, as ComfyUI's own VAE nodes take it"""
    fps: float

    def as_video(self) -> InputImpl.VideoFromComponents:
        """The frames at the model's rate."""
        return InputImpl.VideoFromComponents(
            Types.VideoComponents(images=self.images, frame_rate=Fraction(self.fps).limit_denominator(1001))
        )


def generate_clip(guide: Guide, wish: Wish, prompt: Prompt | None, host: ComfyHost) -> Clip:
    """The video of a guide.

    Raises:
        RequestError: a value is outside its limits, or the prompt does not fit the network.
    """
    models = guide.model.models
    request = GenerateRequest(guide.image, guide.length, sampling_of(wish, models.variant), prompt=prompt)
    check_request(models, request)
    if find_preset(wish.preset).wants_distilled and not guide.model.has_lora:
        host.note(f'"{wish.preset}" is for a step-distilled LoRA or model; Load Wan-Move has no LoRA chosen.')
    placed = Condition(guide.condition.edited.to(host.device), guide.condition.clean.to(host.device))
    cells = placed.edited.shape[-3], placed.edited.shape[-2], placed.edited.shape[-1]
    working = dit_bytes(models.dit, cells, models.dtype.itemsize)
    # the VAE's own, which ComfyUI's table of Wan 2.1 is not for each VAE
    host.colours = fit_colours(guide.condition.clean[models.variant.stride.time :, 0], guide.image)
    latent = sample(replace(models, bring=_bringer(guide.model, working)), placed, request, host)
    images = decode_whole_or_tiled(guide.model, latent, host)
    outward = comfy.latent_formats.Wan21().process_out(latent[None].cpu())
    return Clip(images, outward, models.variant.defaults.fps * guide.rate)


def _bringer(model: HostedModel, working_bytes: int) -> Bring:
    """Loads the network that runs next, as far as it fits beside what it computes; ComfyUI makes room for it."""
    here: WanDiT | None = None

    def bring(network: WanDiT | None) -> None:
        nonlocal here
        patcher = model.low_noise if network is model.models.low_noise else model.dit
        if network is not None and network is not here and patcher is not None:
            make_ready(patcher, working_bytes)
        here = network

    return bring


def sampling_of(wish: Wish, variant: WanVariant) -> Sampling:
    """How to sample: the preset for this model, and what the widgets say instead."""
    plan = plan_steps(wish.preset, variant.defaults, wish.steps or None, wish.shift or None, wish.cfg or None)
    scale = GuidanceScale(plan.cfg, wish.uncond, wish.motion_scale or None)
    high = None if plan.cfg_high is None else replace(scale, text=plan.cfg_high)
    sampling = Sampling(plan.steps, plan.shift, wish.seed, plan.solver, scale, high, plan.undistilled)
    return sampling if wish.solver == AUTO else replace(sampling, solver=wish.solver)


def decode_whole_or_tiled(model: HostedModel, latent: torch.Tensor, host: ComfyHost) -> torch.Tensor:
    """The frames [T, H, W, 3] of a latent; in tiles, with a note, where the device has no memory for whole frames."""
    vae, (height, width) = model.models.vae, latent.shape[-2:]
    stride = model.models.variant.stride
    make_ready(model.vae, vae_bytes(vae, width * stride.width, height * stride.height))
    try:
        return _stack(decode(vae, latent, host))
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    free_unused()  # only now: the error itself held what was being decoded
    host.note("The memory of the device is too small for whole frames; the video is decoded in tiles, which may show faintly.")
    return _stack(decode(vae, latent, host, TILE))


def _stack(frames: Iterator[NDArray[np.uint8]]) -> torch.Tensor:
    return torch.from_numpy(np.stack(list(frames))).float() / 255
