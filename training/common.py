"""What both trainings share: a resumable run with a time budget, an exponential moving average, a log line a step."""

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn


@dataclass
class Run:
    """One training run in ``folder``: ``checkpoint.pt`` to go on from, ``log.jsonl`` to read."""

    folder: Path
    minutes: float
    step: int = 0
    elapsed: float = 0.0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._last = time.monotonic()

    def start_clock(self) -> None:
        """Count time from now on: what was done before is set-up."""
        self._last = time.monotonic()

    def tick(self) -> float:
        """Count one step; the share of the time budget that is used, 0 ... 1."""
        now = time.monotonic()
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

    def resume(self) -> dict[str, Any] | None:
        """The saved state, with step and elapsed time taken over; None for a new run."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return None
        state = torch.load(path, weights_only=True)
        self.step, self.elapsed = state["step"], state["elapsed"]
        self._last = time.monotonic()
        return state


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
