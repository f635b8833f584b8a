"""Time and activation memory of a forward of the diffusion network: ours, diffusers' with the same weights, the bare products.

``python -m benchmarks.dit --json dit.json``. All three take turns in one run. "Bare" is what no implementation can leave out:
the matrix products and the attention, on tensors that are already there. Memory is measured in a process of its own for each,
as the highest resident memory over what was there before the forward; on CUDA by PyTorch's allocator.

``--repeated`` is what a sampler does from its second step on: keys and values of the context are already known.
"""

import argparse
import ctypes
import datetime
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.machine import commit, processor
from wanmove_core.models.dit import DiTConfig, WanDiT

NAMES = ("ours", "diffusers", "bare")
MALLOC_MMAP_THRESHOLD = -3
"""glibc's mallopt: every tensor in pages of its own, given back when it is freed, so that resident means used"""
Forward = Callable[[], torch.Tensor | None]


@dataclass(frozen=True)
class Timing:
    """Of one of the three."""

    seconds: float
    """median on the clock"""
    least_seconds: float
    processor_seconds: float
    """median, of all threads"""
    activation_mib: float | None
    """None for the bare products"""


@dataclass(frozen=True)
class Report:
    """All three, and where they were measured."""

    timings: dict[str, Timing]
    time_of_diffusers: float
    """ours / diffusers': median over the rounds of the ratio within a round"""
    memory_of_diffusers: float
    largest_difference: float
    """between the two outputs"""
    output_deviation: float
    """standard deviation of diffusers' output"""
    config: DiTConfig
    tokens: int
    dtype: str
    repeated: bool
    rounds: int
    device: str
    threads: int
    load: float
    """programs that wanted a processor when the measuring began, over the last minute"""
    torch: str
    date: str
    commit: str


class Bench:
    """Both networks with the same random weights, and one input."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.device, self.dtype = torch.device(arguments.device), getattr(torch, arguments.dtype)
        self.repeated: bool = arguments.repeated
        self.config = DiTConfig(arguments.dim, arguments.ffn, arguments.layers, image_tokens=257, head_dim=arguments.head_dim)
        self.grid = tuple(int(number) for number in arguments.cells.split("x"))
        torch.manual_seed(0)
        with torch.device(self.device):
            self.network = WanDiT(self.config).eval().to(self.dtype)
            self.x = torch.randn(1, self.config.in_channels, *self.grid, dtype=self.dtype)
            self.timestep = torch.tensor([900.0])
            self.text = torch.randn(1, self.config.text_length, self.config.text_dim, dtype=self.dtype)
            self.image = torch.randn(1, self.config.image_tokens, self.config.image_dim, dtype=self.dtype)

    @property
    def tokens(self) -> int:
        frames, rows, columns = self.grid
        return frames * (rows // 2) * (columns // 2)

    def forward(self, name: str) -> Forward:
        """What is timed under this name."""
        return {"ours": self._ours, "diffusers": self._diffusers, "bare": self._bare}[name]()

    def _ours(self) -> Forward:
        if not self.repeated:
            return lambda: self.network(self.x, self.timestep, self.text, self.image)
        (context,) = self.network.prepare_contexts([self.text], self.image)
        return lambda: self.network(self.x, self.timestep, context)

    def _diffusers(self) -> Forward:
        network = self._their_network()
        return lambda: network(self.x, self.timestep, self.text, self.image, return_dict=False)[0]

    def _their_network(self) -> Any:
        from diffusers import WanTransformer3DModel  # pyright: ignore[reportPrivateImportUsage]
        from diffusers.loaders.single_file_utils import convert_wan_transformer_to_diffusers
        from diffusers.models.transformers.transformer_wan import WanRotaryPosEmbed

        config = self.config
        with torch.device("meta"):
            network = WanTransformer3DModel(
                patch_size=config.patch,
                num_attention_heads=config.heads,
                attention_head_dim=config.head_dim,
                in_channels=config.in_channels,
                out_channels=config.out_channels,
                text_dim=config.text_dim,
                freq_dim=config.freq_dim,
                ffn_dim=config.ffn_dim,
                num_layers=config.layers,
                image_dim=config.image_dim,
                added_kv_proj_dim=config.dim,
            )
        rope = WanRotaryPosEmbed(config.head_dim, config.patch, 1024)
        network.load_state_dict(convert_wan_transformer_to_diffusers(dict(self.network.state_dict())), assign=True)
        network.rope = rope.to(self.device)
        return network.eval()

    def _bare(self) -> Forward:
        config, tokens = self.config, self.tokens
        with torch.device(self.device):
            wide, inner = (torch.randn(tokens, width, dtype=self.dtype) for width in (config.dim, config.ffn_dim))
            q, k, v = (torch.randn(1, config.heads, tokens, config.head_dim, dtype=self.dtype) for _ in range(3))
            text, image = (torch.randn(count, config.dim, dtype=self.dtype) for count in (config.text_length, 257))
            split = [side.unflatten(-1, (config.heads, -1)).transpose(0, 1).unsqueeze(0) for side in (text, image)]
        blocks: list[Any] = list(self.network.blocks)
        layers = [(block.self_attn.q.weight, block.ffn[0].weight, block.ffn[2].weight) for block in blocks]

        def run() -> None:
            for one, up, down in layers:
                for _ in range(6):
                    F.linear(wide, one)
                for side in () if self.repeated else (text, text, image, image):
                    F.linear(side, one)
                F.linear(wide, up)
                F.linear(inner, down)
                F.scaled_dot_product_attention(q, k, v)
                for side in split:
                    F.scaled_dot_product_attention(q, side, side)

        return run


def time_in_turns(forwards: dict[str, Forward], rounds: int, device: torch.device) -> dict[str, list[tuple[float, float]]]:
    """Seconds on the clock and of processor time of each forward in each round, after one that is not counted."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in forwards}
    for _ in range(rounds + 1):
        for name, forward in forwards.items():
            _wait(device)
            begin = time.perf_counter(), time.process_time()
            forward()
            _wait(device)
            taken[name].append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
    return {name: entries[1:] for name, entries in taken.items()}


