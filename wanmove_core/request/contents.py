"""A generation as values: the networks, the prompt, how to sample, and the request itself."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from ..errors import RequestError
from ..guidance.condition import Edit
from ..guidance.latent_tracks import Temporal
from ..models.dit import Around, WanDiT
from ..models.streamed_vae import StreamedVAE
from ..sampling.guidance_scale import GuidanceScale
from ..sampling.solvers import SOLVERS, SolverName
from ..tracks.tensors import Tracks
from ..variants import WanVariant

MAX_SEED = 2**63 - 1

Bring = Callable[[WanDiT | None], None]
"""Brings one of two experts to the device and takes the other away; None takes both away. See ``residency.one_on_device``."""


@dataclass(frozen=True)
class Models:
    """The networks of one Wan model, on the host's device unless ``bring`` brings them there."""

    dit: WanDiT
    """the diffusion network; of two experts the one for high noise"""
    vae: StreamedVAE
    variant: WanVariant
    dtype: torch.dtype = torch.float32
    """compute dtype of the diffusion network"""
    low_noise: WanDiT | None = None
    """the expert for low noise, of a variant that has two"""
    bring: Bring | None = None
    """called before the first forward of an expert, and with None after the last; None: both stay where they are"""
    around: Around | None = None
    """for ``WanDiT.prepare_contexts`` before ``bring``: the layers that only this needs are not brought. None: they are"""
    set_distilled: Callable[[bool], None] | None = None
    """switches a step-distilled LoRA of all diffusion networks on and off; None: there is none that can be switched"""


@dataclass(frozen=True)
class Prompt:
    """Encoded text, and the image tokens of models that take them."""

    text: torch.Tensor
    """[tokens, text_dim], not padded"""
    negative: torch.Tensor | None = None
    """[tokens, text_dim] of the negative prompt; None = zeros"""
    image: torch.Tensor | None = None
    """[image_tokens, image_dim], of two pictures one after the other"""


@dataclass(frozen=True)
class Sampling:
    """How the latent is sampled."""

    steps: int
    shift: float
    seed: int = 0
    solver: SolverName = "unipc"
    scale: GuidanceScale = field(default_factory=GuidanceScale)
    """of the only network, or of the low-noise expert"""
    scale_high: GuidanceScale | None = None
    """of the high-noise expert; None = as ``scale``"""
    undistilled: int = 0
    """so many steps run first without the step-distilled LoRA; if there are any, all others run without text guidance"""

    def __post_init__(self) -> None:
        if self.solver not in SOLVERS:
            raise RequestError(f'The solver is "{self.solver}"; use one of {", ".join(SOLVERS)}.')
        if not 0 <= self.seed <= MAX_SEED:
            raise RequestError(f"The seed is {self.seed}; give a whole number from 0 to {MAX_SEED}.")
        SOLVERS[self.solver].schedule(self.steps, self.shift)  # knows the limits of both
        if not 0 <= self.undistilled <= self.steps:
            raise RequestError(
                f"{self.undistilled} steps are to run without the distilled LoRA; give 0 to {self.steps}, the number of steps."
            )

    def is_distilled(self, step: int) -> bool:
        """Whether that step (counted from 0) runs with the step-distilled LoRA."""
        return step >= self.undistilled

    def scale_at(self, step: int, high_noise: bool) -> GuidanceScale:
        """The guidance scale of that step (counted from 0)."""
        if self.undistilled and self.is_distilled(step):
            return GuidanceScale(1.0, self.scale.uncond)
        return self.scale_high if high_noise and self.scale_high is not None else self.scale


@dataclass(frozen=True)
class GenerateRequest:
    """A picture, what moves in it, and how to sample."""

    image: torch.Tensor | None
    """[H, W, 3] float in 0 ... 1; its size is the clip's: fit it before. None = from the prompt alone"""
    length: int
    """frames, 4k + 1"""
    sampling: Sampling
    tracks: Tracks | None = None
    """in pixels of the image, ``length`` frames; None = no guidance"""
    edit: Edit = field(default_factory=Edit)
    temporal: Temporal = "last"
    prompt: Prompt | None = None
    """None only for models that take no text"""
    tile: int | None = None
    """decode in tiles of so many cells (less memory, see ``models.tiling``); None = whole frames"""
    last: torch.Tensor | None = None
    """the picture that the clip ends with, as ``image``; for models that take one"""
    size: tuple[int, int] | None = None
    """(width, height) of the clip, needed where there is no picture"""

    @property
    def width(self) -> int:
        """Pixels; 0 where neither a picture nor a size is given."""
        return self._size[0]

    @property
    def height(self) -> int:
        """Pixels; 0 where neither a picture nor a size is given."""
        return self._size[1]

    @property
    def _size(self) -> tuple[int, int]:
        if self.image is not None and self.image.ndim == 3:
            return self.image.shape[1], self.image.shape[0]
        return self.size or (0, 0)
