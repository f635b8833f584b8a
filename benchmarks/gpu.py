"""Everything that only a GPU can tell, in one run of at most ten minutes: random weights of full size, 832 x 480 x 81.

    python -m benchmarks.gpu --json gpu.json                # all sections
    python -m benchmarks.gpu --only forward encode          # some
    python -m benchmarks.gpu --small --device cpu           # that it runs: tiny sizes; what needs CUDA says so

On a lent machine (the tool ``run``; it stops a command after 600 seconds, and what lies in $OUT comes back):

    PYTHONUNBUFFERED=1 python3 -m benchmarks.gpu --seconds 540 --json $OUT/gpu.json
    python3 -m pytest -q -m gpu tests/core/test_on_gpu.py tests/core/test_no_waiting.py tests/core/test_streaming.py

Each section prints its JSON as soon as it is done and the file is written anew, so nothing is lost if the time runs out. One
that would not fit into the time that is left is passed over with a note. All blocks of a network have the values of one: drawn
in seconds, computed with and copied like different ones. bf16 wants a GPU of 48 GB or more, fp8 one of 32 GB.
"""

import argparse
import datetime
import json
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.gpu_bench import Bench, Json
from benchmarks.gpu_network import attention, forward, step, streaming
from benchmarks.gpu_vae import decode, encode
from benchmarks.machine import commit, processor

CARDS = (("fp8", 16), ("fp8", 8), ("bfloat16", 24), ("fp8", 24), ("fp8", 12), ("bfloat16", 16))
"""precision and GB, the most telling ones first"""
CARD_SECONDS = 60
TARGETS = {"forward_bf16_s": 2.8, "plan_16gb_fp8_bytes": 14.7e9}
"""of an H200"""


@dataclass(frozen=True)
class Section:
    """One part of the run."""

    run: Callable[[Bench], Json]
    seconds: float
    """that it takes on a fast GPU, generously; it is not begun with less left"""


def plans(bench: Bench) -> Json:
    """Whole generations within the memory of smaller cards, each in a process of its own (``benchmarks.gpu_plans``)."""
    bench.forget()
    if not bench.on_gpu:
        cards = [("fp8", 1)]
    else:
        cards = [(precision, card) for precision, card in CARDS if bench.has_room_for(card * 1e9)]
    result: Json = {}
    for precision, card in cards:
        name = f"{precision}, {card} GB"
        if bench.left < (0 if bench.small else CARD_SECONDS):
            result[name] = "skipped: no time left"
            continue
        command = [sys.executable, "-m", "benchmarks.gpu_plans", "--card", str(card), "--precision", precision]
        command += ["--device", str(bench.device), "--video", *map(str, bench.video), *(["--trial"] if bench.small else [])]
        result[name] = _answer_of(command, bench.left)
    return result


def _answer_of(command: list[str], seconds: float) -> Json | str:
    """The JSON that a program of ours prints, or what went wrong."""
    try:
        finished = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=max(1.0, seconds), cwd=Path(__file__).parents[1]
        )
    except subprocess.TimeoutExpired:
        return "stopped: no time left"
    except subprocess.CalledProcessError as error:
        return f"failed: {error.stderr.strip()[-500:]}"
    return json.loads(finished.stdout)


SECTIONS = {
    "attention": Section(attention, 25),
    "forward": Section(forward, 110),
    "encode": Section(encode, 45),
    "step": Section(step, 45),
    "streaming": Section(streaming, 40),
    "decode": Section(decode, 50),
    "plans": Section(plans, CARD_SECONDS),
}
"""in this order: the plans take what time is left, the most telling cards first"""


def measure(bench: Bench, names: list[str], report: Callable[[str, Json], None]) -> Json:
    """The sections one after the other; what fails or finds no time says so, and the next one runs."""
    result: Json = {}
    for name in names:
        section, begin = SECTIONS[name], time.monotonic()
        if not bench.small and bench.left < section.seconds:
            result[name] = {"skipped": f"{bench.left:.0f} s are left and it may take {section.seconds:.0f}"}
        else:
            try:
                result[name] = section.run(bench)
            except Exception as error:
                traceback.print_exc()
                result[name] = {"failed": f"{type(error).__name__}: {str(error)[:500]}"}
                bench.forget()
            result[name]["section_s"] = round(time.monotonic() - begin, 1)
        report(name, result)
    return result


def rounded(value: object) -> object:
    """JSON with four digits where it has more."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value


@torch.no_grad()
def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Everything that only a GPU can tell, in at most ten minutes.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there, anew after each section")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION", help="(all)")
    parser.add_argument("--seconds", type=float, default=570, help="for the whole run (%(default)s)")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    bench = Bench(torch.device(arguments.device), arguments.small, arguments.seconds)
    if not (bench.on_gpu or bench.small):
        parser.error("this takes a CUDA device; on a CPU only --small makes sense")
    about: Json = {
        "device": torch.cuda.get_device_name(bench.device) if bench.on_gpu else f"cpu: {processor()}",
        "video": bench.video,
        "weights": "random; all blocks of a network have the values of one",
        "targets": TARGETS,
        "torch": torch.__version__,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit(),
    }

    def report(name: str, result: Json) -> None:
        print(json.dumps({name: rounded(result[name])}), flush=True)
        if arguments.json is not None:
            text = json.dumps(rounded(about | {"sections": result}), indent=2)
            arguments.json.write_text(text + "\n", encoding="utf-8")

    result = measure(bench, arguments.only, report)
    if failed := [name for name, entry in result.items() if "failed" in entry]:
        raise SystemExit(f"Failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
