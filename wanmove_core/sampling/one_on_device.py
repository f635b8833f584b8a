"""Of several networks one at a time on the device: two experts of 28 GB each do not fit together."""

from collections.abc import Sequence
from itertools import chain

import torch
from torch import nn

from ..errors import RequestError


class OneOnDevice:
    """Moves networks to the device and back.

    A network goes back by taking up the tensors that it had before, so nothing is copied back, and what was mapped from a file
    stays mapped. While a network is on the device nobody else may change its weights: the change would be lost.

    Args:
        networks: where they wait, mostly in the memory of the CPU.
    """

    def __init__(self, networks: Sequence[nn.Module], device: torch.device | str) -> None:
        self._networks, self._device = tuple(networks), torch.device(device)
        self._here: nn.Module | None = None
        self._home: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.moves = 0
        """how often a network was brought"""

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
        if not any(network is known for known in self._networks):
            raise ValueError("the network is none of those that were given")
        try:
            self._fetch(network)
        except torch.OutOfMemoryError as error:
            self._send_home()
            size = sum(tensor.numel() * tensor.element_size() for tensor in _tensors(network)) / 1e9
            raise RequestError(
                f"{self._device} has not enough memory for a network of {size:.1f} GB. Use a quantised file, or another device."
            ) from error
        self._here, self.moves = network, self.moves + 1

    def _fetch(self, network: nn.Module) -> None:
        for tensor in _tensors(network):
            home = tensor.data
            self._home.append((tensor, home))
            tensor.data = home.to(self._device)

    def _send_home(self) -> None:
        for tensor, home in self._home:
            tensor.data = home
        self._home.clear()
        self._here = None


def _tensors(network: nn.Module) -> chain[torch.Tensor]:
    return chain(network.parameters(), network.buffers())
