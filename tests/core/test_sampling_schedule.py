"""Wan's sigma grids as numbers that a person can check."""

import pytest
import torch

from wanmove_core.errors import RequestError
from wanmove_core.sampling.schedule import (
    DISTILLED_4_STEPS,
    dpmpp_schedule,
    euler_schedule,
    explicit_schedule,
    unipc_schedule,
)


@pytest.mark.parametrize(
    ("schedule", "sigmas", "timesteps"),
    [
        (dpmpp_schedule(4, 5.0), [1.0, 0.9375, 0.833333, 0.625, 0.0], [1000, 937, 833, 625]),
        (euler_schedule(4, 5.0), [1.0, 0.9375, 0.833333, 0.625, 0.0], [1000, 937.5, 833.333, 625]),
        (dpmpp_schedule(4, 1.0), [1.0, 0.75, 0.5, 0.25, 0.0], [1000, 750, 500, 250]),
        (unipc_schedule(2, 1.0), [0.999, 0.4995, 0.0], [999, 499]),
        (unipc_schedule(1, 5.0), [0.9998, 0.0], [999]),
        (unipc_schedule(2, 3.0), [2.997 / 2.998, 1.4985 / 1.999, 0.0], [999, 749]),
        (explicit_schedule(DISTILLED_4_STEPS), [1.0, 0.9375, 0.833333, 0.625, 0.0], [1000, 937.5, 833.333, 625]),
        (explicit_schedule([0.5, 0.0]), [0.5, 0.0], [500]),
    ],
)
def test_a_grid_has_these_sigmas_and_timesteps(schedule, sigmas, timesteps):
    torch.testing.assert_close(schedule.sigmas, torch.tensor(sigmas, dtype=torch.float32), atol=1e-6, rtol=0)
    torch.testing.assert_close(schedule.timesteps, torch.tensor(timesteps, dtype=torch.float32), atol=1e-3, rtol=0)
    assert schedule.steps == len(timesteps)
    assert schedule.sigmas.dtype == schedule.timesteps.dtype == torch.float32


@pytest.mark.parametrize("make", [unipc_schedule, dpmpp_schedule, euler_schedule])
@pytest.mark.parametrize("steps", [1, 2, 40, 1000])
@pytest.mark.parametrize("shift", [0.5, 1.0, 12.0, 100.0])
def test_a_grid_falls_to_zero(make, steps, shift):
    sigmas = make(steps, shift).sigmas
    assert bool((sigmas.diff() < 0).all())
    assert sigmas[-1] == 0
    assert sigmas[0] <= 1


@pytest.mark.parametrize(
    ("steps", "shift"), [(0, 5.0), (-1, 5.0), (1001, 5.0), (4, 0.0), (4, -1.0), (4, float("nan")), (4, 101.0)]
)
def test_steps_and_shift_outside_their_limits_are_refused(steps, shift):
    for make in (unipc_schedule, dpmpp_schedule, euler_schedule):
        with pytest.raises(RequestError, match=r"number of steps is|shift is"):
            make(steps, shift)


@pytest.mark.parametrize(
    "sigmas", [[], [0.0], [1.1, 0.5], [0.5, 0.5], [0.5, 0.7], [1.0, float("nan")], [0.5, -0.1], [0.5, 0.0, 0.0]]
)
def test_sigmas_that_are_not_a_falling_row_are_refused(sigmas):
    with pytest.raises(RequestError, match=r"The sigmas are \["):
        explicit_schedule(sigmas)
