"""The solvers find the way to the picture, report each step and stop when told to."""

import pytest
import torch

from wanmove_core.sampling.schedule import DISTILLED_4_STEPS, explicit_schedule
from wanmove_core.sampling.solvers import SOLVERS, euler

NAMES = tuple(SOLVERS)


class Interrupted(BaseException):
    """As a host's own."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [1, 2, 3, 10])
def test_a_model_that_knows_the_picture_is_followed_to_it(name, steps):
    picture, noise = torch.randn(2, 2, 3, 4, generator=torch.Generator().manual_seed(0))
    schedule = SOLVERS[name].schedule(steps, 5.0)
    result = SOLVERS[name].solve(lambda x, timestep, sigma: (x - picture) / sigma, noise, schedule)
    torch.testing.assert_close(result, picture, atol=2e-5, rtol=0)


# dx/dsigma = v = x gives x(0) = x(1) / e; what is left after 20 steps shows the order of the solver
@pytest.mark.parametrize(("name", "error"), [("euler", 2e-2), ("dpm++", 5e-3), ("unipc", 3e-3)])
def test_the_solvers_of_second_order_are_the_more_exact(name, error):
    schedule = explicit_schedule([0.999 - index * 0.05 for index in range(20)])
    noise = torch.ones(1, 1, 1, dtype=torch.float64)
    result = SOLVERS[name].solve(lambda x, timestep, sigma: x, noise, schedule).item()
    assert abs(result - 0.3683) < error


def test_euler_on_two_steps_is_this_arithmetic():
    schedule = explicit_schedule([1.0, 0.5])
    assert euler(lambda x, timestep, sigma: x + timestep / 1000, torch.tensor([2.0]), schedule).item() == 0.0
    # 2 - 0.5 * (2 + 1) = 0.5, then 0.5 - 0.5 * (0.5 + 0.5) = 0


@pytest.mark.parametrize("name", NAMES)
def test_the_callback_hears_of_each_step_with_the_clean_estimate(name):
    heard: list[tuple[int, int, float]] = []
    SOLVERS[name].solve(
        lambda x, timestep, sigma: (x - 7.0) / sigma,
        torch.zeros(1, 2),
        SOLVERS[name].schedule(3, 5.0),
        lambda step, total, denoised: heard.append((step, total, round(denoised.mean().item(), 3))),
    )
    assert heard == [(1, 3, 7.0), (2, 3, 7.0), (3, 3, 7.0)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["callback", "model"])
def test_an_interruption_ends_the_solver_at_once(name, where):
    calls: list[float] = []

    def model(x: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        calls.append(sigma.item())
        if where == "model" and len(calls) == 3:
            raise Interrupted
        return x

    def callback(step: int, total: int, denoised: torch.Tensor) -> None:
        if where == "callback" and step == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        SOLVERS[name].solve(model, torch.zeros(1, 2), SOLVERS[name].schedule(10, 5.0), callback)
    assert len(calls) == 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_the_noise_keeps_its_values_and_the_result_its_dtype(name, dtype):
    noise = torch.randn(1, 4, 2, 3, 3).to(dtype)
    before = noise.clone()
    result = SOLVERS[name].solve(lambda x, timestep, sigma: x.float() * 0.5, noise, SOLVERS[name].schedule(4, 3.0))
    assert torch.equal(noise, before)
    assert result.dtype == dtype
    assert result.shape == noise.shape


@pytest.mark.parametrize("name", NAMES)
def test_the_distilled_grid_that_starts_at_pure_noise_works_with_every_solver(name):
    result = SOLVERS[name].solve(lambda x, timestep, sigma: x * 0.3, torch.randn(1, 8), explicit_schedule(DISTILLED_4_STEPS))
    assert bool(result.isfinite().all())
