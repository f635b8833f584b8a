"""Between two steps nothing waits for the device: no value is read from it, and nothing is copied to it that stops the program.

A meta tensor has no values, so whatever asks for one fails; copies are seen as they are dispatched. On CUDA PyTorch itself
watches.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.core.tiny_pipeline import CONFIG, make_models, make_request, sampling
from wanmove_core.host import SilentHost
from wanmove_core.pipeline import Prompt, encode_pictures, make_condition, sample
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.sampling.solvers import SOLVERS, SolverName
from wanmove_core.variants import DEMO

META = torch.device("meta")


class StoppingCopies(TorchDispatchMode):
    """Remembers copies from the CPU to the device that the program waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.watching = False

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        out = func(*args, **given)
        if self.watching and func is torch.ops.aten._to_copy.default and isinstance(out, torch.Tensor):
            moved = args[0].device.type == "cpu" and out.device.type == "meta"
            if moved and not given.get("non_blocking"):
                self.seen.append(str(tuple(out.shape)))
        return out


class StepHost(SilentHost):
    """Calls ``watch`` when the first step is over: it may wait, as it prepares what the others take."""

    def __init__(self, device: torch.device, watch: Any) -> None:
        super().__init__(device)
        self._watch = watch

    def progress(self, stage: str, step: int, total: int) -> None:
        self._watch(0 < step < total)


def sample_on(device: torch.device, solver: SolverName, held: bool, watch: Any) -> torch.Tensor:
    """Four steps with text guidance, beside a condition or with a held first frame."""
    models = make_models(DEMO, replace(CONFIG, in_channels=16) if held else CONFIG)
    prompt = Prompt(torch.ones(2, CONFIG.text_dim), torch.ones(1, CONFIG.text_dim), None)
    request = make_request(sampling=sampling(steps=4, solver=solver, scale=GuidanceScale(4.0)), prompt=prompt)
    still = encode_pictures(models, request, SilentHost())
    assert still is not None
    start = still[:, :1] if held else make_condition(DEMO, still, request)
    models.dit.to(device)
    return sample(models, start, request, StepHost(device, watch))


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_no_step_waits_for_the_device(solver: SolverName, held: bool):
    with StoppingCopies() as copies:
        latent = sample_on(META, solver, held, lambda on: setattr(copies, "watching", on))
    assert latent.device == META and copies.seen == []


@contextmanager
def cuda_watch() -> Iterator[Any]:
    """PyTorch raises at whatever waits while it is on."""
    try:
        yield lambda on: torch.cuda.set_sync_debug_mode("error" if on else "default")
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_no_step_waits_for_a_gpu(solver: SolverName, held: bool):
    with cuda_watch() as watch:
        latent = sample_on(torch.device("cuda"), solver, held, watch)
    expected = sample_on(torch.device("cpu"), solver, held, lambda on: None)
    torch.testing.assert_close(latent.cpu(), expected, rtol=1e-2, atol=1e-2)
