"""What the engine asks of whoever runs it: a device, somewhere to report to, and a way to be stopped."""

import sys
from typing import Protocol

import torch
from tqdm import tqdm


class Host(Protocol):
    """The engine's surroundings. ComfyUI, a terminal and a test each bring their own."""

    @property
    def device(self) -> torch.device:
        """Where the models run."""
        ...

    def progress(self, stage: str, step: int, total: int) -> None:
        """``step`` of ``total`` of the named stage is done (``step`` counts from 1; 0 announces the stage)."""
        ...

    def preview(self, latent: torch.Tensor) -> None:
        """Show a denoised estimate, latent [C, T', H', W']; called at most once a step. Must not keep it."""
        ...

    def wants_preview(self) -> bool:
        """Whether ``preview`` does anything; when not, the engine does not compute what only it would need."""
        ...

    def check_interrupted(self) -> None:
        """Raise a ``BaseException`` of the host's own kind if the user asked to stop; else return."""
        ...

    def note(self, message: str) -> None:
        """Tell the user one thing worth knowing that is not an error."""
        ...


class SilentHost:
    """Runs on one device and reports nothing."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)

    @property
    def device(self) -> torch.device:
        return self._device

    def progress(self, stage: str, step: int, total: int) -> None:
        pass

    def preview(self, latent: torch.Tensor) -> None:
        pass

    def wants_preview(self) -> bool:
        return False

    def check_interrupted(self) -> None:
        pass

    def note(self, message: str) -> None:
        pass


class TerminalHost(SilentHost):
    """A tqdm bar a stage and notes on standard error. Ctrl+C interrupts by itself (``KeyboardInterrupt``)."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        super().__init__(device)
        self._bar: tqdm | None = None
        self._stage = ""

    def progress(self, stage: str, step: int, total: int) -> None:
        if self._bar is None or stage != self._stage:
            self.close()
            self._bar, self._stage = tqdm(total=total, desc=stage, leave=False), stage
        self._bar.update(step - self._bar.n)
        if step >= total:
            self.close()

    def note(self, message: str) -> None:
        tqdm.write(f"note: {message}", file=sys.stderr)

    def close(self) -> None:
        """Take the bar off the terminal; safe to call at any time."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
