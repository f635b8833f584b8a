"""What is wrong with a request, said before anything costs time."""

import torch

from ..errors import RequestError, TrackError
from ..guidance.condition import Condition, build_condition
from ..guidance.latent_tracks import to_latent_tracks
from ..variants import WanVariant
from .contents import GenerateRequest, Models, Prompt


def check_request(models: Models, request: GenerateRequest) -> None:
    """Raise what is wrong with a request, before anything costs time.

    Raises:
        RequestError: the networks are not complete, or the request does not fit them.
        TrackError: the tracks do not fit the clip.
    """
    check_start(models, request)
    _check_prompt(models, request.prompt)
    if request.sampling.undistilled and models.set_distilled is None:
        raise RequestError(
            f"{request.sampling.undistilled} steps are to run without the step-distilled LoRA, and none is loaded that can be "
            "switched off. Give one, or use another preset."
        )


def check_start(models: Models, request: GenerateRequest) -> None:
    """Raise what is wrong with the networks, the pictures, the length and the tracks; the prompt may still be missing."""
    if request.tracks is not None:
        _check_takes_tracks(models.variant)
    _check_experts(models)
    check_clip(models.variant, models.dit.config.patch, request)


def check_clip(variant: WanVariant, patch: tuple[int, int, int], request: GenerateRequest) -> None:
    """Raise what is wrong with the pictures, the length and the tracks; the networks need not be loaded.

    Args:
        patch: (frames, rows, columns) of cells that one token of the network stands for.
    """
    if request.tracks is not None:
        _check_takes_tracks(variant)
    _check_pictures(variant, request)
    _check_size(variant, patch, request)
    _check_guidance(variant, request)


def make_condition(variant: WanVariant, still: torch.Tensor, request: GenerateRequest) -> Condition:
    """The conditions [20, T', H', W'] with and without the tracks; costs milliseconds."""
    tracks = request.tracks
    latent_tracks = to_latent_tracks(tracks, variant.stride, request.temporal) if tracks is not None else None
    return build_condition(still, latent_tracks, variant.stride, request.edit, request.last is not None)


def _check_takes_tracks(variant: WanVariant) -> None:
    if not variant.takes_tracks:
        raise RequestError(f"Tracks cannot guide {variant.label}: {variant.tracks_refusal}. Or generate without tracks.")


def _check_experts(models: Models) -> None:
    variant = models.variant
    if variant.experts > 1 and models.low_noise is None:
        raise RequestError(
            f"The model is {variant.label}, which has two networks, and only one is given; it works only together with the "
            "other. Give the file for high noise and the one for low noise (low_noise_model in Load Wan-Move, on the command "
            "line --low-noise)."
        )
    if variant.experts == 1 and models.low_noise is not None:
        raise RequestError(
            f"The model is {variant.label}, which has one network, and a second one is given for low noise. Leave it out."
        )


def _check_pictures(variant: WanVariant, request: GenerateRequest) -> None:
    """Whether there are as many pictures as the model takes, and of which kind."""
    label, (image, last) = variant.label, (request.image, request.last)
    if image is not None and variant.start_image == "none":
        raise RequestError(f"{label} makes a clip from the prompt alone and takes no picture. Leave the picture out.")
    if image is None and variant.start_image == "latent":
        raise RequestError(f"{label} makes a clip of a picture, and no picture is given. Give one.")
    if last is not None and variant.last_image == "none":
        raise RequestError(f"{label} takes no last picture. Leave it out, or use Wan 2.1 FLF2V-14B, which was trained for one.")
    if last is None and variant.last_image == "needed":
        raise RequestError(
            f"{label} makes the clip between two pictures, and no last picture is given. Give one (wanmove generate: --last)."
        )
    for name, picture in (("picture", image), ("last picture", last)):
        if picture is not None and (picture.ndim != 3 or picture.shape[2] != 3 or not picture.is_floating_point()):
            raise RequestError(
                f"The {name} is {picture.dtype} of the shape {list(picture.shape)}; floats from 0 to 1 [height, width, 3] are "
                "needed."
            )
    if image is not None and last is not None and image.shape != last.shape:
        raise RequestError(
            f"The picture is {image.shape[1]}x{image.shape[0]}, the last picture {last.shape[1]}x{last.shape[0]}; fit both to "
            "the size of the clip."
        )


def _check_size(variant: WanVariant, patch: tuple[int, int, int], request: GenerateRequest) -> None:
    """Length, size and tiles."""
    length, stride, label = request.length, variant.stride, variant.label
    if length < 1 or (length - 1) % stride.time:
        below = max(0, (length - 1) // stride.time) * stride.time + 1
        raise RequestError(
            f"The clip has {length} frames; {label} needs {stride.time}k+1: use {below} or {below + stride.time}."
        )
    if request.last is not None and length == 1:
        raise RequestError(f"The clip has 1 frame, which cannot be two pictures; use {1 + stride.time} or more.")
    width, height = request.width, request.height
    _, rows, columns = patch
    step_x, step_y = columns * stride.width, rows * stride.height
    if not width or not height or width % step_x or height % step_y:
        raise RequestError(
            f"The {'clip' if request.image is None else 'picture'} is {width}x{height}; {label} needs multiples of "
            f"{step_x} and {step_y}: use {_nearest(width, step_x)}x{_nearest(height, step_y)}."
        )
    if request.tile is not None and request.tile < 1:
        raise RequestError(f"The tiles are {request.tile} cells wide; give 1 or more (32 is 256 pixels), or none.")


def _check_prompt(models: Models, prompt: Prompt | None) -> None:
    variant, config = models.variant, models.dit.config
    if prompt is None:
        if variant.needs_text:
            raise RequestError(
                f"{variant.label} reads a prompt, and no encoded prompt was given. Give a text encoder (wanmove generate: "
                "--text-encoder) or embeddings, or use the embedded demo model."
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
    tracks, width, height = request.tracks, request.width, request.height
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


def _nearest(size: int, step: int) -> int:
    return max(step, round(size / step) * step)
