"""Tiny random networks, a request for them and a host that remembers, for the tests of the pipeline."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from wanmove_core.host import SilentHost
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.pipeline import GenerateRequest, Models, Sampling, generate
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.tracks.tensors import Tracks, make_tracks
from wanmove_core.variants import DEMO, WanVariant

LENGTH, HEIGHT, WIDTH = 9, 32, 48
CONFIG = DiTConfig(dim=32, ffn_dim=48, layers=1, head_dim=16, freq_dim=16, text_dim=8, text_length=3, image_dim=6)
STEPS = 3


def make_models(variant: WanVariant = DEMO, config: DiTConfig = CONFIG) -> Models:
    torch.manual_seed(3)
    return Models(WanDiT(config).eval(), WanVAE21(VAEConfig(4, residual_blocks=1)).eval(), variant)


def moving_tracks(length: int = LENGTH, width: int = WIDTH, height: int = HEIGHT, shown: bool = True) -> Tracks:
    """Three points that walk 24 px to the right."""
    starts = torch.tensor([[4.0, 4.0], [12.0, 12.0], [4.0, 20.0]])
    steps = torch.linspace(0, 24, length)[:, None, None] * torch.tensor([1.0, 0.0])
    return make_tracks(starts + steps, torch.full((length, 3), shown), width, height)


def make_request(**changes: Any) -> GenerateRequest:
    image = torch.rand(HEIGHT, WIDTH, 3, generator=torch.Generator().manual_seed(5))
    return replace(GenerateRequest(image, LENGTH, sampling(), moving_tracks()), **changes)


def sampling(**changes: Any) -> Sampling:
    return replace(Sampling(STEPS, 3.0, scale=GuidanceScale(1.0)), **changes)


def run(models: Models, request: GenerateRequest, host: SilentHost | None = None) -> NDArray[np.uint8]:
    return np.stack(list(generate(models, request, host or SilentHost())))


@dataclass
class WatchingHost(SilentHost):
    """Remembers what it was told."""

    previewing: bool = False
    told: list[tuple[str, int, int]] = field(default_factory=list)
    previews: list[tuple[int, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def progress(self, stage: str, step: int, total: int) -> None:
        self.told.append((stage, step, total))

    def wants_preview(self) -> bool:
        return self.previewing

    def preview(self, latent: torch.Tensor) -> None:
        self.previews.append(tuple(latent.shape))
