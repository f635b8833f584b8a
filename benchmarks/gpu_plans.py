"""Full-size generations on graphics cards of 8, 12, 16 and 24 GB: what is planned, what is taken, how long a forward takes.

``python -m benchmarks.gpu_plans --json gpu_plans.json``. One large GPU stands for the smaller cards: PyTorch's allocator is
forbidden to take more, each card in a process of its own. Random weights, the networks' real sizes, 832 x 480 x 81. What CUDA
itself takes (about half a gigabyte) is not counted. On a CPU only ``--trial`` makes sense: small networks, no card.
"""

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.machine import commit, processor
from benchmarks.memory_peak import MemoryPeak, give_back_freed_memory
from benchmarks.random_model import PRECISIONS, make_model
from wanmove_core.errors import RequestError
from wanmove_core.generation.memory_choice import context_layers, plan_networks, size_of
from wanmove_core.host import SilentHost
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.pipeline import GenerateRequest, Models, Prompt, Sampling, decode, encode_pictures, make_condition, sample
from wanmove_core.residency.one_on_device import OneOnDevice
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.variants import WAN_MOVE

FULL = DiTConfig(dim=5120, ffn_dim=13824, layers=40, image_tokens=257)
TRIAL = DiTConfig(dim=256, ffn_dim=704, layers=12, image_tokens=257, text_dim=64, text_length=32, image_dim=64)
CARDS = ("8GB", "12GB", "16GB", "24GB")
FORWARDS = 3
"""the first is not counted"""


@dataclass(frozen=True)
class Card:
    """A generation on one card; sizes in bytes, of all that lies on the GPU (of a CPU what came in that stage)."""

    card: float
    """GB that the allocator may take"""
    precision: str
    plan: str
    """"" where none is possible"""
    planned_bytes: int
    """of the diffusion network with what it computes in"""
    encode_bytes: int
    sample_bytes: int
    decode_bytes: int
    encode_s: float
    forward_s: float
    """median"""
    decode_s: float
    refused: str
    """why it ended early; "" if it did not"""


@dataclass(frozen=True)
class Report:
    """All cards, and what they stand for."""

    cards: list[Card]
    video: list[int]
    """width, height, frames"""
    device: str
    torch: str
    date: str
    commit: str


class _Clock:
    """Seconds of each forward of a network, with everything that was asked of the device before it done."""

    def __init__(self, network: WanDiT, device: torch.device) -> None:
        self._device, self._begin = device, 0.0
        self.seconds: list[float] = []
        network.register_forward_pre_hook(lambda module, given: self._start())
        network.register_forward_hook(lambda module, given, result: self._stop())

    def _start(self) -> None:
        synchronise(self._device)
        self._begin = time.perf_counter()

    def _stop(self) -> None:
        synchronise(self._device)
        self.seconds.append(time.perf_counter() - self._begin)


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.no_grad()
def run_card(arguments: argparse.Namespace) -> Card:
    """One generation within the memory of one card."""
    device, limit = torch.device(arguments.device), int(arguments.card * 1e9)
    give_back_freed_memory()
    if device.type == "cuda":
        torch.cuda.set_per_process_memory_fraction(limit / torch.cuda.get_device_properties(device).total_memory, device)
    config = TRIAL if arguments.trial else FULL
    network = make_model(config, arguments.precision)
    dtype = torch.bfloat16 if arguments.precision == "fp8" else PRECISIONS[arguments.precision]
    vae = WanVAE21(VAEConfig(8 if arguments.trial else 96)).eval().requires_grad_(False).to(device)
    width, height, length = arguments.video
    prompt = Prompt(torch.randn(32, config.text_dim), None, torch.randn(config.image_tokens, config.image_dim))
    request = GenerateRequest(
        torch.rand(height, width, 3), length, Sampling(FORWARDS, 3.0, scale=GuidanceScale(1.0)), prompt=prompt
    )
    host, clock = SilentHost(device), _Clock(network, device)
    taken: dict[str, float] = dict.fromkeys(("encode_bytes", "sample_bytes", "decode_bytes", "encode_s", "decode_s"), 0)
    plan, refused = None, ""
    try:
        begin = time.perf_counter()
        with MemoryPeak(device) as peak:
            still = encode_pictures(Models(network, vae, WAN_MOVE, dtype), request, host)
        taken |= {"encode_bytes": _taken(peak, device), "encode_s": time.perf_counter() - begin}
        assert still is not None
        (plan,) = plan_networks([network], dtype, size_of(WAN_MOVE, config, request), limit, device) or (None,)
        mover = OneOnDevice([network], device, plan and [plan], context_layers)
        models = Models(network, vae, WAN_MOVE, dtype, bring=mover, around=mover.around)
        condition = make_condition(WAN_MOVE, still, request)
        with MemoryPeak(device) as peak:
            latent = sample(models, condition, request, host)
        taken["sample_bytes"] = _taken(peak, device)
        begin = time.perf_counter()
        with MemoryPeak(device) as peak:
            for _ in decode(vae, latent, host):
                pass
        taken |= {"decode_bytes": _taken(peak, device), "decode_s": time.perf_counter() - begin}
    except (RequestError, torch.OutOfMemoryError) as error:
        refused = str(error)[:300]
    return Card(
        card=arguments.card,
        precision=arguments.precision,
        plan="" if plan is None else str(plan),
        planned_bytes=0 if plan is None else plan.peak,
        forward_s=round(statistics.median(clock.seconds[1:]), 3) if clock.seconds[1:] else 0.0,
        refused=refused,
        encode_bytes=int(taken["encode_bytes"]),
        sample_bytes=int(taken["sample_bytes"]),
        decode_bytes=int(taken["decode_bytes"]),
        encode_s=round(taken["encode_s"], 3),
        decode_s=round(taken["decode_s"], 3),
    )


def _taken(peak: MemoryPeak, device: torch.device) -> int:
    return peak.most if device.type == "cuda" else peak.grown


def measure(arguments: argparse.Namespace) -> Report:
    """Each card and precision in a process of its own."""
    cards: list[Card] = []
    for precision in arguments.precisions:
        for card in arguments.cards:
            command = [
                sys.executable,
                "-m",
                "benchmarks.gpu_plans",
                "--card",
                card.removesuffix("GB"),
                "--precision",
                precision,
            ]
            command += ["--device", arguments.device, "--video", *map(str, arguments.video)]
            command += ["--trial"] if arguments.trial else []
            finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
            cards.append(Card(**json.loads(finished.stdout)))
            print(json.dumps(asdict(cards[-1])), file=sys.stderr)
    on_gpu = torch.device(arguments.device).type == "cuda"
    return Report(
        cards=cards,
        video=list(arguments.video),
        device=torch.cuda.get_device_name(arguments.device) if on_gpu else f"cpu: {processor()}",
        torch=torch.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Full-size generations on cards of 8, 12, 16 and 24 GB.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--cards", nargs="+", default=CARDS, metavar="SIZE", help="as 16GB (default: %(default)s)")
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=["fp8", "bfloat16"])
    parser.add_argument("--video", nargs=3, type=int, default=(832, 480, 81), metavar=("WIDTH", "HEIGHT", "FRAMES"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--trial", action="store_true", help="small networks, to see that it runs")
    parser.add_argument("--card", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--precision", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.card:
        print(json.dumps(asdict(run_card(arguments))))
        return
    text = json.dumps(asdict(measure(arguments)), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
