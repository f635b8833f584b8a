"""Time of smart select on the demo picture (832x480): a box, a click, a box with strokes.

``python -m benchmarks.segment --json segment.json``. OpenCV takes as many threads as there are processors, as in use.
"""

import argparse
import datetime
import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from benchmarks.machine import commit, processor
from wanmove_core.demo.assets import PICTURE
from wanmove_core.rendering.images import load_image
from wanmove_core.tracks.segment import Marks, Stroke, select_region

HEAD = (365.0, 65.0, 700.0, 375.0)
CASES = {
    "box": Marks(box=HEAD),
    "click": Marks(click=(560.0, 170.0)),
    "box_and_strokes": Marks(box=HEAD, strokes=(Stroke(True, ((430, 260), (480, 320)), 10), Stroke(False, ((580, 280),), 8))),
    "whole_picture": Marks(box=(0.0, 0.0, 832.0, 480.0)),
}


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds by case, and where they were taken."""

    milliseconds: dict[str, float]
    slowest_ms: float
    runs: int
    width: int
    height: int
    device: str
    threads: int
    opencv: str
    date: str
    commit: str


def measure(runs: int) -> Timing:
    """Each case so many times after one that is not counted."""
    picture = load_image(PICTURE)
    slowest, medians = 0.0, {}
    for name, marks in CASES.items():
        durations = []
        for _ in range(runs + 1):
            begin = time.perf_counter()
            select_region(picture, marks)
            durations.append(1000 * (time.perf_counter() - begin))
        medians[name] = round(statistics.median(durations[1:]), 1)
        slowest = max(slowest, *durations[1:])
    return Timing(
        milliseconds=medians,
        slowest_ms=round(slowest, 1),
        runs=runs,
        width=picture.shape[1],
        height=picture.shape[0],
        device=f"cpu: {processor()}",
        threads=cv2.getNumThreads(),
        opencv=cv2.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Smart select on the demo picture.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--runs", type=int, default=15, help="of each case (%(default)s)")
    parser.add_argument("--at-most", type=float, default=0.0, metavar="MS", help="exit with 1 if a median is above this")
    arguments = parser.parse_args()
    timing = measure(arguments.runs)
    text = json.dumps(asdict(timing), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    worst = max(timing.milliseconds.values())
    if arguments.at_most and worst > arguments.at_most:
        raise SystemExit(f"The slowest case takes {worst} ms; at most {arguments.at_most:g} is asked for.")


if __name__ == "__main__":
    main()
