"""Sampling presets: rows over a model's own defaults, and values of the user's before both."""

import pytest
import torch

from wanmove_core.errors import RequestError
from wanmove_core.sampling.sampling_presets import SAMPLING_PRESETS, StepPlan, plan_steps
from wanmove_core.sampling.schedule import DISTILLED_4_STEPS
from wanmove_core.sampling.solvers import SOLVERS
from wanmove_core.variants import DEMO, WAN_MOVE


@pytest.mark.parametrize(
    ("preset", "defaults", "plan"),
    [
        ("full", WAN_MOVE.defaults, StepPlan(40, 3.0, 5.0, "unipc")),
        ("draft", WAN_MOVE.defaults, StepPlan(10, 3.0, 1.0, "unipc")),
        ("distilled", WAN_MOVE.defaults, StepPlan(4, 5.0, 1.0, "euler")),
        ("full", DEMO.defaults, StepPlan(2, 8.0, 1.0, "unipc")),
        ("draft", DEMO.defaults, StepPlan(1, 8.0, 1.0, "unipc")),
    ],
)
def test_a_preset_is_filled_up_with_what_the_authors_sample_with(preset: str, defaults: object, plan: StepPlan) -> None:
    assert plan_steps(preset, defaults) == plan  # type: ignore[arg-type]


def test_a_given_value_goes_before_the_presets() -> None:
    assert plan_steps("distilled", WAN_MOVE.defaults, steps=8, shift=3.5, cfg=2.0) == StepPlan(8, 3.5, 2.0, "euler")


def test_the_distilled_preset_walks_the_grid_of_the_distilled_loras() -> None:
    plan = plan_steps("distilled", WAN_MOVE.defaults)
    sigmas = SOLVERS[plan.solver].schedule(plan.steps, plan.shift).sigmas
    assert torch.allclose(sigmas, torch.tensor([*DISTILLED_4_STEPS, 0.0]), atol=1e-4)


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(RequestError, match='The sampling preset is "best"; use one of full, draft, distilled'):
        plan_steps("best", WAN_MOVE.defaults)


def test_each_preset_says_what_it_is_for() -> None:
    assert all(row.purpose for row in SAMPLING_PRESETS)
