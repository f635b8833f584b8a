"""From a request to frames: the only place that orders the steps of a generation.

encode the start image -> carry its features along the tracks -> sample -> decode. Each step is a function of its own, so that
a caller can keep what did not change (a re-drawn track needs no new encode).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from .errors import RequestError, TrackError
from .guidance.condition import Condition, Edit, build_condition
from .guidance.latent_tracks import Temporal, to_latent_tracks
from .host import Host
from .models.dit import WanDiT
from .models.tiling import decode_tiled
from .models.vae21 import WanVAE21
from .sampling.guidance_scale import GuidanceScale, Pass, guided_velocity
from .sampling.solvers import SOLVERS, SolverName
from .tracks.tensors import Tracks
from .variants import WanVariant

MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class Models:
    """The networks of one Wan model, on the host's device."""

    dit: WanDiT
    vae: WanVAE21
    variant: WanVariant
    dtype: torch.dtype = torch.float32
    """compute dtype of the diffusion network"""


@dataclass(frozen=True)
class Prompt:
    """Encoded text, and the image tokens of models that take them."""

    text: torch.Tensor
    """[tokens, text_dim], not padded"""
    negative: torch.Tensor | None = None
    """[tokens, text_dim] of the negative prompt; None = zeros"""
    image: torch.Tensor | None = None
    """[image_tokens, image_dim]"""


@dataclass(frozen=True)
class Sampling:
    """How the latent is sampled."""

    steps: int
    shift: float
    seed: int = 0
    solver: SolverName = "unipc"
    scale: GuidanceScale = field(default_factory=GuidanceScale)

    def __post_init__(self) -> None:
        if self.solver not in SOLVERS:
            raise RequestError(f'The solver is "{self.solver}"; use one of {", ".join(SOLVERS)}.')
        if not 0 <= self.seed <= MAX_SEED:
            raise RequestError(f"The seed is {self.seed}; give a whole number from 0 to {MAX_SEED}.")
        SOLVERS[self.solver].schedule(self.steps, self.shift)  # knows the limits of both


@dataclass(frozen=True)
class GenerateRequest:
    """A picture, what moves in it, and how to sample."""

    image: torch.Tensor
    """[H, W, 3] float in 0 ... 1; its size is the clip's: fit it before"""
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


