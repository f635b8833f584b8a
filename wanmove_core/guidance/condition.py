"""The condition that a Wan image-to-video network is given beside the noise: a mask of what is known, and the latent."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch

from ..errors import RequestError
from ..variants import LatentStride
from .latent_edit import edit_latent
from .latent_tracks import LatentTracks

Uncond = Literal["edited", "clean"]
"""Which condition the unconditional pass of classifier-free guidance sees.

``edited``: the guided one, so that the guidance scale acts on the text alone. The released Wan-Move code (and ComfyUI's
node) do this, though by accident: the edit is done in place on the tensor that the unconditional pass shares.
``clean``: the unguided one, so that one scale pushes towards the text and the motion, as the paper describes.
"""


@dataclass(frozen=True)
class Edit:
    """How strongly and how widely the tracks act; see ``edit_latent``."""

    strength: float = 1.0
    footprint: float = 0.0


@dataclass(frozen=True)
class Condition:
    """Both conditions that guidance scales can ask for; the same tensor twice when there are no tracks."""

    edited: torch.Tensor
    """[stride.time + C, T', H', W'] (a batch may stand in front): concat mask, then the concat latent with the guidance"""
    clean: torch.Tensor
    """as ``edited``, without the guidance"""


def build_condition(
    concat_latent: torch.Tensor,
    latent_tracks: LatentTracks | None,
    stride: LatentStride,
    edit: Edit | None = None,
    with_last: bool = False,
) -> Condition:
    """Mask and latent in Wan's channel order, with and without the guidance; 4 + 16 channels for Wan 2.1.

    The networks take 36 channels: 16 of noise, then these 20. Source: Wan2.1 ``image2video.py``, where the length is fixed at
    81 frames; here any stride.time * k + 1.

    Args:
        concat_latent: [C, T', H', W'] or [B, C, T', H', W'], the normalised latent of the start image followed by grey frames.
        latent_tracks: None = no guidance.
        with_last: the latent's last frame is a picture too, and not grey.

    Raises:
        TrackError: the tracks do not fit the latent.
        RequestError: the latent has no C, T', H' and W', or ``edit`` is outside its limits.
    """
    if concat_latent.ndim not in (4, 5):
        raise RequestError(
            f"The concat latent has the shape {list(concat_latent.shape)}; [channels, latent frames, rows, columns] is needed, "
            "with or without a batch in front."
        )
    edit = edit or Edit()
    mask = concat_mask(concat_latent, stride, with_last)
    clean = torch.cat([mask, concat_latent], dim=-4)
    if latent_tracks is None:
        return Condition(edited=clean, clean=clean)
    guided = edit_latent(concat_latent, latent_tracks, edit.strength, edit.footprint)
    return Condition(edited=torch.cat([mask, guided], dim=-4), clean=clean)


def concat_mask(concat_latent: torch.Tensor, stride: LatentStride, with_last: bool = False) -> torch.Tensor:
    """[stride.time, T', H', W'] (batched as the latent): a channel for each frame of a latent frame, 1 where it is known.

    All channels of latent frame 0, which the start image fills; ``with_last`` the last channel of the last latent frame, which
    is the last picture (Wan2.1 ``first_last_frame2video.py``).
    """
    shape = list(concat_latent.shape)
    shape[-4] = stride.time
    mask = concat_latent.new_zeros(shape)
    mask[..., :1, :, :] = 1
    if with_last:
        mask[..., -1:, -1:, :, :] = 1
    return mask


def check_uncond(uncond: str) -> None:
    """Raise ``RequestError`` unless ``uncond`` is one of the choices."""
    if uncond not in get_args(Uncond):
        raise RequestError(f'The unconditional pass is set to "{uncond}"; it must be one of {", ".join(get_args(Uncond))}.')
