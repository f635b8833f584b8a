"""How the networks of a model compute what is most of the work: the kernel of attention, and products in 8 bits on request."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..errors import RequestError
from ..host import Host
from ..models.attention_backends import load_backend
from ..models.attention_choice import find_attention, use_attention
from ..models.dit import WanDiT
from ..models.fp8_products import find_row_wise, use_fp8_products


@dataclass(frozen=True)
class KernelChoice:
    """What a user asked for."""

    attention: str = "auto"
    """a name of ``BACKENDS``, or ``auto``: the exact one that is measured to be the fastest on the device"""
    fp8_matmul: bool = False
    """products of 8-bit weights with activations that are rounded to 8 bits, too"""


def check_kernels(choice: KernelChoice, device: torch.device) -> None:
    """What can be told before anything is encoded or loaded.

    Raises:
        RequestError: a package is missing, or the device has no 8-bit products.
    """
    if choice.attention != "auto":
        load_backend(choice.attention)
    if choice.fp8_matmul:
        find_row_wise(device)


def use_kernels(choice: KernelChoice, networks: Sequence[WanDiT], dtype: torch.dtype, tokens: int, host: Host) -> None:
    """Prepare networks to compute as was asked for, and tell the host how; before LoRAs are hung beside their layers.

    Args:
        dtype: they compute in.
        tokens: of the video.

    Raises:
        RequestError: the device or the weights cannot do what was asked for.
    """
    config = networks[0].config
    found = find_attention(choice.attention, host.device, dtype, (1, tokens, config.heads, config.head_dim))
    if found.note:
        host.note(found.note)
    for network in networks:
        use_attention(network, found.attention)
    if choice.fp8_matmul:
        row_wise = find_row_wise(host.device)
        changed = [use_fp8_products(network, row_wise) for network in networks]
        if not all(changed):
            raise RequestError(
                "--fp8-matmul needs a model whose weights are stored as 8-bit floats (float8_e4m3fn), and these are not. Use "
                "the scaled fp8 file, or leave it out."
            )
        host.note(f"{sum(changed)} layers multiply in 8 bits: approximate, as what they are given is rounded to 8 bits.")
