"""Time to draw 1,024 tracks with tails over 81 frames of 832x480, against a form that draws point by point.

``python -m benchmarks.overlay --json overlay.json``. Cases: requested tracks in their layers' colours; requested and achieved
with error colours, a fifth lost on the way. OpenCV takes as many threads as there are processors, as in use. The point-by-point
form draws the same dots and tails, one call of OpenCV each, as the overlay did before.
"""

import argparse
import datetime
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.machine import commit, processor
from wanmove_core.demo.assets import PICTURE
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.images import fit_image, load_image
from wanmove_core.rendering.overlay import LAYERS, AchievedTracks, OverlayOptions, overlay_frames
from wanmove_core.tracks.baked import BakedTracks

LENGTH, WIDTH, HEIGHT, COUNT, GROUPS, TAIL = 81, 832, 480, 1024, 4, 12


@dataclass(frozen=True)
class Seconds:
    """Of one case."""

    clock: float
    processor: float
    """over all threads: what other programs do not change"""


@dataclass(frozen=True)
class Timing:
    """Seconds a clip, medians of the runs, and where they were measured."""

    requested: Seconds
    with_errors: Seconds
    point_by_point: Seconds
    """the requested tracks; the same dots and tails"""
    ratio: float
    """of processor time, point by point to ours"""
    frames: int
    width: int
    height: int
    tracks: int
    runs: int
    device: str
    threads: int
    opencv: str
    date: str
    commit: str


def measure(runs: int) -> Timing:
    """Each case so many times after one that is not counted, in turns."""
    tracks, achieved = make_tracks()
    frames = [fit_image(load_image(PICTURE), WIDTH, HEIGHT, "crop")] * LENGTH
    cases: dict[str, Callable[[], Iterator[Frame]]] = {
        "requested": lambda: overlay_frames(frames, tracks, None, OverlayOptions(tail=TAIL)),
        "with errors": lambda: overlay_frames(frames, tracks, achieved, OverlayOptions(tail=TAIL)),
        "point by point": lambda: point_by_point(frames, tracks),
    }
    runs_of: dict[str, list[Seconds]] = {name: [] for name in cases}
    for _ in range(runs + 1):
        for name, draw in cases.items():
            runs_of[name].append(_timed(draw))
    medians = {
        name: Seconds(
            round(statistics.median(run.clock for run in several[1:]), 3),
            round(statistics.median(run.processor for run in several[1:]), 3),
        )
        for name, several in runs_of.items()
    }
    return Timing(
        requested=medians["requested"],
        with_errors=medians["with errors"],
        point_by_point=medians["point by point"],
        ratio=round(medians["point by point"].processor / medians["requested"].processor, 2),
        frames=LENGTH,
        width=WIDTH,
        height=HEIGHT,
        tracks=COUNT,
        runs=runs,
        device=f"cpu: {processor()}",
        threads=cv2.getNumThreads(),
        opencv=cv2.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def _timed(draw: Callable[[], Iterator[Frame]]) -> Seconds:
    began, worked = time.perf_counter(), time.process_time()
    drawn = sum(1 for _ in draw())
    if drawn != LENGTH:
        raise SystemExit(f"{drawn} frames of {LENGTH} were drawn.")
    return Seconds(time.perf_counter() - began, time.process_time() - worked)


def make_tracks() -> tuple[BakedTracks, AchievedTracks]:
    """Points all over the picture that go straight on, and where they went: up to 24 px away, a fifth of them lost."""
    generator = np.random.default_rng(0)
    start = generator.uniform(0, 1, (1, COUNT, 2)) * (WIDTH, HEIGHT)
    moment = np.arange(LENGTH)[:, None, None] / (LENGTH - 1)
    positions = (start + moment * generator.normal(0, 120, (1, COUNT, 2))).astype(np.float32)
    layer = (np.arange(COUNT) * GROUPS // COUNT).astype(np.int32)
    names = tuple(str(index) for index in range(GROUPS))
    tracks = BakedTracks(positions, np.ones((LENGTH, COUNT), np.bool_), WIDTH, HEIGHT, layer, names)
    away = moment * generator.normal(0, 12, (1, COUNT, 2))
    followed = np.arange(LENGTH)[:, None] < np.where(np.arange(COUNT) % 5 == 0, LENGTH // 2, LENGTH)
    return tracks, AchievedTracks((positions + away).astype(np.float32), followed)


def point_by_point(frames: list[Frame], tracks: BakedTracks) -> Iterator[Frame]:
    """Tails and dots, one call each, and tails mixed in with floats."""
    colour, fresh = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    steps = np.rint((tracks.positions - 0.5) * 16).astype(np.int32)
    fixed = np.ascontiguousarray(steps.transpose(1, 0, 2))
    colours = [LAYERS[layer % len(LAYERS)] for layer in tracks.layer.tolist()]
    for index, frame in enumerate(frames):
        if index:
            for track in range(tracks.count):
                line = [fixed[track, index - 1 : index + 1]]
                cv2.polylines(colour, line, False, colours[track], 4, cv2.LINE_8, 4)
                cv2.polylines(fresh, line, False, (255,), 2, cv2.LINE_AA, 4)
        share = fresh[..., None].astype(np.float32) * (0.85 / 255)
        drawn = np.rint(frame + (colour.astype(np.float32) - frame) * share).astype(np.uint8)
        fresh = np.asarray(cv2.subtract(fresh, np.full_like(fresh, round(255 / TAIL))), np.uint8)
        for track in range(tracks.count):
            centre = (int(fixed[track, index, 0]), int(fixed[track, index, 1]))
            cv2.circle(drawn, centre, 5 * 16, (20, 20, 24), -1, cv2.LINE_AA, 4)
            cv2.circle(drawn, centre, 4 * 16, colours[track], -1, cv2.LINE_AA, 4)
        yield drawn


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Tracks drawn over a video.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--runs", type=int, default=5, help="of each case (%(default)s)")
    parser.add_argument("--at-most", type=float, default=0.0, metavar="SECONDS", help="exit with 1 if a median is above this")
    arguments = parser.parse_args()
    timing = measure(arguments.runs)
    text = json.dumps(asdict(timing), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    slowest = max(timing.requested.clock, timing.with_errors.clock)
    if 0 < arguments.at_most < slowest:
        raise SystemExit(f"The slowest case takes {slowest} s; at most {arguments.at_most:g} s are asked for.")


if __name__ == "__main__":
    main()
