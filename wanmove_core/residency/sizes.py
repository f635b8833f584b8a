"""How large a network's blocks are, and how their tensors lie behind each other in a buffer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain

import torch
from torch import nn

from ..models.low_rank import LowRankPath

ALIGNMENT = 256
"""bytes; what CUDA gives to each allocation, and more than any kernel asks for"""
PHASE = 64
"""bytes; a CPU's product of a matrix and a vector adds up in an order that depends on where in such a line the matrix begins"""


@dataclass(frozen=True)
class NetworkSizes:
    """Bytes of a network's weights as they are stored, with LoRA beside them."""

    base: int
    """outside the blocks: always on the device"""
    blocks: tuple[int, ...]


def network_sizes(network: nn.Module, apart: Collection[nn.Module] = ()) -> NetworkSizes:
    """The sizes of a network with ``blocks``, each tensor with the room that it has in a buffer; without the modules apart."""
    inside = tuple(_size(block, apart) for block in blocks_of(network))
    return NetworkSizes(_size(network, apart) - sum(inside), inside)


def blocks_of(network: nn.Module) -> list[nn.Module]:
    """The parts of a network that can be streamed, in the order in which it calls them."""
    return list(network.get_submodule("blocks").children())


def parts_of(modules: Iterable[nn.Module]) -> frozenset[nn.Module]:
    """Modules and all that is in them."""
    return frozenset(part for module in modules for part in module.modules())


def tensors_of(module: nn.Module, apart: Collection[nn.Module] = ()) -> list[torch.Tensor]:
    """All that a module and its parts hold, but for those apart: parameters and buffers, each once."""
    parts = [part for part in module.modules() if part not in apart]
    held = (chain(part.parameters(recurse=False), part.buffers(recurse=False)) for part in parts)
    return list({id(tensor): tensor for tensor in chain.from_iterable(held)}.values())


def lay_out(tensors: Iterable[torch.Tensor]) -> tuple[list[int], int]:
    """Where the room of each tensor begins in a buffer, with ``PHASE`` to spare, and the bytes of all rooms."""
    offsets, position = [], 0
    for tensor in tensors:
        offsets.append(position)
        position += _room(tensor.numel() * tensor.element_size())
    return offsets, position


def _size(module: nn.Module, apart: Collection[nn.Module]) -> int:
    """A LoRA counts as with all its ranks at work: which of them are is switched between two steps."""
    _, size = lay_out(tensors_of(module, apart))
    for part in module.modules():
        if isinstance(part, LowRankPath) and part not in apart:
            scale, kept = part.scale, part.kept
            _, now = lay_out((scale, kept))
            size += sum(_room(len(part.down) * each.element_size()) for each in (scale, kept)) - now
    return size


def _room(size: int) -> int:
    return -(-(size + PHASE) // ALIGNMENT) * ALIGNMENT
