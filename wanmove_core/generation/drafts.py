"""Drafts: fewer frames, and a rough clip of what a generation is about to become while there is still time to stop it.

After a third of the steps the network's estimate of the result moves as the result will. To look at it the VAE is not needed:
the colours of cells are nearly a linear function of their latents, and which one can be read off the start image, whose latent
is known. So it costs milliseconds, works with the weights of any VAE, and is as coarse as the latent: approximate in all.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from ..host import Host, SilentHost
from ..models.streamed_vae import StreamedVAE
from ..pipeline import decode
from ..rendering.video_file import write_video
from ..variants import LatentStride

SHARE = 0.3
"""of the steps, after which the preview is made"""
LABEL = "rough preview"
PIXELS = 4
"""of a preview for each cell, in both directions"""
_RIDGE = 1e-3
"""keeps channels that the picture does not vary from being given a colour"""


class EarlyPreviewHost:
    """Another host, with one preview of the sampling for whoever asked for it.

    Args:
        host: is told everything, too.
        show: given the latent [C, T', H', W'] that is expected, after ``SHARE`` of the steps.
    """

    def __init__(self, host: Host, steps: int, show: Callable[[torch.Tensor], None]) -> None:
        self._host, self._show = host, show
        self._due, self._done = max(1, round(SHARE * steps)), 0

    @property
    def device(self) -> torch.device:
        return self._host.device

    def progress(self, stage: str, step: int, total: int) -> None:
        self._done = step if stage == "sample" else 0
        self._host.progress(stage, step, total)

    def preview(self, latent: torch.Tensor) -> None:
        if self._host.wants_preview():
            self._host.preview(latent)
        if self._done + 1 == self._due:
            self._show(latent)

    def wants_preview(self) -> bool:
        return self._done + 1 == self._due or self._host.wants_preview()

    def check_interrupted(self) -> None:
        self._host.check_interrupted()

    def note(self, message: str) -> None:
        self._host.note(message)


def draft_length(length: int, stride: LatentStride) -> int:
    """Half as many frames, as many as the model can make: the same motion at half the rate."""
    return 1 + stride.time * max(1, (length - 1) // (2 * stride.time)) if length > 1 else length


def write_early_preview(
    path: Path, latent: torch.Tensor, fps: float, known: tuple[torch.Tensor, torch.Tensor] | None, vae: StreamedVAE
) -> None:
    """A video of the latent [C, T', H', W'], ``PIXELS`` for each cell; put in place when it is whole.

    Args:
        fps: latent frames a second.
        known: the latent [C, H', W'] of a picture, and the picture [H, W, 3] in 0 ... 1; None: the first latent frame is
            decoded to have both.

    Raises:
        MediaError: the file cannot be written.
    """
    if known is None:
        (first,) = decode(vae, latent[:, :1], SilentHost(latent.device))
        known = latent[:, 0], torch.from_numpy(first).float() / 255
    write_video(path, rough_frames(latent, fit_colours(*known)), fps, LABEL)


@torch.no_grad()
def fit_colours(latent: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """[C + 1, 3]: the colour of a cell in 0 ... 1 by its channels and a constant, by least squares over the cells of a picture.

    Args:
        latent: [C, H', W'] of the picture.
        picture: [H, W, 3] in 0 ... 1.
    """
    cells = F.interpolate(picture.detach().cpu().double().permute(2, 0, 1)[None], latent.shape[-2:], mode="area")[0]
    channels = latent.detach().cpu().double().flatten(1)
    given = torch.cat([channels, torch.ones_like(channels[:1])])
    ridge = torch.full((len(given),), _RIDGE * given.shape[1], dtype=torch.float64)
    ridge[-1] = 0
    return torch.linalg.solve(given @ given.T + torch.diag(ridge), given @ cells.flatten(1).T).float()


@torch.no_grad()
def rough_frames(latent: torch.Tensor, colours: torch.Tensor) -> Iterator[NDArray[np.uint8]]:
    """A frame uint8 [``PIXELS`` H', ``PIXELS`` W', 3] for each latent frame of [C, T', H', W']."""
    by_channel, constant = colours[:-1].to(latent.device), colours[-1].to(latent.device)
    for frame in latent.detach().float().unbind(1):
        cells = torch.einsum("chw,ck->khw", frame, by_channel) + constant[:, None, None]
        pixels = F.interpolate(cells[None], scale_factor=PIXELS, mode="bicubic")[0]
        yield (pixels * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).cpu().numpy()
