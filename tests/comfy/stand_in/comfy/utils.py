"""Progress, and files of tensors."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file

shown: list[tuple[int, int, bool]] = []
"""step, total and whether a picture came with it, of every bar"""
listener: Callable[[int, int], None] | None = None
"""told each step and its total, by a host that shows them"""


class ProgressBar:
    """The bar of the node that runs."""

    def __init__(self, total: int) -> None:
        self.total = total

    def update_absolute(self, value: int, total: int | None = None, preview: object = None) -> None:
        """So much of so much, with a picture."""
        shown.append((value, self.total if total is None else total, preview is not None))
        if listener is not None:
            listener(value, self.total if total is None else total)


def load_torch_file(path: str, safe_load: bool = False) -> dict[str, torch.Tensor]:
    """The tensors of a file."""
    return load_file(Path(path))
