"""Which forwards a guidance scale needs and what becomes of them."""

import pytest
import torch

from wanmove_core.errors import RequestError
from wanmove_core.sampling.guidance_scale import GuidanceScale, Pass, guided_velocity, needed_passes, pass_weights

C, E, U = Pass.PROMPTED, Pass.MOTION, Pass.PLAIN
VALUES = {C: 100.0, E: 10.0, U: 1.0}

CASES = [
    (GuidanceScale(5.0), (C, E), 10 + 5 * 90),
    (GuidanceScale(5.0, "clean"), (C, U), 1 + 5 * 99),
    (GuidanceScale(1.0), (C,), 100),
    (GuidanceScale(1.0, "clean"), (C,), 100),
    (GuidanceScale(0.0), (E,), 10),
    (GuidanceScale(0.0, "clean"), (U,), 1),
    (GuidanceScale(5.0, motion=2.0), (C, E, U), 1 + 2 * 9 + 5 * 90),
    (GuidanceScale(5.0, motion=1.0), (C, E), 10 + 5 * 90),  # as "edited"
    (GuidanceScale(5.0, motion=5.0), (C, U), 1 + 5 * 99),  # as "clean"
    (GuidanceScale(1.0, motion=1.0), (C,), 100),
    (GuidanceScale(0.0, motion=3.0), (E, U), 1 + 3 * 9),
    (GuidanceScale(0.0, motion=0.0), (U,), 1),
    (GuidanceScale(0.0, motion=1.0), (E,), 10),
    (GuidanceScale(1.0, motion=3.0), (C, E, U), 1 + 3 * 9 + 90),
]


@pytest.mark.parametrize(("scale", "passes", "expected"), CASES)
def test_only_the_passes_that_count_are_run_and_combined_as_stated(scale, passes, expected):
    asked: list[Pass] = []

    def predict(which: Pass) -> torch.Tensor:
        asked.append(which)
        return torch.tensor([VALUES[which]])

    assert guided_velocity(scale, predict).item() == expected
    assert tuple(asked) == needed_passes(scale) == passes
    assert sum(weight for _, weight in pass_weights(scale)) == 1
    assert sum(weight * VALUES[which] for which, weight in pass_weights(scale)) == pytest.approx(expected)


def test_text_guidance_keeps_the_order_of_operations_of_wan():
    c, e = torch.randn(2, 1000)
    velocity = guided_velocity(GuidanceScale(5.0), lambda which: c if which is C else e)
    assert torch.equal(velocity, e + 5.0 * (c - e))


@pytest.mark.parametrize("value", [-1.0, 101.0, float("nan"), float("inf")])
def test_a_scale_outside_its_limits_is_refused(value):
    with pytest.raises(RequestError, match=r"The guidance scale is"):
        GuidanceScale(value)
    with pytest.raises(RequestError, match=r"The motion guidance scale is"):
        GuidanceScale(5.0, motion=value)


def test_an_unknown_unconditional_pass_is_refused():
    with pytest.raises(RequestError, match=r"edited, clean"):
        GuidanceScale(5.0, "both")  # pyright: ignore[reportArgumentType]
