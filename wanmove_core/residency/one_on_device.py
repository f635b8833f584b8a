"""Of several networks one at a time on the device, whole or with blocks that are streamed through it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from ..errors import RequestError
from .block_streamer import BlockStreamer
from .plan import BUFFERS, ResidencyPlan
from .sizes import blocks_of, lay_out, parts_of, tensors_of
from .staging import copy_into, open_staging

Apart = Callable[[nn.Module], Iterable[nn.Module]]


def _nothing(network: nn.Module) -> Iterable[nn.Module]:
    return ()


class OneOnDevice:
    """Moves networks to the device and back. Two experts of 28 GB each do not fit together, and one often does not either.

    A network goes back by taking up the tensors that it had before, so nothing is copied back, and what was mapped from a file
    stays mapped. While a network is on the device nobody else may change its weights: the change would be lost.

    Args:
        networks: where they wait, mostly in the memory of the CPU.
        plans: for each network which of its blocks are streamed; None: all lie on the device while the network runs. With a
            plan what is resident is copied even where the device is that of the weights, so that it takes what the plan says.
        apart: modules of a network that are not brought; who needs them does so inside ``around``.
    """

    def __init__(
        self,
        networks: Sequence[nn.Module],
        device: torch.device | str,
        plans: Sequence[ResidencyPlan] | None = None,
        apart: Apart = _nothing,
    ) -> None:
        self._networks, self._device = tuple(networks), torch.device(device)
        self._apart = apart
        self._plans = (None,) * len(networks) if plans is None else tuple(plans)
        self._here: nn.Module | None = None
        self._home: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._streamer: BlockStreamer | None = None
        self.moves = 0
        """how often a network was brought"""
        self.weight_bytes = 0
        """on the device now, buffers included"""
        self.peak_weight_bytes = 0

    def __call__(self, network: nn.Module | None) -> None:
        """Have this network on the device and no other; None: none of them.

        Raises:
            RequestError: the device has not enough memory; all networks are back then.
        """
        if network is self._here:
            return
        self._send_home()
        if network is None:
            return
        places = [place for place, known in enumerate(self._networks) if known is network]
        if not places:
            raise ValueError("the network is none of those that were given")
        try:
            self._fetch(network, self._plans[places[0]])
        except torch.OutOfMemoryError as error:
            self._send_home()
            raise RequestError(_too_large(self._device, network, self._plans[places[0]])) from error
        except BaseException:
            self._send_home()
            raise
        self._here, self.moves = network, self.moves + 1

    @contextmanager
    def around(self, modules: Sequence[nn.Module]) -> Iterator[None]:
        """Have these modules' weights on the device for so long, where they are not there anyway."""
        held = [(tensor, tensor.data) for module in modules for tensor in tensors_of(module)]
        away = [(tensor, home) for tensor, home in held if home.device.type != self._device.type]
        try:
            for tensor, home in away:
                tensor.data = home.to(self._device)
            yield
        finally:
            for tensor, home in away:
                tensor.data = home

    def _fetch(self, network: nn.Module, plan: ResidencyPlan | None) -> None:
        apart = parts_of(self._apart(network))
        if plan is None:
            tensors = tensors_of(network, apart)
            for tensor in tensors:
                self._give(tensor, tensor.data.to(self._device))
            self._count(lay_out(tensors)[1])
            return
        blocks = blocks_of(network)
        streamed = [blocks[place] for place in plan.streamed]
        self._copy(tensors_of(network, apart | parts_of(blocks)))
        for place, block in enumerate(blocks):
            if place not in plan.streamed:
                self._copy(tensors_of(block, apart))
        if streamed:
            staging = open_staging(plan.buffer, self._device, min(BUFFERS, len(streamed)))
            self._count(staging.bytes)
            self._streamer = BlockStreamer(streamed, staging, apart)

    def _copy(self, tensors: Sequence[torch.Tensor]) -> None:
        """Tensors into one piece of memory of their own: many would each be rounded up by the device's allocator."""
        homes = [tensor.data for tensor in tensors]
        _, size = lay_out(homes)
        views = copy_into(torch.empty(size, dtype=torch.uint8, device=self._device), homes)
        for tensor, view in zip(tensors, views, strict=True):
            self._give(tensor, view)
        self._count(size)

    def _give(self, tensor: torch.Tensor, value: torch.Tensor) -> None:
        self._home.append((tensor, tensor.data))
        tensor.data = value

    def _count(self, size: int) -> None:
        self.weight_bytes += size
        self.peak_weight_bytes = max(self.peak_weight_bytes, self.weight_bytes)

    def _send_home(self) -> None:
        if self._streamer is not None:
            self._streamer.close()
            self._streamer = None
        for tensor, home in self._home:
            tensor.data = home
        self._home.clear()
        self._here, self.weight_bytes = None, 0


def _too_large(device: torch.device, network: nn.Module, plan: ResidencyPlan | None) -> str:
    if plan is None:
        size = lay_out(tensors_of(network))[1]
        return f"{device} has not enough memory for a network of {size / 1e9:.1f} GB. Use a quantised file, or another device."
    return (
        f"{device} has not the {plan.weights / 1e9:.1f} GB of free memory that are planned for the network's weights. Close "
        "what else uses it, or give less with --memory."
    )
