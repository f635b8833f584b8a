"""A network whole and streamed through a third of the memory of its weights: time, peak memory and equality, in one run.

``python -m benchmarks.streaming --json streaming.json``. Random weights in a file, from which they are mapped. Each way runs in
a process of its own, by turns, so that neither keeps the other's memory and both have the machine's good and bad moments.
"""

import argparse
import datetime
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import commit, processor
from benchmarks.memory_peak import MemoryPeak, give_back_freed_memory
from benchmarks.random_model import PRECISIONS, write_model
from wanmove_core.generation.memory_choice import Size, working_bytes
from wanmove_core.loading.checkpoint import LoadedDiT, load_dit
from wanmove_core.models.dit import DiTConfig
from wanmove_core.residency.block_streamer import BlockStreamer
from wanmove_core.residency.one_on_device import OneOnDevice
from wanmove_core.residency.plan import ResidencyPlan, plan_residency
from wanmove_core.residency.sizes import network_sizes
from wanmove_core.residency.staging import open_staging

TIMES_LARGER = 3.0
"""weights against the memory that they and their activations may take"""
TOLERANCE = 1.05
"""of the plan, that the peak keeps to"""
LATENT = (36, 4, 32, 32)
"""channels, frames, rows, columns: 1,024 tokens"""
WAYS = ("whole", "streamed")


@dataclass(frozen=True)
class Way:
    """One way in one process."""

    seconds: float
    """of a forward, the median after one that is not counted"""
    processor_seconds: float
    peak_bytes: int
    """more than before the network was brought"""
    planned_bytes: int
    weights_bytes: int
    """of the network"""
    plan: str
    copy_seconds: float
    """of copying the streamed blocks once, with nothing computed beside it; 0 where none is streamed"""
    answer: str
    """digest of the last forward's output"""


@dataclass(frozen=True)
class Report:
    """Medians of both ways, and where they were measured."""

    whole: Way
    streamed: Way
    slower: float
    """time of a streamed forward by that of a whole one"""
    processor_slower: float
    """the same of processor time, which other programs disturb less"""
    hidden: float | None
    """on a GPU: share of the copying's time that a streamed forward does not take longer for"""
    peak_by_plan: float
    equal: bool
    """to the last bit"""
    config: dict[str, Any]
    precision: str
    forwards: int
    repeats: int
    device: str
    threads: int
    load: float
    torch: str
    date: str
    commit: str


