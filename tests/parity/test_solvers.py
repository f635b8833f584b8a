"""Our solvers against diffusers' schedulers with Wan's grid injected: equal bit for bit at every step."""

from typing import Any

import pytest
import torch

from wanmove_core.sampling.schedule import Schedule, dpmpp_schedule, euler_schedule, explicit_schedule, unipc_schedule
from wanmove_core.sampling.solvers import Solver, dpmpp_2m, euler, unipc

pytestmark = pytest.mark.parity
diffusers = pytest.importorskip("diffusers")

SHIFTS = (1.0, 3.0, 5.0, 12.0)
STEPS = (1, 2, 3, 4, 10, 14, 15, 40)


def toy_model(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """A bounded velocity that depends on everything a network depends on."""
    return torch.sin(latent * 1.7 + timestep / 300) + 0.3 * latent.roll(1, -1) * sigma


def their_trajectory(scheduler: Any, noise: torch.Tensor, schedule: Schedule) -> list[torch.Tensor]:
    scheduler.set_timesteps(schedule.steps)
    scheduler.sigmas, scheduler.timesteps = schedule.sigmas, schedule.timesteps
    scheduler.set_begin_index(0)
    x, seen = noise, []
    for timestep, sigma in zip(schedule.timesteps, schedule.sigmas, strict=False):
        seen.append(x)
        x = scheduler.step(toy_model(x, timestep, sigma), timestep, x, return_dict=False)[0]
    return [*seen, x]


def our_trajectory(solver: Solver, noise: torch.Tensor, schedule: Schedule) -> list[torch.Tensor]:
    seen: list[torch.Tensor] = []

    def recording(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        seen.append(latent)
        return toy_model(latent, timestep, sigma)

    last = solver(recording, noise, schedule)
    return [*seen, last]


def assert_equal(ours: list[torch.Tensor], theirs: list[torch.Tensor]) -> None:
    assert len(ours) == len(theirs)
    for step, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        assert bool(their.isfinite().all())
        assert torch.equal(our, their), f"step {step}: {(our - their).abs().max()}"


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("steps", STEPS)
def test_unipc_equals_diffusers_bit_for_bit(steps, shift):
    noise = torch.randn(1, 16, 3, 4, 5, generator=torch.Generator().manual_seed(steps))
    scheduler = diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, solver_order=2)
    schedule = unipc_schedule(steps, shift)
    assert_equal(our_trajectory(unipc, noise, schedule), their_trajectory(scheduler, noise, schedule))


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("steps", STEPS)
def test_dpmpp_2m_equals_diffusers_bit_for_bit(steps, shift):
    noise = torch.randn(1, 16, 3, 4, 5, generator=torch.Generator().manual_seed(steps))
    scheduler = diffusers.DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, algorithm_type="dpmsolver++", solver_type="midpoint"
    )
    schedule = dpmpp_schedule(steps, shift)
    assert_equal(our_trajectory(dpmpp_2m, noise, schedule), their_trajectory(scheduler, noise, schedule))


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("steps", STEPS)
def test_euler_equals_diffusers_bit_for_bit(steps, shift):
    noise = torch.randn(1, 16, 3, 4, 5, generator=torch.Generator().manual_seed(steps))
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler()
    schedule = euler_schedule(steps, shift)
    assert_equal(our_trajectory(euler, noise, schedule), their_trajectory(scheduler, noise, schedule))


def test_unipc_starts_at_sigma_one_as_diffusers_does():
    schedule = explicit_schedule((1.0, 0.9, 0.7, 0.4))
    scheduler = diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, solver_order=2)
    noise = torch.randn(1, 4, 2, 3, 3)
    clamped = Schedule(schedule.sigmas.clamp(max=1 - 1e-6), schedule.timesteps)
    assert_equal(our_trajectory(unipc, noise, schedule), their_trajectory(scheduler, noise, clamped))
