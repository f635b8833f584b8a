"""Which exact kernel computes attention fastest on this device: measured, as neither the GPU nor PyTorch's order says."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import cast

import torch

from .attention import Attention, sdpa
from .attention_backends import BACKENDS, AttentionBackend, find_backend, open_backend, random_inputs, relative_error
from .dit import Block, WanDiT

Shape = tuple[int, int, int, int]
"""[B, L, heads, d]"""
Timer = Callable[[Callable[[], object], torch.device], float]
"""seconds that a call takes on a device"""

RUNS = 3
"""that are counted, after one that is not"""
FILLING = 2**18
"""heads x rows that keep any GPU busy: of more heads the order is the same, and the measuring would take time and memory"""
HOPELESS = 1.5
"""times the best so far: a kernel whose first run takes longer is not measured further"""
CLOSE = 1.05
"""times the best: of kernels that are so close the first of the table is taken, as chance shall not choose a video's bits"""
TOLERANCE = {torch.float32: 2e-3, torch.float64: 2e-3}
"""``relative_error`` that is still rounding, TF32 included; of 16 bits: see below"""
_TOLERANCE_16_BIT = 2e-2


@dataclass(frozen=True)
class AttentionChoice:
    """A kernel and why it was taken."""

    name: str
    attention: Attention
    note: str
    """for the user; "" where there was nothing to choose"""
    seconds: Mapping[str, float]
    """of a call, for each that was measured; of ``measured_shape``"""
    left_out: Mapping[str, str]
    """why the others were not"""


_known: dict[tuple[torch.device, torch.dtype, Shape], AttentionChoice] = {}


def find_attention(name: str, device: torch.device, dtype: torch.dtype, shape: Shape) -> AttentionChoice:
    """The attention that a user asked for: "auto", or a name of ``BACKENDS``.

    Args:
        shape: of the queries of self-attention.

    Raises:
        RequestError: there is none of the name, its package is missing, or it does not work here.
    """
    if name == "auto":
        return choose_attention(device, dtype, shape)
    backend = find_backend(name)
    attention = open_backend(name, device, dtype, shape[3])
    exact = "" if backend.exact else ", which is approximate: it computes in 8 bits, and the video differs from an exact one"
    return AttentionChoice(name, attention, f"Attention: {backend.label}{exact}.", {}, {})


def choose_attention(
    device: torch.device,
    dtype: torch.dtype,
    shape: Shape,
    backends: Mapping[str, AttentionBackend] = BACKENDS,
    timer: Timer | None = None,
) -> AttentionChoice:
    """The fastest exact kernel for a shape; measured once for each (device, dtype, shape), on a CPU not at all.

    A kernel that raises or gives a wrong answer is left out. Where none is left it is PyTorch's own choice.

    Args:
        backends: those that are ``measured`` take part.
        timer: what is used instead of the clock; nothing is kept of such a measurement.
    """
    if timer is None and device.type != "cuda":
        return AttentionChoice("sdpa", sdpa, "", {}, {})
    key = device, dtype, shape
    if timer is None and key in _known:
        return _known[key]
    choice = _measure(device, dtype, measured_shape(shape), backends, timer or seconds_of)
    if timer is None:
        _known[key] = choice
    return choice


def use_attention(network: WanDiT, attention: Attention) -> None:
    """Let the patches of a network attend to each other by this.

    Attention to text and picture stays with PyTorch's choice: it is a hundredth of the work, and 8 bits have given NaN there.
    """
    for block in network.blocks:
        cast("Block", block).self_attn.attention = attention


def measured_shape(shape: Shape) -> Shape:
    """The shape with as many heads as keep a GPU busy."""
    batch, length, heads, head_dim = shape
    return 1, length, max(1, min(heads * batch, -(-FILLING // length))), head_dim


def seconds_of(call: Callable[[], object], device: torch.device) -> float:
    """On the clock, with everything that the device was asked for before it done."""
    _wait(device)
    begin = time.perf_counter()
    call()
    _wait(device)
    return time.perf_counter() - begin


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.no_grad()
def _measure(
    device: torch.device, dtype: torch.dtype, shape: Shape, backends: Mapping[str, AttentionBackend], timer: Timer
) -> AttentionChoice:
    seconds: dict[str, float] = {}
    opened: dict[str, Attention] = {}
    left_out: dict[str, str] = {}
    try:
        q, k, v = random_inputs(shape, device, dtype)
    except torch.OutOfMemoryError:
        return AttentionChoice("sdpa", sdpa, f"Attention: {BACKENDS['sdpa'].label}; no memory is left to measure.", {}, {})
    for name, backend in backends.items():
        if not (backend.measured and backend.exact):
            continue
        try:
            opened[name] = attention = backend.open()
            seconds[name] = _time(attention, (q, k, v), device, timer, min(seconds.values(), default=None))
        except ImportError:
            left_out[name] = "not installed"
        except _WrongAnswerError as error:
            left_out[name] = str(error)
        except (RuntimeError, ValueError, TypeError, AssertionError, NotImplementedError):
            left_out[name] = "does not work here"
    if not seconds:
        return AttentionChoice("sdpa", sdpa, f"Attention: {BACKENDS['sdpa'].label}; no single kernel works.", {}, left_out)
    name = next(name for name in seconds if seconds[name] <= CLOSE * min(seconds.values()))
    others = [f"{other} {seconds[other] * 1000:.1f}" for other in sorted(seconds, key=seconds.__getitem__) if other != name]
    of = f"{shape[1]:,} patches and {shape[2]} heads"
    note = f"Attention: {backends[name].label}, measured: {name} {seconds[name] * 1000:.1f} ms for {of}"
    return AttentionChoice(name, opened[name], f"{', '.join([note, *others])}.", seconds, left_out)


def _time(
    attention: Attention,
    inputs: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    device: torch.device,
    timer: Timer,
    best: float | None,
) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch says at length why a kernel that was asked for cannot be used
        error = relative_error(attention(*inputs), *inputs)
        if not error <= TOLERANCE.get(inputs[0].dtype, _TOLERANCE_16_BIT):  # not a number is no answer either
            raise _WrongAnswerError(f"its answer is off by {error:.1%}")
        first = timer(lambda: attention(*inputs), device)
        if best is not None and first > HOPELESS * best:
            return first
        return median([first, *(timer(lambda: attention(*inputs), device) for _ in range(RUNS - 1))])


class _WrongAnswerError(Exception):
    """A kernel's answer is none."""
