"""The noise levels that a solver walks through: Wan's own sigma grids, and grids given by hand.

A sigma is the share of noise in a latent, x = (1 - sigma) * clean + sigma * noise. Sources: Wan2.1 ``fm_solvers_unipc.py``,
``fm_solvers.py`` (``get_sampling_sigmas``) and ``image2video.py``. diffusers spaces its flow sigmas differently, by up to
0.004, so its defaults do not reproduce Wan.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import RequestError

TRAIN_TIMESTEPS = 1000
MAX_STEPS = 1000
DISTILLED_4_STEPS = (1.0, 15 / 16, 5 / 6, 5 / 8)
"""The grid that Wan's 4-step distilled LoRAs (lightx2v) were trained on: 1, 3/4, 1/2, 1/4 at shift 5, to be walked by Euler.
Often written 1, 0.9375, 0.8333, 0.625."""


@dataclass(frozen=True)
class Schedule:
    """Where a solver stops on its way from noise to picture."""

    sigmas: torch.Tensor
    """[steps + 1] float32 on the CPU, falling, from at most 1 to exactly 0"""
    timesteps: torch.Tensor
    """[steps] float32 on the CPU, what the network is told: 1000 * sigma, truncated to whole numbers on Wan's grids"""

    @property
    def steps(self) -> int:
        """Evaluations of the model."""
        return self.timesteps.shape[0]


def unipc_schedule(steps: int, shift: float) -> Schedule:
    """Wan's grid for UniPC: evenly spaced from 0.999 to 0 before the shift, so the first timestep is 999.

    Raises:
        RequestError: steps or shift outside their limits.
    """
    _check(steps, shift)
    start = float(np.float32(0.999))  # Wan takes the largest sigma from a float32 table
    return _truncated(shift_sigmas(np.linspace(start, 0.0, steps + 1)[:-1], shift))


def dpmpp_schedule(steps: int, shift: float) -> Schedule:
    """Wan's grid for DPM++: evenly spaced from 1 to 0 before the shift, so the first timestep is 1000.

    Raises:
        RequestError: steps or shift outside their limits.
    """
    _check(steps, shift)
    return _truncated(shift_sigmas(np.linspace(1.0, 0.0, steps + 1)[:-1], shift))


def euler_schedule(steps: int, shift: float) -> Schedule:
    """The grid of ``dpmpp_schedule`` with fractional timesteps; 4 steps at shift 5 are those of the distilled LoRAs.

    Raises:
        RequestError: steps or shift outside their limits.
    """
    _check(steps, shift)
    return _schedule(shift_sigmas(np.linspace(1.0, 0.0, steps + 1)[:-1], shift))


def explicit_schedule(sigmas: Sequence[float]) -> Schedule:
    """A grid given by hand, such as ``DISTILLED_4_STEPS``; the closing 0 may be left out. No shift is applied.

    Raises:
        RequestError: the sigmas are empty, outside 0 … 1 or not falling.
    """
    inner = list(sigmas[:-1] if len(sigmas) > 1 and sigmas[-1] == 0 else sigmas)
    shown = ", ".join(f"{sigma:g}" for sigma in sigmas)
    if not 1 <= len(inner) <= MAX_STEPS:
        raise RequestError(f"The sigmas are [{shown}]; give 1 to {MAX_STEPS} numbers above 0, falling.")
    if not all(0 < sigma <= 1 for sigma in inner) or any(low >= high for high, low in itertools.pairwise(inner)):
        raise RequestError(f"The sigmas are [{shown}]; each must be above 0, at most 1 and below the one before it.")
    return _schedule(np.asarray(inner, dtype=np.float64))


def shift_sigmas(sigmas: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
    """More of the steps at high noise (shift > 1): shift * sigma / (1 + (shift - 1) * sigma)."""
    return shift * sigmas / (1 + (shift - 1) * sigmas)


def _check(steps: int, shift: float) -> None:
    if not 1 <= steps <= MAX_STEPS:
        raise RequestError(f"The number of steps is {steps}; it must be from 1 to {MAX_STEPS}.")
    if not (math.isfinite(shift) and 0.0 < shift <= 100.0):
        raise RequestError(f"The shift is {shift}; it must be above 0 and at most 100 (Wan: 3 for 480p, 5 for 720p).")


def _truncated(sigmas: NDArray[np.float64]) -> Schedule:
    return _schedule(sigmas, np.trunc)


def _schedule(
    sigmas: NDArray[np.float64], rounding: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
) -> Schedule:
    timesteps = sigmas * TRAIN_TIMESTEPS  # before sigma is rounded to float32, as in Wan
    timesteps = timesteps if rounding is None else rounding(timesteps)
    closed = np.append(sigmas, 0.0)
    return Schedule(torch.from_numpy(closed.astype(np.float32)), torch.from_numpy(timesteps.astype(np.float32)))
