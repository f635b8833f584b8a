"""Time of encoding a start image and the grey frames behind it, by the whole encoder and by ``StillEncoder``, in one run.

``python -m benchmarks.encode --json encode.json``. Full-size networks with random weights; both results must be equal to the
last bit. The whole encoder is what the released code runs; it takes minutes a case on a CPU.
"""

import argparse
import datetime
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.machine import commit, processor
from wanmove_core.models.streamed_vae import StreamedVAE
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.models.vae22 import WanVAE22
from wanmove_core.models.vae_layers import CausalMemory

NETWORKS: dict[str, type[WanVAE21] | type[WanVAE22]] = {"vae21": WanVAE21, "vae22": WanVAE22}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
CASES = ("128x208x81", "256x448x81")


@dataclass(frozen=True)
class Timing:
    """One case: seconds on the clock and of processor time, for the whole encoder and for ``StreamedVAE.encode``."""

    case: str
    """height x width x frames"""
    whole_s: float
    ours_s: float
    faster: float
    whole_processor_s: float
    ours_processor_s: float
    processor_faster: float
    equal: bool
    """to the last bit"""


@dataclass(frozen=True)
class Report:
    """The cases, and where they were measured."""

    timings: list[Timing]
    network: str
    dtype: str
    device: str
    threads: int
    load: float
    """programs that wanted a processor when the measuring began, over the last minute"""
    torch: str
    date: str
    commit: str


def whole_encode(vae: StreamedVAE, frames: torch.Tensor) -> torch.Tensor:
    """``StreamedVAE.encode`` by the whole encoder for each chunk."""
    memory = CausalMemory()
    chunks = (frames[:, :, :1], *(frames[:, :, 1:].split(4, dim=2) if frames.shape[2] > 1 else ()))
    return vae.normalised_mean(torch.cat([vae.encoder(vae.to_patches(chunk), memory) for chunk in chunks], dim=2))


def measure(vae: StreamedVAE, case: str, device: str, dtype: torch.dtype) -> Timing:
    """A case, each way once after a warm start on nine frames."""
    height, width, length = (int(number) for number in case.split("x"))
    frames = torch.zeros(1, 3, length, height, width, device=device, dtype=dtype)
    frames[:, :, 0] = torch.rand(3, height, width, generator=torch.Generator().manual_seed(1)).to(frames) * 2 - 1
    frames = frames.contiguous(memory_format=torch.channels_last_3d)
    vae.encode(frames[:, :, :9])
    whole, whole_s, whole_processor_s = _timed(lambda: whole_encode(vae, frames))
    ours, ours_s, ours_processor_s = _timed(lambda: vae.encode(frames))
    return Timing(
        case=case,
        whole_s=round(whole_s, 3),
        ours_s=round(ours_s, 3),
        faster=round(whole_s / ours_s, 2),
        whole_processor_s=round(whole_processor_s, 3),
        ours_processor_s=round(ours_processor_s, 3),
        processor_faster=round(whole_processor_s / ours_processor_s, 2),
        equal=torch.equal(whole, ours),
    )


def _timed(run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, float, float]:
    """What it gives, on the CPU; seconds on the clock and of processor time. Moving it waits for the device."""
    begin, begin_processor = time.perf_counter(), time.process_time()
    result = run().cpu()
    return result, time.perf_counter() - begin, time.process_time() - begin_processor


@torch.no_grad()
def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Encoding a start image and grey frames, whole and as far as needed.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="HxWxT", help="sizes (default: %(default)s)")
    parser.add_argument("--network", choices=NETWORKS, default="vae21")
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--at-least", type=float, default=0.0, metavar="TIMES", help="exit with 1 if a case is not so much faster"
    )
    arguments = parser.parse_args()
    torch.manual_seed(0)
    dtype = DTYPES[arguments.dtype]
    vae = NETWORKS[arguments.network]().eval().to(arguments.device, dtype)
    on_gpu = torch.device(arguments.device).type == "cuda"
    load = round(os.getloadavg()[0], 1)
    report = Report(
        timings=[measure(vae, case, arguments.device, dtype) for case in arguments.cases],
        network=arguments.network,
        dtype=arguments.dtype,
        device=torch.cuda.get_device_name(arguments.device) if on_gpu else f"cpu: {processor()}",
        threads=torch.get_num_threads(),
        load=load,
        torch=torch.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )
    text = json.dumps(asdict(report), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if not all(timing.equal for timing in report.timings):
        raise SystemExit("The two results differ.")
    slowest = min(timing.faster for timing in report.timings)
    if slowest < arguments.at_least:
        raise SystemExit(f"A case is {slowest} times as fast; at least {arguments.at_least:g} is asked for.")


if __name__ == "__main__":
    main()
