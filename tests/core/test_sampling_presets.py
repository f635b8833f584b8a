"""Sampling presets: rows over a model's own defaults, and values of the user's before both."""

import pytest
import torch

from wanmove_core.errors import RequestError
from wanmove_core.sampling.sampling_presets import SAMPLING_PRESETS, StepPlan, plan_steps
from wanmove_core.sampling.schedule import DISTILLED_4_STEPS, euler_schedule, explicit_schedule
from wanmove_core.sampling.solvers import SOLVERS
from wanmove_core.variants import DEMO, T2V_A14B, WAN_MOVE


@pytest.mark.parametrize(
    ("preset", "defaults", "plan"),
    [
        ("full", WAN_MOVE.defaults, StepPlan(40, 3.0, 5.0, "unipc")),
        ("draft", WAN_MOVE.defaults, StepPlan(10, 3.0, 1.0, "unipc")),
        ("distilled", WAN_MOVE.defaults, StepPlan(4, 5.0, 1.0, "euler")),
        ("hybrid", WAN_MOVE.defaults, StepPlan(8, 5.0, 5.0, "euler", undistilled=4)),
        ("full", T2V_A14B.defaults, StepPlan(40, 12.0, 3.0, "unipc", cfg_high=4.0)),
        ("hybrid", T2V_A14B.defaults, StepPlan(8, 5.0, 3.0, "euler", cfg_high=4.0, undistilled=4)),
        ("distilled", T2V_A14B.defaults, StepPlan(4, 5.0, 1.0, "euler")),
        ("full", DEMO.defaults, StepPlan(2, 8.0, 1.0, "unipc")),
        ("draft", DEMO.defaults, StepPlan(1, 8.0, 1.0, "unipc")),
    ],
)
def test_a_preset_is_filled_up_with_what_the_authors_sample_with(preset: str, defaults: object, plan: StepPlan) -> None:
    assert plan_steps(preset, defaults) == plan  # type: ignore[arg-type]


def test_a_given_value_goes_before_the_presets() -> None:
    assert plan_steps("distilled", WAN_MOVE.defaults, steps=8, shift=3.5, cfg=2.0) == StepPlan(8, 3.5, 2.0, "euler")
    assert plan_steps("hybrid", WAN_MOVE.defaults, steps=5).undistilled == 3
    assert plan_steps("full", T2V_A14B.defaults, cfg=6.0) == StepPlan(40, 12.0, 6.0, "unipc")


@pytest.mark.parametrize(
    ("steps", "sigmas"),
    [
        (None, [1, 15 / 16, 5 / 6, 5 / 8, 0]),
        (6, [1, 25 / 26, 10 / 11, 5 / 6, 5 / 7, 1 / 2, 0]),
        (8, [1, 35 / 36, 15 / 16, 25 / 28, 5 / 6, 3 / 4, 5 / 8, 5 / 12, 0]),
    ],
)
def test_the_distilled_preset_walks_the_grid_of_the_distilled_loras(steps: int | None, sigmas: list[float]) -> None:
    plan = plan_steps("distilled", WAN_MOVE.defaults, steps)
    schedule = SOLVERS[plan.solver].schedule(plan.steps, plan.shift)
    torch.testing.assert_close(schedule.sigmas, torch.tensor(sigmas, dtype=torch.float32), atol=6e-8, rtol=0)


def test_the_distilled_grid_of_four_steps_is_the_released_one_bit_for_bit() -> None:
    ours, released = euler_schedule(4, 5.0), explicit_schedule(DISTILLED_4_STEPS)
    assert torch.equal(ours.sigmas, released.sigmas) and torch.equal(ours.timesteps, released.timesteps)


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(RequestError, match='The sampling preset is "best"; use one of full, draft, distilled, hybrid'):
        plan_steps("best", WAN_MOVE.defaults)


def test_each_preset_says_what_it_is_for() -> None:
    assert all(row.purpose for row in SAMPLING_PRESETS)