def activation_mib(name: str) -> float:
    """MiB that a forward takes at its highest, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.dit", *sys.argv[1:], "--memory-of", name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak_of(forward: Forward, device: torch.device) -> float:
    """MiB above what was there before."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        forward()
        return (torch.cuda.max_memory_allocated(device) - before) / 2**20
    forward()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    forward()
    return (_status("VmHWM") - before) / 2**10


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key + ":"))


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def measure(arguments: argparse.Namespace) -> Report:
    """All three in turns."""
    bench, load = Bench(arguments), round(os.getloadavg()[0], 1)
    forwards = {name: bench.forward(name) for name in NAMES}
    ours, theirs = forwards["ours"](), forwards["diffusers"]()
    assert ours is not None and theirs is not None
    taken = time_in_turns(forwards, arguments.rounds, bench.device)
    memory = {name: activation_mib(name) for name in NAMES[:2]}
    ratios = [ours[0] / theirs[0] for ours, theirs in zip(taken["ours"], taken["diffusers"], strict=True)]
    return Report(
        timings={name: _timing(entries, memory.get(name)) for name, entries in taken.items()},
        time_of_diffusers=round(median(ratios), 3),
        memory_of_diffusers=round(memory["ours"] / memory["diffusers"], 3),
        largest_difference=float((ours - theirs).abs().max()),
        output_deviation=float(theirs.float().std()),
        config=bench.config,
        tokens=bench.tokens,
        dtype=arguments.dtype,
        repeated=bench.repeated,
        rounds=arguments.rounds,
        device=torch.cuda.get_device_name(bench.device) if bench.device.type == "cuda" else f"cpu: {processor()}",
        threads=torch.get_num_threads(),
        load=load,
        torch=torch.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def _timing(entries: list[tuple[float, float]], memory: float | None) -> Timing:
    clock, used = zip(*entries, strict=True)
    return Timing(
        round(median(clock), 4), round(min(clock), 4), round(median(used), 4), None if memory is None else round(memory, 1)
    )


@torch.no_grad()
def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="One forward of the diffusion network: ours, diffusers', the bare products.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--ffn", type=int, default=2752)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--head-dim", type=int, default=128)
    parser.add_argument("--cells", default="16x32x32", metavar="FxHxW", help="of the latent; 2x2 are a token (%(default)s)")
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), default="float32")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeated", action="store_true", help="with the context's keys and values known, as in later steps")
    parser.add_argument("--memory-of", choices=NAMES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        ctypes.CDLL(None).mallopt(MALLOC_MMAP_THRESHOLD, 2**16)
        bench = Bench(arguments)
        print(peak_of(bench.forward(arguments.memory_of), bench.device))
        return
    text = json.dumps(asdict(measure(arguments)), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
