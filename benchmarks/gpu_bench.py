"""What the sections of ``benchmarks.gpu`` share: the sizes, the clock, the networks, and the time that is left."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import torch

from benchmarks.random_model import make_model
from wanmove_core.models.attention_choice import seconds_of
from wanmove_core.models.dit import Context, DiTConfig, WanDiT

FULL = DiTConfig(dim=5120, ffn_dim=13824, layers=40, image_tokens=257)
SMALL = DiTConfig(dim=256, ffn_dim=704, layers=4, image_tokens=257, text_dim=64, text_length=32, image_dim=64)
NETWORK_BYTES = {"bfloat16": 34e9, "fp8": 18e9}
"""of the full network's weights on the device"""

Json = dict[str, Any]


@dataclass
class Bench:
    """One run of the script."""

    device: torch.device
    small: bool
    seconds: float
    """that the whole run may take"""
    begun: float = field(default_factory=time.monotonic)
    _kept: tuple[str, WanDiT] | None = None

    @property
    def left(self) -> float:
        """Seconds."""
        return self.seconds - (time.monotonic() - self.begun)

    @property
    def on_gpu(self) -> bool:
        return self.device.type == "cuda"

    @property
    def config(self) -> DiTConfig:
        return SMALL if self.small else FULL

    @property
    def video(self) -> tuple[int, int, int]:
        """Width, height, frames."""
        return (64, 64, 9) if self.small else (832, 480, 81)

    @property
    def grid(self) -> tuple[int, int, int]:
        """Latent frames, rows and columns of cells."""
        width, height, frames = self.video
        return (frames - 1) // 4 + 1, height // 8, width // 8

    @property
    def tokens(self) -> int:
        frames, rows, columns = self.grid
        return frames * (rows // 2) * (columns // 2)

    def has_room_for(self, size: float) -> bool:
        """Whether so many bytes are free on a GPU; elsewhere nobody asks."""
        return not self.on_gpu or torch.cuda.mem_get_info(self.device)[0] > size

    def network(self, precision: str) -> WanDiT | None:
        """A random network on the device, kept until another is asked for; None: it does not fit.

        All blocks have the values of one, each its own copy of them on the device.
        """
        if self._kept is None or self._kept[0] != precision:
            self.forget()
            if not self.small and not self.has_room_for(NETWORK_BYTES[precision] + 8e9):
                return None
            self._kept = precision, make_model(self.config, precision).to(self.device)
        return self._kept[1]

    def forget(self) -> None:
        """Free what is kept on the device."""
        self._kept = None
        gc.collect()
        if self.on_gpu:
            torch.cuda.empty_cache()

    def inputs(self, network: WanDiT) -> tuple[torch.Tensor, torch.Tensor, Context]:
        """Latent, timestep and prepared context, in bfloat16."""
        config, draw = network.config, torch.Generator().manual_seed(1)

        def noise(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=draw).to(self.device, torch.bfloat16)

        (context,) = network.prepare_contexts(
            [noise(1, config.text_length, config.text_dim)], noise(1, config.image_tokens, config.image_dim)
        )
        return noise(1, config.in_channels, *self.grid), torch.tensor([900.0]), context

    def time(self, call: Callable[[], object], runs: int = 3) -> float:
        """Median seconds of so many runs after one that is not counted; of fewer where the time runs out."""
        call()
        taken = [seconds_of(call, self.device)]
        while len(taken) < runs and self.left > 3 * taken[-1]:
            taken.append(seconds_of(call, self.device))
        return median(taken)

    def peak_bytes(self, call: Callable[[], object]) -> int | None:
        """Of the allocator during a call, over what was there before; None on a CPU."""
        if not self.on_gpu:
            return None
        torch.cuda.synchronize(self.device)
        before = torch.cuda.memory_allocated(self.device)
        torch.cuda.reset_peak_memory_stats(self.device)
        call()
        torch.cuda.synchronize(self.device)
        return torch.cuda.max_memory_allocated(self.device) - before


def fewer_layers(config: DiTConfig, layers: int) -> DiTConfig:
    """The same network with fewer blocks."""
    return replace(config, layers=min(layers, config.layers))


def relative(got: torch.Tensor, expected: torch.Tensor) -> float:
    """Norm of the difference by that of what was expected."""
    return float((got.float() - expected.float()).norm() / expected.float().norm())
