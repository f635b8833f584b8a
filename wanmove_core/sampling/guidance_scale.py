"""Guidance scales: how the network's passes of one step are combined, and how few of them are needed.

Text guidance is classifier-free guidance, u + g * (c - u). With latent trajectory guidance there is a second thing to drop,
the motion, and so up to three passes: prompt and motion (c), motion only (e), neither (u).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import torch

from ..errors import RequestError
from ..guidance.condition import Uncond, check_uncond

MAX_SCALE = 100.0


class Pass(Enum):
    """One forward of the network: which prompt and which condition it sees."""

    PROMPTED = "prompt, edited condition"
    MOTION = "negative prompt, edited condition"
    PLAIN = "negative prompt, clean condition"


@dataclass(frozen=True)
class GuidanceScale:
    """Scales of text and motion. The default, ``uncond`` = "edited", is what the released Wan-Move code does."""

    text: float = 5.0
    """1 = no text guidance (one forward fewer); distilled models want 1"""
    uncond: Uncond = "edited"
    """what the unconditional pass sees when there is one scale for both; unused when ``motion`` is given"""
    motion: float | None = None
    """a scale of the motion's own: u + motion * (e - u) + text * (c - e), up to three forwards"""

    def __post_init__(self) -> None:
        check_uncond(self.uncond)
        _check_scale("guidance scale", self.text)
        if self.motion is not None:
            _check_scale("motion guidance scale", self.motion)


def needed_passes(scale: GuidanceScale) -> tuple[Pass, ...]:
    """The passes whose weight is not zero, in the order in which ``guided_velocity`` asks for them: one to three."""
    return tuple(which for which, weight in pass_weights(scale) if weight != 0)


def pass_weights(scale: GuidanceScale) -> tuple[tuple[Pass, float], ...]:
    """The combination written as a weighted sum; the weights add up to 1."""
    if scale.motion is not None:
        return (
            (Pass.PROMPTED, scale.text),
            (Pass.MOTION, scale.motion - scale.text),
            (Pass.PLAIN, 1.0 - scale.motion),
        )
    other = Pass.MOTION if scale.uncond == "edited" else Pass.PLAIN
    return ((Pass.PROMPTED, scale.text), (other, 1.0 - scale.text))


def guided_velocity(scale: GuidanceScale, predict: Callable[[Pass], torch.Tensor]) -> torch.Tensor:
    """The velocity that the solver follows; ``predict`` is called once for each of ``needed_passes``.

    With one scale and two passes the formula is the one of Wan, u + g * (c - u), in the same order of operations.
    """
    needed = needed_passes(scale)
    if len(needed) == 1:
        return predict(needed[0])
    if len(needed) == 2:
        first, second = predict(needed[0]), predict(needed[1])
        return guide(first, second, dict(pass_weights(scale))[needed[0]])
    prompted, motion, plain = (predict(which) for which in needed)
    return guide_text_and_motion(prompted, motion, plain, scale)


def guide(towards: torch.Tensor, away: torch.Tensor, scale: float) -> torch.Tensor:
    """away + scale * (towards - away): classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598)."""
    return away + scale * (towards - away)


def guide_text_and_motion(
    prompted: torch.Tensor, motion: torch.Tensor, plain: torch.Tensor, scale: GuidanceScale
) -> torch.Tensor:
    """plain + motion scale * (motion - plain) + text scale * (prompted - motion), as InstructPix2Pix nests two conditions.

    Args:
        scale: its ``motion`` is needed; without one, motion and text share a scale.
    """
    motion_scale = scale.text if scale.motion is None else scale.motion
    return plain + motion_scale * (motion - plain) + scale.text * (prompted - motion)


def _check_scale(name: str, value: float) -> None:
    if not (math.isfinite(value) and 0.0 <= value <= MAX_SCALE):
        raise RequestError(f"The {name} is {value}; it must be from 0 to {MAX_SCALE:g} (1 = off, Wan: 5).")
