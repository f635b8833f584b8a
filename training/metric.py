"""How much each direction of a latent cell's error is seen in the decoded frames."""

from collections.abc import Iterable

import torch

from wanmove_core.models.vae21 import WanVAE21

STEP = 0.3
SPARSE = 3
"""every third cell is changed at once: what a cell changes reaches little further"""


@torch.no_grad()
def pixel_metric(vae: WanVAE21, latents: Iterable[torch.Tensor]) -> torch.Tensor:
    """G [C, C] with trace C: an error e of a cell adds about e' G e (up to a factor) to the squared error of the frames.

    Args:
        latents: some of [C, T', H', W'].
    """
    total = torch.zeros(0)
    for latent in latents:
        channels = latent.shape[0]
        clip = latent.unsqueeze(0)
        plain = _decode(vae, clip)
        changes = []
        for channel in range(channels):
            changed = clip.clone()
            changed[:, channel, 1:, ::SPARSE, ::SPARSE] += STEP
            changes.append((_decode(vae, changed) - plain).flatten())
        rows = torch.stack(changes)
        total = rows @ rows.T + (total if len(total) else 0)
    return total * len(total) / total.trace()


def _decode(vae: WanVAE21, latent: torch.Tensor) -> torch.Tensor:
    return torch.cat(list(vae.decode_unclamped(latent, chunk=latent.shape[2])), dim=2).float()
