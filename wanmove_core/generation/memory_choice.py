"""How much memory of the device a model may take, as the command line says it, and the plan for that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from ..loading.memory_estimate import activation_bytes, context_bytes, token_count
from ..models.dit import DiTConfig, WanDiT
from ..models.quantised import CHUNK, QuantisedLinear
from ..request.contents import GenerateRequest
from ..residency.free_memory import allowed_bytes
from ..residency.plan import ResidencyPlan, plan_residency
from ..residency.sizes import network_sizes, parts_of
from ..sampling.guidance_scale import Pass, needed_passes
from ..variants import WanVariant


@dataclass(frozen=True)
class Size:
    """What a generation makes of the memory that it computes in."""

    tokens: int
    """of the video"""
    prompts: int
    """that the network is told, the negative one included"""


MemoryChoice = int | Literal["auto", "off"]
"""bytes; ``auto``: what is free on a CUDA device, and no limit on others; ``off``: no limit"""
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_WIDENING = 4 * 4 * CHUNK
"""bytes that a few parts of a packed weight take in float32 while it is widened"""


def read_memory(text: str) -> MemoryChoice:
    """``auto``, ``off``, or a size as 16GB, 7.5 GB or 800MB (of 1,000 MB a GB).

    Raises:
        ValueError: none of these.
    """
    if text in ("auto", "off"):
        return text
    read = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?([kmgt]?)b?", text.strip().lower())
    if read is None or not (size := round(float(read[1]) * _UNITS[read[2]])):
        raise ValueError(f'"{text}" is no size of memory')
    return size


def is_limited(choice: MemoryChoice, device: torch.device) -> bool:
    """Whether a plan is made, and so the weights wait in the CPU's memory."""
    return choice != "off" and (choice != "auto" or device.type == "cuda")


def plan_networks(
    networks: Sequence[WanDiT], dtype: torch.dtype, size: Size, choice: MemoryChoice, device: torch.device
) -> list[ResidencyPlan] | None:
    """A plan for each of networks that run one at a time; None without a limit.

    What only makes keys and values of the prompts (``context_layers``) is not counted, but these are.

    Args:
        dtype: they compute in.
        size: of the generation, see ``size_of``.

    Raises:
        RequestError: too little memory for any.
    """
    limit = choice if isinstance(choice, int) else None
    allowed = allowed_bytes(device, limit) if is_limited(choice, device) else None
    if allowed is None:
        return None
    return [
        plan_residency(network_sizes(network, parts_of(context_layers(network))), working_bytes(network, dtype, size), allowed)
        for network in networks
    ]


def working_bytes(network: WanDiT, dtype: torch.dtype, size: Size) -> int:
    """What a network computes in at the most: its activations, keys and values of the prompts, the largest weight widened."""
    packed = [layer for layer in network.modules() if isinstance(layer, QuantisedLinear)]
    widened = max((layer.in_features * layer.out_features for layer in packed), default=0) * dtype.itemsize
    kept = context_bytes(network.config, size.prompts, dtype.itemsize)
    return activation_bytes(network.config, size.tokens, dtype.itemsize) + kept + widened + min(_WIDENING, 8 * widened)


def context_layers(network: nn.Module) -> list[nn.Module]:
    """What a network needs before its first step only, so that it is not brought with it (``OneOnDevice``)."""
    return network.context_layers() if isinstance(network, WanDiT) else []


def size_of(variant: WanVariant, config: DiTConfig, request: GenerateRequest | None) -> Size:
    """Of a request; without one, of the video that the model makes by default."""
    if request is None:
        usual = variant.defaults
        return Size(token_count(config, variant, usual.width, usual.height, usual.length), 2)
    scales = [request.sampling.scale_at(step, high) for step in range(request.sampling.steps) for high in (False, True)]
    prompts = {which is Pass.PROMPTED for scale in scales for which in needed_passes(scale)}
    return Size(token_count(config, variant, request.width, request.height, request.length), len(prompts))
