"""Speed and error of tracks from a video: 81 frames of 832x480, about 400 points, layers of photographs that cross.

``python -m benchmarks.track_video --json track_video.json``. OpenCV takes as many threads as there are processors, as in use.
Frames a second are of the clock, the median and the best run; processor time a frame is what other programs do not change.
"""

import argparse
import datetime
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.machine import commit, processor
from wanmove_core.demo.assets import PICTURE
from wanmove_core.evaluation.point_tracking import is_trackable
from wanmove_core.evaluation.start_points import StartPoints
from wanmove_core.evaluation.synthesis import SyntheticClip, make_clip
from wanmove_core.evaluation.video_tracking import TrackingOptions, track_video
from wanmove_core.host import SilentHost
from wanmove_core.rendering.images import load_image
from wanmove_core.tracks.baked import BakedTracks

LENGTH, WIDTH, HEIGHT, COUNT, SPACING = 81, 832, 480, 400, 28


@dataclass(frozen=True)
class Speed:
    """Of one way to follow."""

    tracks: int
    frames_per_second: float
    """median of the runs"""
    best_frames_per_second: float
    processor_ms_per_frame: float
    """median of the runs, over all threads"""


@dataclass(frozen=True)
class Errors:
    """Of the given points against where the clip's layers really carried them."""

    mean_px: float
    """over the frames in which a point is visible and said to be"""
    median_px: float
    found_percent: float
    """% of the frames in which points are visible that are said to be"""
    wrongly_visible_percent: float
    """% of the frames that are said to be visible, but are not"""


@dataclass(frozen=True)
class Timing:
    """All cases, and where they were measured."""

    given_points: Speed
    grid_finding_new: Speed
    """a grid of 28 px; new points are looked for every few frames"""
    given_points_from_floats: Speed
    """frames in 0 … 1, as ComfyUI has them, turned into bytes on the way"""
    errors: Errors
    frames: int
    width: int
    height: int
    runs: int
    device: str
    threads: int
    opencv: str
    date: str
    commit: str


def measure(runs: int) -> Timing:
    """Each case so many times after one that is not counted."""
    clip = make_clip(1, LENGTH, HEIGHT, WIDTH, [load_image(PICTURE)])
    chosen = choose_points(clip)
    given, options = StartPoints(points=clip.positions[0, chosen]), TrackingOptions()
    floats = clip.frames.astype(np.float32) / np.float32(255)
    host = SilentHost()
    found = track_video(clip.frames, given, host, options)
    return Timing(
        given_points=speed(lambda: track_video(clip.frames, given, host, options), runs),
        grid_finding_new=speed(lambda: track_video(clip.frames, StartPoints(SPACING), host, options), runs),
        given_points_from_floats=speed(lambda: track_video(floats, given, host, options), runs),
        errors=errors(found, clip.positions[:, chosen], clip.visibility[:, chosen]),
        frames=LENGTH,
        width=WIDTH,
        height=HEIGHT,
        runs=runs,
        device=f"cpu: {processor()}",
        threads=cv2.getNumThreads(),
        opencv=cv2.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def choose_points(clip: SyntheticClip) -> np.ndarray:
    """``COUNT`` of the clip's points, evenly over those that can be followed from the first frame."""
    able = np.flatnonzero(is_trackable(clip.frames[0], clip.positions[0]) & clip.visibility[0])
    return able[np.linspace(0, len(able) - 1, COUNT).round().astype(int)]


def speed(follow: Callable[[], BakedTracks], runs: int) -> Speed:
    """How long ``follow`` takes for ``LENGTH`` frames."""
    count, clock, busy = follow().count, [], []
    for _ in range(runs):
        began, worked = time.perf_counter(), time.process_time()
        follow()
        clock.append(LENGTH / (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - worked) / LENGTH)
    return Speed(count, round(statistics.median(clock), 1), round(max(clock), 1), round(statistics.median(busy), 1))


def errors(found: BakedTracks, truth: np.ndarray, visible: np.ndarray) -> Errors:
    """What was found against the truth, positions [T, N, 2] and visibility [T, N]."""
    both = found.visibility & visible
    distance = np.linalg.norm(found.positions - truth, axis=-1)[both]
    return Errors(
        mean_px=round(float(distance.mean()), 3),
        median_px=round(float(np.median(distance)), 3),
        found_percent=round(100 * float(both.sum() / visible.sum()), 1),
        wrongly_visible_percent=round(100 * float((found.visibility & ~visible).sum() / found.visibility.sum()), 2),
    )


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Tracks from a video.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--runs", type=int, default=5, help="of each case (%(default)s)")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="FPS", help="exit with 1 if a median is below this")
    arguments = parser.parse_args()
    timing = measure(arguments.runs)
    text = json.dumps(asdict(timing), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    slowest = min(timing.given_points.frames_per_second, timing.grid_finding_new.frames_per_second)
    if slowest < arguments.at_least:
        raise SystemExit(f"The slowest case follows {slowest} frames a second; at least {arguments.at_least:g} are asked for.")


if __name__ == "__main__":
    main()
