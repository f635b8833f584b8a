"""From a request to frames: the only place that orders the steps of a generation.

encode the start image -> carry its features along the tracks -> sample -> decode. Each step is a function of its own, so that
a caller can keep what did not change (a re-drawn track needs no new encode).
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from .guidance.condition import Condition
from .host import Host
from .models.dit import Around, Context, WanDiT, nothing_around
from .models.streamed_vae import StreamedVAE
from .models.tiling import decode_tiled
from .request.checks import check_request, check_start, make_condition
from .request.contents import MAX_SEED, GenerateRequest, Models, Prompt, Sampling
from .sampling.guidance_scale import GuidanceScale, Pass, guided_velocity, needed_passes
from .sampling.schedule import TRAIN_TIMESTEPS
from .sampling.solvers import SOLVERS

__all__ = [
    "MAX_SEED", "GenerateRequest", "Models", "Prompt", "Sampling", "check_request", "check_start", "decode", "encode_start",
    "generate", "make_condition", "sample",
]  # fmt: skip

Start = Condition | torch.Tensor | None
"""How the start image reaches the sampling: as a condition beside the noise; as a latent frame [C, 1, H', W'] that is held;
not at all."""


def generate(
    models: Models, request: GenerateRequest, host: Host, still: torch.Tensor | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The clip, frame by frame, uint8 [H, W, 3]; nothing runs before the first frame is asked for.

    The host is asked to stop between any two steps; what it raises ends the generation and frees what it held.

    Args:
        still: what ``encode_pictures`` gave for these pictures and length, to spare the encode when only the tracks changed.

    Raises:
        RequestError: the request does not fit the model.
        TrackError: the tracks do not fit the clip; both before anything costs time.
    """
    check_request(models, request)
    if still is None:
        still = encode_pictures(models, request, host)
    start: Start = still
    if still is not None and models.variant.start_image == "latent":
        start = make_condition(models.variant, still, request)
    latent = sample(models, start, request, host)
    yield from decode(models.vae, latent, host, request.tile)


def encode_pictures(models: Models, request: GenerateRequest, host: Host) -> torch.Tensor | None:
    """What the model is given of the request's pictures, on the host's device; None without any.

    Returns:
        The concat latent [C, T', H', W'], or for models that hold the start image its latent frame [C, 1, H', W'].
    """
    if request.image is None:
        return None
    length = request.length if models.variant.start_image == "latent" else 1
    return encode_start(models.vae, request.image, length, host, request.last)


@torch.no_grad()
def encode_start(
    vae: StreamedVAE, image: torch.Tensor, length: int, host: Host, last: torch.Tensor | None = None
) -> torch.Tensor:
    """The latent [C, T', H', W'] on the host's device: the start image followed by grey frames, encoded.

    Args:
        image: [H, W, 3] float in 0 ... 1.
        last: the picture of the last frame, instead of grey.
    """
    chunks = _start_chunks(image, length, last, host.device, vae.conv1.weight.dtype)
    return vae.encode_chunks(chunks, lambda done, total: _tell(host, "encode", done, total))[0].float()


