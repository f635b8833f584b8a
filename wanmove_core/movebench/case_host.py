"""A host that says which case it is about."""

import torch

from ..host import Host


class CaseHost:
    """Passes everything on to another host; a stage is told with the case that it belongs to, "12 of 1018: sample"."""

    def __init__(self, host: Host) -> None:
        self._host, self.about = host, ""

    @property
    def device(self) -> torch.device:
        return self._host.device

    def progress(self, stage: str, step: int, total: int) -> None:
        self._host.progress(f"{self.about}: {stage}" if self.about else stage, step, total)

    def preview(self, latent: torch.Tensor) -> None:
        self._host.preview(latent)

    def wants_preview(self) -> bool:
        return self._host.wants_preview()

    def check_interrupted(self) -> None:
        self._host.check_interrupted()

    def note(self, message: str) -> None:
        self._host.note(message)
