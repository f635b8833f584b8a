"""LoRAs applied to a network: merged into its weights for good, or beside them (``lora_beside.py``)."""

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import nn

from ..errors import RequestError
from ..models.low_rank import has_path
from .lora import Lora
from .lora_beside import COMPUTABLE, AppliedLoras, Changes, changed_value, hang_beside, is_shifted

STRENGTH_LIMIT = 100.0

Progress = Callable[[int, int], None]
"""called before each weight with how many are done and how many there are; may raise to interrupt"""


def apply_loras(
    network: nn.Module,
    loras: Sequence[tuple[Lora, float]],
    how: Literal["merge", "side"] = "merge",
    dtype: torch.dtype | None = None,
    progress: Progress | None = None,
) -> AppliedLoras:
    """Let a network compute with LoRAs, each with its strength; all of a network at once.

    Args:
        how: "merge" adds strength * alpha / rank * (up @ down) of all to each weight in float32 and rounds once to the weight's
            dtype. It takes no time later and cannot be undone; an interruption leaves the network half changed. "side" leaves
            quantised or float weights as they are, takes the memory of the factors and a few percent of time.
        dtype: of the factors beside the weights; None takes that of the layer's weight, bfloat16 for a quantised one.

    Raises:
        RequestError: a strength is out of its limits, weights to merge into are quantised, or the network has LoRAs already.
    """
    strengths = tuple(float(strength) for _, strength in loras)
    for (lora, _), strength in zip(loras, strengths, strict=True):
        if not math.isfinite(strength) or abs(strength) > STRENGTH_LIMIT:
            limits = f"-{STRENGTH_LIMIT:g} to {STRENGTH_LIMIT:g} are possible, 1 is usual"
            raise RequestError(f"The strength of {lora.report.path.name} is {strength:g}; {limits}.")
    if any(has_path(module) or is_shifted(module) for module in network.modules()):
        raise RequestError("This model has LoRAs beside its weights already; remove them first, or apply all LoRAs at once.")
    changes = _by_parameter([lora for lora, _ in loras])
    reports = tuple(lora.report for lora, _ in loras)
    if how == "side":
        paths, shifts = hang_beside(network, changes, dtype)
        return AppliedLoras(reports, strengths, paths, shifts)
    _merge(network, changes, strengths, progress)
    return AppliedLoras(reports, strengths)


def _by_parameter(loras: Sequence[Lora]) -> Changes:
    changes: Changes = {}
    for index, lora in enumerate(loras):
        for change in (*lora.pairs, *lora.deltas):
            changes.setdefault(change.parameter, []).append((index, change))
    return changes


def _merge(network: nn.Module, changes: Changes, strengths: tuple[float, ...], progress: Progress | None) -> None:
    parameters = dict(network.named_parameters())
    for name in changes:
        if name not in parameters or parameters[name].dtype not in COMPUTABLE:
            stored = f"is {parameters[name].dtype}" if name in parameters else "is stored in another way"
            raise RequestError(
                f"LoRAs cannot be merged into the quantised weights of this model ({name} {stored}); apply them beside the "
                "weights."
            )
    for done, (name, ones) in enumerate(changes.items()):
        if progress is not None:
            progress(done, len(changes))
        parameters[name].data = changed_value(parameters[name].data, [(strengths[index], change) for index, change in ones])
