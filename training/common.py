"""What both trainings share: a resumable run with a time budget, a network with its optimisers and moving average, a log."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from training.muon import Muon, split_parameters

State = dict[str, Any]
Weights = dict[str, torch.Tensor]


@dataclass
class Run:
    """One training run in ``folder``: ``checkpoint.pt`` to go on from, ``log.jsonl`` to read."""

    folder: Path
    minutes: float
    step: int = 0
    elapsed: float = 0.0
    clock: Callable[[], float] = time.monotonic
    """seconds; see ``clock_of``"""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._last = self.clock()

    def start_clock(self) -> None:
        """Count time from now on: what was done before is set-up."""
        self._last = self.clock()

    def tick(self) -> float:
        """Count one step; the share of the time budget that is used, 0 ... 1."""
        now = self.clock()
        self.elapsed += now - self._last
        self._last = now
        self.step += 1
        return min(1.0, self.elapsed / (60 * self.minutes))

    def log(self, **values: Any) -> None:
        """Append a line to the log and print it."""
        line = json.dumps({"step": self.step, "seconds": round(self.elapsed), **values})
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(line + "\n")
        print(line, flush=True)

    def save(self, **state: Any) -> None:
        """Write the checkpoint beside and rename it: an interrupted save loses nothing."""
        path = self.folder / "checkpoint.pt"
        beside = path.with_suffix(".part")
        torch.save({"step": self.step, "elapsed": self.elapsed, **state}, beside)
        beside.replace(path)

    def resume(self) -> State | None:
        """The saved state, with step and elapsed time taken over; None for a new run."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return None
        state = torch.load(path, weights_only=True)
        self.step, self.elapsed = state["step"], state["elapsed"]
        self._last = self.clock()
        return state


def clock_of(device: torch.device) -> Callable[[], float]:
    """The clock of a run's budget: on a CPU the time that the training itself got, so that a run which other work pushes aside
    (idle priority, SIGSTOP) keeps its schedule; elsewhere the wall's."""
    return time.thread_time if device.type == "cpu" else time.monotonic


class Average:
    """Exponential moving average of a network's parameters, with a warm-up so that early steps do not linger."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            self.weights[name].lerp_(value, 1 - decay)


class Trainee:
    """A network in training: Muon for its matrices and kernels, AdamW for the rest, and the moving average of its weights.

    Args:
        aside: parts of names whose weights go to AdamW too.
        share: AdamW's rate as a share of Muon's.
    """

    def __init__(self, network: nn.Module, rate: float, decay: float, aside: tuple[str, ...] = (), share: float = 0.1) -> None:
        matrices, rest = split_parameters(network, aside)
        self.network, self.average = network, Average(network, decay)
        self.optimisers = [Muon(matrices, rate), torch.optim.AdamW(rest, lr=rate * share, betas=(0.9, 0.98))]

    def restore(self, state: State) -> None:
        """Go on from what ``state`` gave."""
        self.network.load_state_dict(state["weights"])
        self.average.weights = state["average"]
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)

    def state(self) -> State:
        """For ``Run.save``."""
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        return {"weights": self.network.state_dict(), "average": self.average.weights, "optimisers": optimisers}

    def learn(self, loss: torch.Tensor, used: float, step: int) -> float:
        """One step down ``loss``, where ``used`` of the time budget is gone; the factor on the learning rates."""
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        factor = set_rate(self.optimisers, used, step)
        for optimiser in self.optimisers:
            optimiser.step()
        self.average.update(self.network, step)
        return factor


def finished_weights(path: Path) -> Weights | None:
    """The moving average of the run in the folder ``path``, or the weights of a safetensors file; None where there is none."""
    if path.suffix == ".safetensors":
        return {name: value.float() for name, value in load_file(path).items()}
    path = path / "checkpoint.pt"
    return torch.load(path, weights_only=True)["average"] if path.exists() else None


def set_rate(optimisers: list[torch.optim.Optimizer], used: float, step: int, warmup: int = 50) -> float:
    """Linear warm-up, flat, then a cosine to 2 % over the last 60 % of the time budget; returns the factor.

    Each group's peak is the rate that it was made with (``initial_lr``).
    """
    fall = max(0.0, (used - 0.4) / 0.6)
    factor = min(1.0, step / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(fall * math.pi)))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group.setdefault("initial_lr", group["lr"])
            group["lr"] = group["initial_lr"] * factor
    return factor
