"""The kernels that attention can be computed with, by name. All but SageAttention are exact: they differ in rounding only.

Nothing here is imported before it is asked for: FlashAttention 3 and SageAttention are packages of their own, which are used
where they are installed. PyTorch (2.11 and later) can put FlashAttention 3 in the place of its own kernel, from the same
package and for the whole process; here the package is called directly, so that nobody else's attention changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..errors import RequestError
from .attention import Attention, sdpa

REFERENCE_ROWS = 32
"""queries whose answer is compared with the plain formula"""
TRIAL_ROWS = 256


@dataclass(frozen=True)
class AttentionBackend:
    """One way to compute attention."""

    label: str
    open: Callable[[], Attention]
    """Raises ImportError where a package is missing"""
    package: str = ""
    """that it needs, and where that is to be had"""
    exact: bool = True
    measured: bool = True
    """whether it takes part where the fastest is looked for; only exact ones may"""


def find_backend(name: str) -> AttentionBackend:
    """The backend of a name.

    Raises:
        RequestError: there is none.
    """
    if name not in BACKENDS:
        raise RequestError(f'There is no attention backend "{name}"; give auto or one of {", ".join(BACKENDS)}.')
    return BACKENDS[name]


def is_approximate(name: str) -> bool:
    """Whether a video made with this ("auto" or a name) differs by more than rounding."""
    return name in BACKENDS and not BACKENDS[name].exact


def load_backend(name: str) -> Attention:
    """The backend of a name, not tried.

    Raises:
        RequestError: there is none of the name, or its package is missing.
    """
    backend = find_backend(name)
    try:
        return backend.open()
    except ImportError as error:
        raise RequestError(
            f'The attention backend "{name}" needs {backend.package}, which is not installed ({error}). Install it, or '
            "leave --attention at auto."
        ) from error


def open_backend(name: str, device: torch.device, dtype: torch.dtype, head_dim: int) -> Attention:
    """The backend of a name, tried on a small input.

    Raises:
        RequestError: there is none of the name, its package is missing, or it does not work here.
    """
    backend, attention = find_backend(name), load_backend(name)
    shape = (1, TRIAL_ROWS, 2, head_dim)
    try:
        q, k, v = random_inputs(shape, device, dtype)
        works = attention(q, k, v).shape == shape
        reason = "its answer has another shape"
    except (RuntimeError, ValueError, TypeError, AssertionError, NotImplementedError) as error:
        works, reason = False, _first_line(error)
    if not works:
        kind = str(dtype).removeprefix("torch.")
        raise RequestError(
            f'The attention backend "{name}" ({backend.label}) does not work on {device} with {kind}: {reason}. Leave '
            "--attention at auto."
        )
    return attention


def random_inputs(
    shape: tuple[int, int, int, int], device: torch.device, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Normal q, k, v of a shape [B, L, heads, d], the same each time."""
    generator = torch.Generator(device).manual_seed(0)
    q, k, v = (torch.randn(shape, generator=generator, device=device, dtype=torch.float32).to(dtype) for _ in range(3))
    return q, k, v


def relative_error(out: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> float:
    """Of the first ``REFERENCE_ROWS`` answers, against the formula in float32: norm of the difference by the answer's."""
    rows, keys, values = (tensor.transpose(1, 2).float() for tensor in (q[:, :REFERENCE_ROWS], k, v))
    weights = torch.softmax(rows @ keys.transpose(-1, -2) * q.shape[-1] ** -0.5, dim=-1)
    expected = (weights @ values).transpose(1, 2)
    return float((out[:, :REFERENCE_ROWS].float() - expected).norm() / expected.norm())


def _torch_kernel(name: str) -> Callable[[], Attention]:
    def open_kernel() -> Attention:
        kernel = getattr(SDPBackend, name, None)
        if kernel is None:
            raise ImportError(f"PyTorch {torch.__version__} has no {name}")

        def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
            with sdpa_kernel([kernel]):
                return sdpa(q, k, v)

        return attend

    return open_kernel


def _open_flash_3() -> Attention:
    call: Any = import_module("flash_attn_interface").flash_attn_func

    def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        out = call(q, k, v)
        return out[0] if isinstance(out, tuple) else out  # older versions give the softmax's sums, too

    return attend


def _open_sage() -> Attention:
    call: Any = import_module("sageattention").sageattn
    return lambda q, k, v: call(q, k, v, tensor_layout="NHD", is_causal=False)


def _first_line(error: Exception) -> str:
    if str(error).startswith(("No available kernel", "No viable backend")):
        return "PyTorch has no such kernel there"  # it says to turn others on
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip(".")


_FLASH_3 = "the package flash_attn_interface (FlashAttention 3 for Hopper GPUs, github.com/Dao-AILab/flash-attention, hopper/)"
_SAGE = "the package sageattention (Apache-2.0, github.com/thu-ml/SageAttention)"

BACKENDS: dict[str, AttentionBackend] = {
    "sdpa": AttentionBackend("PyTorch's own choice", lambda: sdpa, measured=False),
    "cudnn": AttentionBackend("cuDNN", _torch_kernel("CUDNN_ATTENTION"), "a newer PyTorch"),
    "fa3": AttentionBackend("FlashAttention 3", _open_flash_3, _FLASH_3),
    "flash": AttentionBackend("PyTorch's FlashAttention", _torch_kernel("FLASH_ATTENTION")),
    "efficient": AttentionBackend("PyTorch's memory-efficient kernel", _torch_kernel("EFFICIENT_ATTENTION")),
    "sage": AttentionBackend("SageAttention", _open_sage, _SAGE, exact=False, measured=False),
}
"""by the name that the command line takes"""
