"""How long it takes from a changed track to the first denoising step, against the first run, with the embedded demo model.

``python -m benchmarks.redraw --json redraw.json``. Two lanes: the core (``bake`` to ``generate`` with a cache), and the nodes'
own code over the tests' stand-in for ComfyUI (Trajectory Editor, Trajectory To Latent Guide, Wan-Move Sampler; the loaded model
stays, as ComfyUI keeps it). Each run ends when the diffusion network is called first; encoder runs are counted on the way. On
one thread unless told otherwise: on a busy machine more threads time their waiting for each other.
"""

import argparse
import datetime
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import commit, processor

ROOT = Path(__file__).parents[1]
LENGTH, WIDTH, HEIGHT = 33, 448, 256
PACK = "wanmove_pack_in_benchmark"


class _FirstStep(BaseException):
    """The diffusion network is called."""


@dataclass(frozen=True)
class Timing:
    """Of one lane: milliseconds to the first denoising step, and runs of the VAE's encoder on the way."""

    lane: str
    first_ms: float
    redraw_ms: float
    """median of the runs with changed tracks"""
    redraw_most_ms: float
    redraw_processor_ms: float
    """median of the processor time, of all threads together"""
    parts_ms: dict[str, float]
    """medians of a re-drawn run: until each thing was done"""
    first_encodes: int
    redraw_encodes: int


@dataclass(frozen=True)
class Report:
    """Both lanes, and where they were measured."""

    timings: list[Timing]
    frames: int
    width: int
    height: int
    runs: int
    device: str
    threads: int
    load: float
    """programs that wanted a processor when the measuring began, over the last minute"""
    torch: str
    date: str
    commit: str


class Lane:
    """Runs to the first step, timed."""

    def __init__(self, name: str, models: Any, run: Callable[[str, Callable[[str], None]], None]) -> None:
        self._name, self._run = name, run
        self._encodes = 0
        models.vae.encoder.conv1.register_forward_pre_hook(self._count)
        models.dit.register_forward_pre_hook(_stop)

    def measure(self, runs: int) -> Timing:
        """The first run, then as many with another drawing each."""
        first, _, first_encodes = self._timed(0)
        redrawn: list[tuple[float, dict[str, float], int]] = []
        processor: list[float] = []
        for number in range(runs):
            begin = time.process_time()
            redrawn.append(self._timed(number + 1))
            processor.append(1000 * (time.process_time() - begin))
        names = list(redrawn[0][1])
        return Timing(
            lane=self._name,
            first_ms=first,
            redraw_ms=_median([time_ms for time_ms, _, _ in redrawn]),
            redraw_most_ms=max(time_ms for time_ms, _, _ in redrawn),
            redraw_processor_ms=_median(processor),
            parts_ms={name: _median([parts[name] for _, parts, _ in redrawn]) for name in names},
            first_encodes=first_encodes,
            redraw_encodes=sum(encodes for _, _, encodes in redrawn),
        )

    def _timed(self, number: int) -> tuple[float, dict[str, float], int]:
        text, parts, encodes = drawing(number), dict[str, float](), self._encodes
        begin = time.perf_counter()

        def now() -> float:
            return round(1000 * (time.perf_counter() - begin), 2)

        with suppress(_FirstStep):
            self._run(text, lambda part: parts.update({part: now()}))
        return now(), parts, self._encodes - encodes

    def _count(self, *_: object) -> None:
        self._encodes += 1


def drawing(number: int) -> str:
    """The shipped document with the head's path bent a little further each time."""
    from wanmove_core.demo.assets import DOCUMENT

    document = json.loads(DOCUMENT.read_bytes())
    document["layers"][1]["motion"]["path"]["points"][-1] = [-112, 14 + number]
    return json.dumps(document)


def core_lane() -> Lane:
    """The core as another program would use it."""
    from wanmove_core.demo.assets import PICTURE, VAE, load_demo_models
    from wanmove_core.generation.cached_encoding import encode_stills
    from wanmove_core.generation.encode_cache import EncodeCache
    from wanmove_core.host import SilentHost
    from wanmove_core.pipeline import GenerateRequest, Sampling, generate
    from wanmove_core.rendering.images import fit_image, load_image
    from wanmove_core.tracks.document import parse_document
    from wanmove_core.tracks.sampling import bake
    from wanmove_core.tracks.tensors import to_tensors

    models, host, cache = load_demo_models(), SilentHost(), EncodeCache()
    picture = torch.from_numpy(fit_image(load_image(PICTURE), WIDTH, HEIGHT, "crop")).float() / 255
    asked = GenerateRequest(picture, LENGTH, Sampling(2, 8.0))

    def run(document: str, done: Callable[[str], None]) -> None:
        tracks = to_tensors(bake(parse_document(document), LENGTH, WIDTH, HEIGHT, "crop"))
        done("tracks")
        request = replace(asked, tracks=tracks)
        still = encode_stills(VAE, models, request, host, cache)
        done("encoded picture")
        next(generate(models, request, host, still))

    return Lane("core", models, run)


def node_lane(folder: Path) -> Lane:
    """The nodes as ComfyUI calls them."""
    sys.path.insert(0, str(ROOT / "tests" / "comfy" / "stand_in"))
    folder_paths: Any = importlib.import_module("folder_paths")
    folder_paths.base = folder
    spec = importlib.util.spec_from_file_location(PACK, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    if spec is None or spec.loader is None:
        raise SystemExit("The pack has no __init__.py.")
    module = sys.modules[PACK] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    from tests.comfy.engine_nodes import Nodes
    from wanmove_core.demo.assets import PICTURE
    from wanmove_core.rendering.images import load_image

    nodes = Nodes(module)
    (model,) = nodes.run("LoadWanMove")
    image = torch.from_numpy(load_image(PICTURE)).float().unsqueeze(0) / 255

    def run(document: str, done: Callable[[str], None]) -> None:
        size = {"length": LENGTH, "width": WIDTH, "height": HEIGHT, "fit": "crop"}
        tracks, *_ = nodes.run("TrajectoryEditor", image=image, document=document, **size)
        done("editor")
        guide, _ = nodes.run("TrajectoryToLatentGuide", model=model, image=image, tracks=tracks)
        done("guide")
        nodes.run("WanMoveSampler", guide=guide)

    return Lane("nodes", model.models, run)


def _stop(*_: object) -> None:
    raise _FirstStep


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 2)


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="From a changed track to the first denoising step.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--runs", type=int, default=15, help="with changed tracks (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (default: %(default)s)")
    parser.add_argument("--at-most", type=float, default=0.0, metavar="MS", help="exit with 1 if a lane's median is longer")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        timings = [lane.measure(arguments.runs) for lane in (core_lane(), node_lane(Path(folder)))]
    report = Report(
        timings=timings,
        frames=LENGTH,
        width=WIDTH,
        height=HEIGHT,
        runs=arguments.runs,
        device=f"cpu: {processor()}",
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
    if any(timing.redraw_encodes for timing in timings):
        raise SystemExit("The picture was encoded again though only tracks changed.")
    slowest = max(timing.redraw_ms for timing in timings)
    if arguments.at_most and slowest > arguments.at_most:
        raise SystemExit(f"A lane takes {slowest} ms to the first step; at most {arguments.at_most:g} are asked for.")


if __name__ == "__main__":
    main()
