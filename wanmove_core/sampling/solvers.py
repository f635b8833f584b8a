"""Solvers of the flow-matching ODE, each one function: (model, noise, schedule, callback) -> latent.

The model predicts a velocity v = noise - clean, so the clean estimate at noise level sigma is x - sigma * v. The solvers know
nothing of prompts, tracks or guidance scales: those are in the model that is passed in. Notation of the papers: alpha =
1 - sigma, lambda = log(alpha / sigma), h = the step in lambda.

UniPC: Zhao et al. 2023 (arXiv 2302.04867), data prediction, B2(h) = e^h - 1, order 2, a corrector at each step but the first.
DPM++ 2M: Lu et al. 2022 (arXiv 2211.01095), midpoint. The order of the float32 operations is that of diffusers (and of Wan,
which took its solvers from there), so that the results are equal bit for bit on the same grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import torch

from .schedule import Schedule, dpmpp_schedule, euler_schedule, unipc_schedule

SolverName = Literal["unipc", "dpm++", "euler"]
LARGEST_SIGMA = 1.0 - 1e-6
"""At sigma = 1 lambda is minus infinity, which UniPC's second corrector cannot solve with; the value is diffusers'."""


class Model(Protocol):
    """What a solver asks of a network."""

    def __call__(self, latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor, /) -> torch.Tensor:
        """Velocity, shaped as ``latent``. ``timestep`` and ``sigma`` are float32 scalars on the CPU."""
        ...


class StepCallback(Protocol):
    """Told after each step; may raise to stop the solver."""

    def __call__(self, step: int, total: int, denoised: torch.Tensor, /) -> None:
        """``step`` of ``total`` (counted from 1) is done; ``denoised`` is its clean estimate, not to be written to or kept."""
        ...


class Solver(Protocol):
    """The form of each function below."""

    def __call__(
        self, model: Model, noise: torch.Tensor, schedule: Schedule, callback: StepCallback | None = None
    ) -> torch.Tensor: ...


@dataclass(frozen=True)
class SolverRow:
    """A solver and the grid that it is meant for."""

    solve: Solver
    schedule: Callable[[int, float], Schedule]


def euler(model: Model, noise: torch.Tensor, schedule: Schedule, callback: StepCallback | None = None) -> torch.Tensor:
    """First order: one straight line a step. The choice for distilled models of few steps."""
    x, sigmas = noise, schedule.sigmas
    for step in range(schedule.steps):
        velocity = model(x, schedule.timesteps[step], sigmas[step]).to(x.dtype)
        denoised = x - sigmas[step] * velocity
        x = x + (sigmas[step + 1] - sigmas[step]) * velocity
        _tell(callback, step, schedule, denoised)
    return x


def dpmpp_2m(model: Model, noise: torch.Tensor, schedule: Schedule, callback: StepCallback | None = None) -> torch.Tensor:
    """DPM-Solver++ 2M, midpoint: second order from the previous estimate; first and last step are of first order."""
    x, sigmas = noise, schedule.sigmas
    alphas, lambdas = 1 - sigmas, _lambdas(sigmas)
    previous: torch.Tensor | None = None
    for step in range(schedule.steps):
        denoised = x - sigmas[step] * model(x, schedule.timesteps[step], sigmas[step]).to(x.dtype)
        h = lambdas[step + 1] - lambdas[step]
        growth = alphas[step + 1] * (torch.exp(-h) - 1.0)
        x = (sigmas[step + 1] / sigmas[step]) * x - growth * denoised
        if previous is not None and step < schedule.steps - 1:
            ratio = (lambdas[step] - lambdas[step - 1]) / h
            x = x - 0.5 * growth * ((1.0 / ratio) * (denoised - previous))
        previous = denoised
        _tell(callback, step, schedule, denoised)
    return x


def unipc(model: Model, noise: torch.Tensor, schedule: Schedule, callback: StepCallback | None = None) -> torch.Tensor:
    """UniPC of order 2 (bh2): predict with the last two estimates, correct with the new one; Wan's default."""
    x, sigmas = noise, schedule.sigmas.clamp(max=LARGEST_SIGMA)
    before, order = x, 0  # the sample and the order of the last prediction
    estimates: list[torch.Tensor] = []  # the last two, oldest first
    for step in range(schedule.steps):
        denoised = x - sigmas[step] * model(x, schedule.timesteps[step], sigmas[step]).to(x.dtype)
        if step > 0:
            x = _unipc_correct(before, estimates, denoised, _Span(sigmas, step - 1, order))
        estimates = [*estimates, denoised][-2:]
        order = min(2, schedule.steps - step, step + 1)
        before, x = x, _unipc_predict(x, estimates, _Span(sigmas, step, order))
        _tell(callback, step, schedule, denoised)
    return x


SOLVERS: dict[SolverName, SolverRow] = {
    "unipc": SolverRow(unipc, unipc_schedule),
    "dpm++": SolverRow(dpmpp_2m, dpmpp_schedule),
    "euler": SolverRow(euler, euler_schedule),
}


class _Span:
    """The coefficients of one UniPC step from ``sigmas[start]`` to ``sigmas[start + 1]``; all are float32 scalars."""

    def __init__(self, sigmas: torch.Tensor, start: int, order: int) -> None:
        lambdas = _lambdas(sigmas)
        self.order = order
        self.alpha = 1 - sigmas[start + 1]
        self.shrink = sigmas[start + 1] / sigmas[start]
        self.step = lambdas[start + 1] - lambdas[start]
        self.growth = torch.expm1(-self.step)
        self.ratio = (lambdas[start - 1] - lambdas[start]) / self.step if order == 2 else torch.ones(())

    def first_order(self, x: torch.Tensor, estimate: torch.Tensor) -> torch.Tensor:
        return self.shrink * x - self.alpha * self.growth * estimate

    def corrector_weights(self) -> torch.Tensor:
        """[order]: the last belongs to the new estimate. Solves the paper's eq. 9 for B2(h)."""
        if self.order == 1:
            return torch.full((1,), 0.5)
        negative = -self.step
        phi_1 = self.growth / negative - 1
        phi_2 = phi_1 / negative - 1 / 2
        rates = torch.stack([self.ratio, torch.ones(())])
        matrix = torch.stack([torch.pow(rates, 0), torch.pow(rates, 1)])
        return torch.linalg.solve(matrix, torch.stack([phi_1 / self.growth, phi_2 * 2 / self.growth]))


def _unipc_predict(x: torch.Tensor, estimates: list[torch.Tensor], span: _Span) -> torch.Tensor:
    line = span.first_order(x, estimates[-1])
    if span.order == 1:
        return line
    slope = (estimates[-2] - estimates[-1]) / span.ratio
    return line - span.alpha * span.growth * (0.5 * slope)


def _unipc_correct(before: torch.Tensor, estimates: list[torch.Tensor], new: torch.Tensor, span: _Span) -> torch.Tensor:
    line = span.first_order(before, estimates[-1])
    weights = span.corrector_weights()
    correction = weights[-1] * (new - estimates[-1])
    if span.order == 2:
        correction = weights[0] * ((estimates[-2] - estimates[-1]) / span.ratio) + correction
    return line - span.alpha * span.growth * correction


def _lambdas(sigmas: torch.Tensor) -> torch.Tensor:
    return torch.log(1 - sigmas) - torch.log(sigmas)


def _tell(callback: StepCallback | None, step: int, schedule: Schedule, denoised: torch.Tensor) -> None:
    if callback is not None:
        callback(step + 1, schedule.steps, denoised)