def allowance_of(loaded: LoadedDiT, streamed: bool) -> ResidencyPlan:
    """The plan of a third of the weights' memory, or of as much as it takes."""
    sizes = network_sizes(loaded.model)
    weights = sizes.base + sum(sizes.blocks)
    working = working_bytes(loaded.model, loaded.dtype, Size(LATENT[1] * LATENT[2] * LATENT[3] // 4, 1))
    return plan_residency(sizes, working, int(weights / TIMES_LARGER) if streamed else weights + working)


@torch.no_grad()
def run_way(path: Path, streamed: bool, forwards: int, device: torch.device) -> Way:
    """Forwards of the network, whole or streamed."""
    loaded = load_dit(path)
    plan, generator = allowance_of(loaded, streamed), torch.Generator().manual_seed(1)
    config = loaded.config
    latent = torch.randn(1, *LATENT, generator=generator).to(device, loaded.dtype)
    text = torch.randn(1, config.text_length, config.text_dim, generator=generator).to(device, loaded.dtype)
    steps = torch.linspace(999, 1, forwards + 1).to(device)
    torch.mm(torch.ones(512, 512, device=device), torch.ones(512, 512, device=device))  # libraries take their memory
    mover = OneOnDevice([loaded.model], device, [plan])
    answer, seconds, busy = torch.zeros(0), [], []
    mover(loaded.model)
    for step in steps:
        begin, begin_busy = time.perf_counter(), time.process_time()
        answer = loaded.model(latent, step.reshape(1), text).cpu()
        seconds.append(time.perf_counter() - begin)
        busy.append(time.process_time() - begin_busy)
    mover(None)
    give_back_freed_memory()  # only now, and apart from the timing: both it and the watching take time
    with MemoryPeak(device) as peak:
        mover(loaded.model)
        loaded.model(latent, steps[0].reshape(1), text)
        mover(None)
    return Way(
        seconds=statistics.median(seconds[1:]),
        processor_seconds=statistics.median(busy[1:]),
        peak_bytes=peak.grown,
        planned_bytes=plan.peak,
        weights_bytes=plan.sizes.base + sum(plan.sizes.blocks),
        plan=str(plan),
        copy_seconds=_copy_seconds(loaded, plan, device) if streamed else 0.0,
        answer=hashlib.sha256(answer.float().numpy().tobytes()).hexdigest(),
    )


def _copy_seconds(loaded: LoadedDiT, plan: ResidencyPlan, device: torch.device) -> float:
    """The streamed blocks through the buffers twice, the second time counted."""
    blocks = [loaded.model.blocks[place] for place in plan.streamed]
    streamer = BlockStreamer(blocks, open_staging(plan.buffer, device))
    begin = 0.0
    for _ in range(2):
        begin = time.perf_counter()
        for place in range(len(blocks)):
            streamer.enter(place)
            streamer.leave(place)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    seconds = time.perf_counter() - begin
    streamer.close()
    return seconds


def in_turns(path: Path, arguments: argparse.Namespace) -> dict[str, list[Way]]:
    """Both ways so many times, each time in a new process."""
    ways: dict[str, list[Way]] = {name: [] for name in WAYS}
    for _ in range(arguments.repeats):
        for name in WAYS:
            command = [sys.executable, "-m", "benchmarks.streaming", "--way", name, "--file", str(path)]
            command += ["--forwards", str(arguments.forwards), "--device", arguments.device]
            finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
            ways[name].append(Way(**json.loads(finished.stdout)))
    return ways


def _typical(ways: list[Way]) -> Way:
    """The run of the median time, with the largest peak of all."""
    middle = sorted(ways, key=lambda way: way.seconds)[len(ways) // 2]
    return Way(**{**asdict(middle), "peak_bytes": max(way.peak_bytes for way in ways)})


def measure(arguments: argparse.Namespace) -> Report:
    """A random model, both ways."""
    config = DiTConfig(
        dim=arguments.width, ffn_dim=arguments.width * 2752 // 1024 // 32 * 32, layers=arguments.layers,
        text_dim=512, text_length=64,
    )  # fmt: skip
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        ways = in_turns(write_model(Path(folder) / "model.safetensors", config, arguments.precision), arguments)
    whole, streamed = (_typical(ways[name]) for name in WAYS)
    on_gpu = torch.device(arguments.device).type == "cuda"
    return Report(
        whole=whole,
        streamed=streamed,
        slower=round(streamed.seconds / whole.seconds, 3),
        processor_slower=round(streamed.processor_seconds / whole.processor_seconds, 3),
        hidden=round(1 - (streamed.seconds - whole.seconds) / streamed.copy_seconds, 3) if on_gpu else None,
        peak_by_plan=round(streamed.peak_bytes / streamed.planned_bytes, 3),
        equal=len({way.answer for name in WAYS for way in ways[name]}) == 1,
        config=asdict(config),
        precision=arguments.precision,
        forwards=arguments.forwards,
        repeats=arguments.repeats,
        device=torch.cuda.get_device_name(arguments.device) if on_gpu else f"cpu: {processor()}",
        threads=torch.get_num_threads(),
        load=load,
        torch=torch.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="A network whole, and streamed through a third of its memory.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--width", type=int, default=1024, help="of the network, a multiple of 128 (%(default)s)")
    parser.add_argument("--layers", type=int, default=16)
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    parser.add_argument("--forwards", type=int, default=3, help="that are counted in each process")
    parser.add_argument("--repeats", type=int, default=3, help="processes of each way")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--folder", type=Path, help="for the file of random weights (that for temporary files)")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        way = run_way(arguments.file, arguments.way == "streamed", arguments.forwards, torch.device(arguments.device))
        print(json.dumps(asdict(way)))
        return
    report = measure(arguments)
    text = json.dumps(asdict(report), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if not report.equal:
        raise SystemExit("The streamed network's answer differs.")
    if report.peak_by_plan > TOLERANCE:
        raise SystemExit(f"The peak is {report.peak_by_plan} of the plan; at most {TOLERANCE} is promised.")


if __name__ == "__main__":
    main()
