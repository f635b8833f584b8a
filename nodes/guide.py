"""A picture and tracks become the condition of a Wan network. The encoded picture is kept: other tracks cost milliseconds."""

from dataclasses import dataclass

import numpy as np
import torch

from ..wanmove_core.generation.cached_encoding import still_key
from ..wanmove_core.generation.drafts import draft_length
from ..wanmove_core.guidance.condition import Condition, Edit
from ..wanmove_core.guidance.latent_tracks import Temporal
from ..wanmove_core.guidance.report import GuidanceReport, guidance_report
from ..wanmove_core.pipeline import GenerateRequest, Sampling, check_start, encode_start, make_condition
from ..wanmove_core.rendering.images import Fit, fit_image
from ..wanmove_core.tracks.arrange import resample_tracks
from ..wanmove_core.tracks.tensors import to_baked, to_tensors
from .comfy_host import ComfyHost, make_ready
from .hosted_model import HostedModel
from .track_values import TracksValue, known_size, read_tracks
from .working_memory import vae_bytes


@dataclass(frozen=True)
class Guide:
    """What flows through a WANMOVE_GUIDE link. All tensors lie on the CPU."""

    model: HostedModel
    image: torch.Tensor
    """[H, W, 3] in 0 … 1, of the video's size"""
    length: int
    condition: Condition
    rate: float = 1.0
    """frames a second against the model's own"""


@dataclass(frozen=True)
class Guidance:
    """How tracks act."""

    edit: Edit
    temporal: Temporal
    draft: bool = False
    """half the frames at half the rate"""


def make_guide(
    model: HostedModel, image: torch.Tensor, value: TracksValue, guidance: Guidance, host: ComfyHost
) -> tuple[Guide, GuidanceReport]:
    """The condition of the picture [H, W, 3] with the tracks, and what the network will not be told.

    Raises:
        RequestError: the model takes no tracks, or the picture does not fit it.
        TrackError: the tracks do not fit the picture.
    """
    tracks = read_tracks(value, image.shape[1], image.shape[0])
    variant, whole = model.models.variant, tracks.length
    if guidance.draft:
        tracks = to_tensors(resample_tracks(to_baked(tracks), draft_length(whole, variant.stride)))
    # how it is sampled is not known yet and not looked at
    request = GenerateRequest(image, tracks.length, Sampling(1, 1.0), tracks, guidance.edit, guidance.temporal)
    check_start(model.models, request)
    condition = make_condition(variant, _encoded(model, image, request, host), request)
    report = guidance_report(tracks, variant.stride, temporal=guidance.temporal)
    rate = max(tracks.length - 1, 1) / max(whole - 1, 1)
    return Guide(model, image, tracks.length, condition, rate), report


def start_image(images: torch.Tensor, value: TracksValue, fit: Fit) -> torch.Tensor:
    """The first picture [H, W, 3] of a batch, on the CPU and of the size that the tracks say; as it is if they say none."""
    image = images[0, ..., :3].float().cpu()
    size = known_size(value)
    if size is None or size == (image.shape[1], image.shape[0]):
        return image
    pixels = (image.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    return torch.from_numpy(fit_image(pixels, *size, fit).astype(np.float32) / 255)


def describe(report: GuidanceReport) -> str:
    """The report for a person: how much is guided, then a line for each thing to mend."""
    head = f"{report.tracks} tracks guide {report.coverage:.1f} % of the cells."
    return "\n".join([head, *(finding.message for finding in report.findings)])


def _encoded(model: HostedModel, image: torch.Tensor, request: GenerateRequest, host: ComfyHost) -> torch.Tensor:
    def encode() -> torch.Tensor:
        height, width = image.shape[:2]
        make_ready(model.vae, vae_bytes(model.models.vae, width, height))
        return encode_start(model.models.vae, image, request.length, host)

    return model.encodes.get(still_key(model.vae_identity, model.models, request, host.device), encode, host)
