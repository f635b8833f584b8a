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
    undistilled_share: float = 0.0
    """of the steps, rounded up: so many run first, without that LoRA and with text guidance"""


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
    SamplingPreset(
        "hybrid",
        "8 steps: the motion is made by the first 4, with text guidance and without the step-distilled LoRA, the rest with it",
        steps=8,
        shift=5.0,
        solver="euler",
        wants_distilled=True,
        undistilled_share=0.5,
    ),
)
"""4 steps of Euler at shift 5 are the grid that lightx2v's LoRAs were trained on (``schedule.DISTILLED_4_STEPS``)"""


@dataclass(frozen=True)
class StepPlan:
    """How many steps, on which grid, with which text guidance and solver."""

    steps: int
    shift: float
    cfg: float
    """of the only network or of the low-noise expert"""
    solver: SolverName
    cfg_high: float | None = None
    """of the high-noise expert; None = as ``cfg``"""
    undistilled: int = 0
    """steps at the start without the step-distilled LoRA; the others have no text guidance"""


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

    A ``cfg`` that is given, or the preset's, is that of both experts.

    Raises:
        RequestError: there is no such preset.
    """
    row = find_preset(preset)
    all_steps = _first(steps, row.steps, math.ceil(defaults.steps * row.step_share))
    return StepPlan(
        steps=all_steps,
        shift=_first(shift, row.shift, defaults.shift),
        cfg=_first(cfg, row.cfg, defaults.cfg),
        solver=row.solver,
        cfg_high=defaults.cfg_high if cfg is None and row.cfg is None else None,
        undistilled=math.ceil(all_steps * row.undistilled_share),
    )


def _first(given: Number | None, preset: Number | None, default: Number) -> Number:
    return given if given is not None else preset if preset is not None else default