@torch.no_grad()
def sample(models: Models, start: Start, request: GenerateRequest, host: Host) -> torch.Tensor:
    """The denoised latent [C, T', H', W'] in float32. The noise is drawn on the CPU: a seed means the same on any device."""
    sampling, solver = request.sampling, SOLVERS[request.sampling.solver]
    noise = torch.randn(_latent_shape(models, request), generator=torch.Generator().manual_seed(sampling.seed)).to(host.device)
    forwards = _Forwards(models, start, request, host.device)

    def velocity(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        network, scale = forwards.begin_step(timestep)

        def predict(which: Pass) -> torch.Tensor:
            host.check_interrupted()
            return forwards.predict(network, which, latent, timestep)

        return guided_velocity(scale, predict)

    def after_step(step: int, total: int, denoised: torch.Tensor) -> None:
        if host.wants_preview():
            host.preview(forwards.hold(denoised))
        _tell(host, "sample", step, total)

    _tell(host, "sample", 0, sampling.steps)
    try:
        return forwards.hold(solver.solve(velocity, noise, solver.schedule(sampling.steps, sampling.shift), after_step))
    finally:
        forwards.end()


@torch.no_grad()
def decode(vae: StreamedVAE, latent: torch.Tensor, host: Host, tile: int | None = None) -> Iterator[NDArray[np.uint8]]:
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


class _Forwards:
    """The networks' forwards of one generation, with everything that does not change from step to step prepared."""

    def __init__(self, models: Models, start: Start, request: GenerateRequest, device: torch.device) -> None:
        self._models, self._sampling, self._step, self._device = models, request.sampling, -1, device
        prompt, condition = request.prompt, start if isinstance(start, Condition) else None
        self._edited = None if condition is None else self._place(condition.edited)
        self._clean = None if condition is None else self._place(condition.clean)
        self._held = start.to(device) if isinstance(start, torch.Tensor) else None
        texts = (None, None) if prompt is None else (prompt.negative, prompt.text)
        self._texts = {prompted: self._pad(texts[prompted]) for prompted in _prompts(request.sampling)}
        self._image = None if prompt is None or prompt.image is None else self._place(prompt.image)
        self._contexts: dict[bool, Context] = {}
        """by whether it is the prompt's or that of the negative prompt; of one network as it is now"""
        self._network: WanDiT | None = None

    def begin_step(self, timestep: torch.Tensor) -> tuple[WanDiT, GuidanceScale]:
        """The network and the guidance scale of the next step; the network is on the device and has its LoRA on or off."""
        models, self._step = self._models, self._step + 1
        boundary = models.variant.boundary
        high = boundary is not None and float(timestep) >= boundary * TRAIN_TIMESTEPS
        network = models.dit if high or models.low_noise is None else models.low_noise
        switches = self._sampling.undistilled and self._step in (0, self._sampling.undistilled)
        if switches and models.set_distilled is not None:
            models.set_distilled(self._sampling.is_distilled(self._step))
        changed = bool(switches) or network is not self._network
        if changed:
            self._contexts, self._network = {}, network
        if changed and models.around is not None:  # what only this needs is not brought then
            self._prepare(network, models.around)
        if models.bring is not None:
            models.bring(network)
        if changed and models.around is None:
            self._prepare(network)
        return network, self._sampling.scale_at(self._step, high)

    def _prepare(self, network: WanDiT, around: Around = nothing_around) -> None:
        """What the network makes of the prompts is the same in all of its steps."""
        made = network.prepare_contexts(list(self._texts.values()), self._image, around)
        self._contexts = dict(zip(self._texts, made, strict=True))

    def predict(self, network: WanDiT, which: Pass, latent: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        """Velocity [C, T', H', W'] in float32 of a latent [C, T', H', W']."""
        x, condition = self._place(self.hold(latent)), self._clean if which is Pass.PLAIN else self._edited
        context = self._contexts[which is Pass.PROMPTED]
        told = timestep.reshape(1)
        if self._held is not None:
            told = self._per_token(told, latent)
        return network(x if condition is None else torch.cat([x, condition], dim=1), told, context)[0].float()

    def hold(self, latent: torch.Tensor) -> torch.Tensor:
        """The latent [C, T', H', W'] with the start image in latent frame 0, for models that are given it there.

        The released code (Wan2.2 ``textimage2video.py``) does so to what comes out of each step. Solvers mix no cells with each
        other, so it is the same to do it to what goes into the network and to the end.
        """
        return latent if self._held is None else torch.cat([self._held.to(latent), latent[:, 1:]], dim=1)

    def end(self) -> None:
        """Leave the networks as they were found."""
        self._contexts = {}
        if self._models.bring is not None:
            self._models.bring(None)
        # only now, as what is changed on the device does not come back from it (``OneOnDevice``)
        if self._sampling.undistilled and self._models.set_distilled is not None:
            self._models.set_distilled(True)

    def _per_token(self, timestep: torch.Tensor, latent: torch.Tensor) -> torch.Tensor:
        """[1, tokens]: 0 for the tokens of the held frame, which has no noise."""
        frames, rows, columns = self._models.dit.config.patch
        _, length, height, width = latent.shape
        of_frame = (height // rows) * (width // columns)
        told = timestep.repeat(1, length // frames * of_frame)
        told[:, :of_frame] = 0
        return told

    def _place(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(self._device, self._models.dtype).unsqueeze(0)

    def _pad(self, tokens: torch.Tensor | None) -> torch.Tensor:
        """[1, text_length, text_dim]: zeros behind the tokens, which the network attends to, as released."""
        config = self._models.dit.config
        padded = torch.zeros(1, config.text_length, config.text_dim, device=self._device, dtype=self._models.dtype)
        if tokens is None:
            return padded
        padded[0, : len(tokens)] = tokens
        return padded


def _prompts(sampling: Sampling) -> list[bool]:
    """Which prompts some step needs: the negative one (False), the prompt itself (True)."""
    scales = [sampling.scale_at(step, high) for step in range(sampling.steps) for high in (False, True)]
    return sorted({which is Pass.PROMPTED for scale in scales for which in needed_passes(scale)})


def _latent_shape(models: Models, request: GenerateRequest) -> tuple[int, int, int, int]:
    variant, stride = models.variant, models.variant.stride
    cells = request.height // stride.height, request.width // stride.width
    return (variant.latent_channels, stride.latent_length(request.length), *cells)


def _start_chunks(
    image: torch.Tensor, length: int, last: torch.Tensor | None, device: torch.device, dtype: torch.dtype
) -> list[torch.Tensor]:
    """The picture, and grey behind it: one and the same tensor for all chunks of grey. Each [1, 3, T, H, W] in -1 ... 1.

    On the host's device and not where the weights lie: a host may keep these elsewhere until they are needed.
    """

    def of(frames: int, picture: torch.Tensor | None) -> torch.Tensor:
        """Grey with the picture as its last frame."""
        chunk = torch.zeros(1, 3, frames, *image.shape[:2], device=device, dtype=dtype)
        if picture is not None:
            chunk[0, :, -1] = picture.to(chunk).permute(2, 0, 1) * 2 - 1
        return chunk.contiguous(memory_format=torch.channels_last_3d)

    chunks = [of(1, image), *[of(4, None)] * ((length - 1) // 4)]
    if last is not None:
        chunks[-1] = of(4, last)
    return chunks


def _tell(host: Host, stage: str, done: int, total: int) -> None:
    host.check_interrupted()
    host.progress(stage, done, total)


def _to_uint8(frames: torch.Tensor) -> NDArray[np.uint8]:
    """[3, T, H, W] in -1 ... 1 -> uint8 [T, H, W, 3]"""
    pixels = ((frames.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(1, 2, 3, 0).cpu().numpy()
