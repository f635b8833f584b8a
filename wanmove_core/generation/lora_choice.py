"""A LoRA as the command line names it: a file, a strength, an expert."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Expert = Literal["high", "low"]


@dataclass(frozen=True)
class LoraChoice:
    """A LoRA file, how strongly it acts, and on which of two experts; on both, or on the only network, if none is named."""

    path: Path
    strength: float = 1.0
    expert: Expert | None = None
    is_distilled: bool = False
    """it distils the network to few steps: the one that a hybrid sampling switches off at first"""


def read_lora_choice(text: str, is_distilled: bool = False) -> LoraChoice:
    """``FILE[:strength][:high|low]``; a colon in the file's own name (``C:\\loras``) stays with it."""
    file, strength, expert = text, 1.0, None
    if ending := re.search(r":(high|low)$", file):
        file, expert = file[: ending.start()], "high" if ending[1] == "high" else "low"
    if ending := re.search(r":([+-]?\d*\.?\d+)$", file):
        file, strength = file[: ending.start()], float(ending[1])
    return LoraChoice(Path(file), strength, expert, is_distilled)