def generate(
    models: Models, request: GenerateRequest, host: Host, still: torch.Tensor | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The clip, frame by frame, uint8 [H, W, 3]; nothing runs before the first frame is asked for.

    The host is asked to stop between any two steps; what it raises ends the generation and frees what it held.

    Args:
        still: what ``encode_start`` gave for this picture and length, to spare the encode when only the tracks changed.

    Raises:
        RequestError: the request does not fit the model.
        TrackError: the tracks do not fit the clip; both before anything costs time.
    """
    check_request(models, request)
    if still is None:
        still = encode_start(models.vae, request.image, request.length, host)
    condition = make_condition(models.variant, still, request)
    latent = sample(models, condition, request, host)
    yield from decode(models.vae, latent, host, request.tile)


def check_request(models: Models, request: GenerateRequest) -> None:
    """Raise what is wrong with a request, before anything costs time."""
    check_start(models, request)
    _check_prompt(models, request.prompt)


def check_start(models: Models, request: GenerateRequest) -> None:
    """Raise what is wrong with the picture, the length and the tracks; the prompt may still be missing."""
    _check_variant(models.variant)
    _check_clip(models, request)
    _check_guidance(models.variant, request)


@torch.no_grad()
def encode_start(vae: WanVAE21, image: torch.Tensor, length: int, host: Host) -> torch.Tensor:
    """The concat latent [C, T', H', W'] on the host's device: the start image followed by grey frames, encoded.

    Args:
        image: [H, W, 3] float in 0 ... 1.
    """
    # on the host's device and not where the weights lie: a host may keep these elsewhere until they are needed
    frames = torch.zeros(3, length, *image.shape[:2], device=host.device, dtype=vae.conv1.weight.dtype)
    frames[:, 0] = image.to(frames).permute(2, 0, 1) * 2 - 1
    clip = frames.unsqueeze(0).contiguous(memory_format=torch.channels_last_3d)
    return vae.encode(clip, on_chunk=lambda done, total: _tell(host, "encode", done, total))[0].float()


def make_condition(variant: WanVariant, still: torch.Tensor, request: GenerateRequest) -> Condition:
    """The conditions [20, T', H', W'] with and without the tracks; costs milliseconds."""
    tracks = request.tracks
    latent_tracks = to_latent_tracks(tracks, variant.stride, request.temporal) if tracks is not None else None
    return build_condition(still, latent_tracks, variant.stride, request.edit)


@torch.no_grad()
def sample(models: Models, condition: Condition, request: GenerateRequest, host: Host) -> torch.Tensor:
    """The denoised latent [C, T', H', W'] in float32. The noise is drawn on the CPU: a seed means the same on any device."""
    sampling, solver = request.sampling, SOLVERS[request.sampling.solver]
    shape = (models.variant.latent_channels, *condition.edited.shape[1:])
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(sampling.seed)).to(condition.edited.device)
    passes = _Passes(models, condition, request.prompt)

    def velocity(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        def predict(which: Pass) -> torch.Tensor:
            host.check_interrupted()
            return passes.predict(which, latent, timestep)

        return guided_velocity(sampling.scale, predict)

    def after_step(step: int, total: int, denoised: torch.Tensor) -> None:
        if host.wants_preview():
            host.preview(denoised)
        _tell(host, "sample", step, total)

    _tell(host, "sample", 0, sampling.steps)
    return solver.solve(velocity, noise, solver.schedule(sampling.steps, sampling.shift), after_step)


@torch.no_grad()
def decode(vae: WanVAE21, latent: torch.Tensor, host: Host, tile: int | None = None) -> Iterator[NDArray[np.uint8]]:
    """The frames uint8 [H, W, 3] of a latent [C, T', H', W'], streamed; with tiles the whole clip is held on the CPU first."""
    batch = latent.to(vae.conv2.weight.dtype).unsqueeze(0).contiguous(memory_format=torch.channels_last_3d)
    if tile is not None:
        yield from _to_uint8(decode_tiled(vae, batch, tile, tile // 4, host)[0])
        return
    chunks = vae.decode_frames(batch)
    total = latent.shape[1]
    _tell(host, "decode", 0, total)
    for done in range(1, total + 1):
        frames = _to_uint8(next(chunks)[0])
        _tell(host, "decode", done, total)
        yield from frames


class _Passes:
    """The network's forwards of one generation, with everything that does not change from step to step prepared."""

    def __init__(self, models: Models, condition: Condition, prompt: Prompt | None) -> None:
        self.dit, self.dtype, self.device = models.dit, models.dtype, condition.edited.device
        self.edited, self.clean = self._place(condition.edited), self._place(condition.clean)
        self.prompted = self._pad(None if prompt is None else prompt.text)
        self.negative = self._pad(None if prompt is None else prompt.negative)
        self.image = None if prompt is None or prompt.image is None else self._place(prompt.image)

    def predict(self, which: Pass, latent: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        """Velocity [C, T', H', W'] in float32 of a latent [C, T', H', W']."""
        condition = self.clean if which is Pass.PLAIN else self.edited
        text = self.prompted if which is Pass.PROMPTED else self.negative
        x = torch.cat([self._place(latent), condition], dim=1)
        return self.dit(x, timestep.reshape(1).to(self.device), text, self.image)[0].float()

    def _place(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(self.device, self.dtype).unsqueeze(0)

    def _pad(self, tokens: torch.Tensor | None) -> torch.Tensor:
        """[1, text_length, text_dim]: zeros behind the tokens, which the network attends to, as released."""
        config = self.dit.config
        padded = torch.zeros(1, config.text_length, config.text_dim, device=self.device, dtype=self.dtype)
        if tokens is None:
            return padded
        padded[0, : len(tokens)] = tokens
        return padded


def _check_variant(variant: WanVariant) -> None:
    if variant.start_image != "latent":
        raise RequestError(f"The model is {variant.label} and cannot be used here: {variant.tracks_refusal}.")
    if variant.experts > 1:
        raise RequestError(
            f"The model is {variant.label}; it works only together with the other expert, and this version runs one network. "
            "Use Wan-Move-14B-480P."
        )


def _check_clip(models: Models, request: GenerateRequest) -> None:
    """Picture, length and tiles."""
    image, length, stride, label = request.image, request.length, models.variant.stride, models.variant.label
    if image.ndim != 3 or image.shape[2] != 3 or not image.is_floating_point():
        raise RequestError(
            f"The picture is {image.dtype} of the shape {list(image.shape)}; floats from 0 to 1 [height, width, 3] are needed."
        )
    if length < 1 or (length - 1) % stride.time:
        below = max(0, (length - 1) // stride.time) * stride.time + 1
        raise RequestError(
            f"The clip has {length} frames; {label} needs {stride.time}k+1: use {below} or {below + stride.time}."
        )
    height, width = image.shape[:2]
    _, rows, columns = models.dit.config.patch
    step_x, step_y = columns * stride.width, rows * stride.height
    if not width or not height or width % step_x or height % step_y:
        raise RequestError(
            f"The picture is {width}x{height}; {label} needs multiples of {step_x} and {step_y}: use "
            f"{_nearest(width, step_x)}x{_nearest(height, step_y)}."
        )
    if request.tile is not None and request.tile < 1:
        raise RequestError(f"The tiles are {request.tile} cells wide; give 1 or more (32 is 256 pixels), or none.")


def _check_prompt(models: Models, prompt: Prompt | None) -> None:
    variant, config = models.variant, models.dit.config
    if prompt is None:
        if variant.needs_text:
            raise RequestError(
                f"{variant.label} reads a prompt, and no encoded prompt was given; this version has no text encoder yet: "
                "give embeddings, or use the embedded demo model."
            )
        return
    for name, tokens in (("prompt", prompt.text), ("negative prompt", prompt.negative)):
        fits = tokens is None or (tokens.ndim == 2 and tokens.shape[1] == config.text_dim and len(tokens) <= config.text_length)
        if tokens is not None and not fits:
            raise RequestError(
                f"The encoded {name} has the shape {list(tokens.shape)}; {variant.label} reads at most {config.text_length} "
                f"tokens of width {config.text_dim}. Encode it with the text encoder of that model."
            )
    image = [] if prompt.image is None else list(prompt.image.shape)
    if variant.needs_image_encoder and image != [config.image_tokens, config.image_dim]:
        raise RequestError(
            f"The image tokens have the shape {image}; {variant.label} needs [{config.image_tokens}, {config.image_dim}], the "
            "start image encoded by its image encoder. Give them with the prompt."
        )


def _check_guidance(variant: WanVariant, request: GenerateRequest) -> None:
    tracks, (height, width) = request.tracks, request.image.shape[:2]
    if tracks is None:
        return
    if tracks.length != request.length:
        raise TrackError(
            f"The tracks have {tracks.length} frames, the clip {request.length}; bake or resample them to the clip's length."
        )
    if (tracks.width, tracks.height) != (width, height):
        raise TrackError(
            f"The tracks are in pixels of a {tracks.width}x{tracks.height} picture, the clip is {width}x{height}; bake them at "
            "that size, or rescale or crop them."
        )
    # what the edit itself refuses, it refuses on a latent of no channels too
    stride = variant.stride
    cells = (stride.latent_length(request.length), height // stride.height, width // stride.width)
    make_condition(variant, torch.empty(0, *cells), request)


def _tell(host: Host, stage: str, done: int, total: int) -> None:
    host.check_interrupted()
    host.progress(stage, done, total)


def _to_uint8(frames: torch.Tensor) -> NDArray[np.uint8]:
    """[3, T, H, W] in -1 ... 1 -> uint8 [T, H, W, 3]"""
    pixels = ((frames.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(1, 2, 3, 0).cpu().numpy()


def _nearest(size: int, step: int) -> int:
    return max(step, round(size / step) * step)
