"""Ways to sample by name, a row each: what the authors do, and quicker ones. A value that is given goes before the preset's."""

import math
from dataclasses import dataclass
from typing import TypeVar

from ..errors import RequestError
from ..variants import SamplingDefaults
from .solvers import SolverName

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class SamplingPreset:
    """One way; None = as the model's authors sample."""

    name: str
    purpose: str
    """what a user gets, for a tooltip"""
    step_share: float = 1.0
    """of the authors' steps, rounded up"""
    steps: int | None = None
    shift: float | None = None
    cfg: float | None = None
    solver: SolverName = "unipc"
    wants_distilled: bool = False
    """good only with a network that was distilled to few steps, mostly by a LoRA"""


SAMPLING_PRESETS: tuple[SamplingPreset, ...] = (
    SamplingPreset("full", "as the model's authors sample"),
    SamplingPreset(
        "draft", "a quarter of the steps and no text guidance: an eighth of the time, for the motion", 0.25, cfg=1.0
    ),
    SamplingPreset(
        "distilled",
        "4 steps for a step-distilled LoRA, which has to be loaded",
        steps=4,
        shift=5.0,
        cfg=1.0,
        solver="euler",
        wants_distilled=True,
    ),
)
"""4 steps of Euler at shift 5 are the grid that lightx2v's LoRAs were trained on (``schedule.DISTILLED_4_STEPS``)"""


@dataclass(frozen=True)
class StepPlan:
    """How many steps, on which grid, with which text guidance and solver."""

    steps: int
    shift: float
    cfg: float
    solver: SolverName


def find_preset(name: str) -> SamplingPreset:
    """The row of that name.

    Raises:
        RequestError: there is none.
    """
    row = next((row for row in SAMPLING_PRESETS if row.name == name), None)
    if row is None:
        known = ", ".join(row.name for row in SAMPLING_PRESETS)
        raise RequestError(f'The sampling preset is "{name}"; use one of {known}.')
    return row


def plan_steps(
    preset: str, defaults: SamplingDefaults, steps: int | None = None, shift: float | None = None, cfg: float | None = None
) -> StepPlan:
    """The preset for a model with these defaults; what is not None is taken instead of the preset's.

    Raises:
        RequestError: there is no such preset.
    """
    row = find_preset(preset)
    return StepPlan(
        steps=_first(steps, row.steps, math.ceil(defaults.steps * row.step_share)),
        shift=_first(shift, row.shift, defaults.shift),
        cfg=_first(cfg, row.cfg, defaults.cfg),
        solver=row.solver,
    )


def _first(given: Number | None, preset: Number | None, default: Number) -> Number:
    return given if given is not None else preset if preset is not None else default
