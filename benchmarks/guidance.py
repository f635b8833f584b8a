"""Time of tracks -> cells -> edited latent against the loops of the released code, in one run.

``python -m benchmarks.guidance --json guidance.json``: 1,024 tracks over 81 frames at 832x480, 16 channels. The loop does
what ``create_pos_feature_map`` (without its feature map, which is never used) and ``replace_feature`` of Wan-Move do, on
tensors and an element at a time. All on one thread: the loop cannot use more, and on a busy machine more threads would time
their waiting for each other.
"""

import argparse
import datetime
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.machine import commit, processor
from wanmove_core.guidance.latent_edit import edit_latent, edit_latent_reference
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.tracks.tensors import Tracks, make_tracks
from wanmove_core.variants import WAN21_STRIDE

COUNT, LENGTH, WIDTH, HEIGHT, CHANNELS = 1024, 81, 832, 480, 16


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds and where they were taken."""

    tracks: int
    frames: int
    width: int
    height: int
    channels: int
    loop_ms: float
    ours_ms: float
    reference_ms: float
    """our ``edit_latent_reference``, which gives the result of the loop"""
    ratio: float
    """loop_ms / ours_ms"""
    device: str
    threads: int
    torch: str
    date: str
    commit: str


def released_loop(latent: torch.Tensor, tracks: Tracks) -> torch.Tensor:
    """Cells by two nested Python loops over tensors, then one indexed assignment; changes ``latent`` as the original does."""
    cells = -torch.ones(tracks.count, latent.shape[-3], 2, dtype=torch.long)
    for frame in range(0, tracks.length, 4):
        points, visible = tracks.positions[frame], tracks.visibility[frame]
        for index in range(tracks.count):
            outside = points[index][0] < 0 or points[index][1] < 0 or points[index][0] >= WIDTH or points[index][1] >= HEIGHT
            if not visible[index] or outside:
                continue
            x, y = points[index]
            cells[index, frame // 4, 0], cells[index, frame // 4, 1] = int(y // 8), int(x // 8)
    target = cells[:, 1:]
    track, frame = ((target[..., 0] >= 0) & (target[..., 1] >= 0)).nonzero(as_tuple=True)
    features = latent[:, 0, cells[track, 0, 0], cells[track, 0, 1]]
    latent[:, frame + 1, target[track, frame, 0], target[track, frame, 1]] = features
    return latent


def measure() -> Timing:
    """Both ways on the same tracks; the loop three times, ours a hundred times after a warm-up."""
    generator = torch.Generator().manual_seed(0)
    start = torch.rand(1, COUNT, 2, generator=generator) * torch.tensor([WIDTH, HEIGHT])
    steps = torch.randn(LENGTH, COUNT, 2, generator=generator).cumsum(dim=0) * 3
    tracks = make_tracks(start + steps, torch.rand(LENGTH, COUNT, generator=generator) > 0.05, WIDTH, HEIGHT)
    latent = torch.randn(CHANNELS, WAN21_STRIDE.latent_length(LENGTH), HEIGHT // 8, WIDTH // 8, generator=generator)
    loop_ms = median_ms(lambda: released_loop(latent.clone(), tracks), 3)
    ours_ms = median_ms(lambda: edit_latent(latent, to_latent_tracks(tracks, WAN21_STRIDE)), 100)
    reference_ms = median_ms(lambda: edit_latent_reference(latent, tracks, WAN21_STRIDE), 100)
    if not torch.equal(released_loop(latent.clone(), tracks), edit_latent_reference(latent, tracks, WAN21_STRIDE)):
        raise SystemExit("The loop and edit_latent_reference disagree: the timing compares two different things.")
    return Timing(
        tracks=COUNT,
        frames=LENGTH,
        width=WIDTH,
        height=HEIGHT,
        channels=CHANNELS,
        loop_ms=round(loop_ms, 3),
        ours_ms=round(ours_ms, 3),
        reference_ms=round(reference_ms, 3),
        ratio=round(loop_ms / ours_ms, 1),
        device=f"cpu: {processor()}",
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def median_ms(run: Callable[[], object], times: int) -> float:
    """Median wall time of ``times`` runs after one that is not counted when there are many."""
    if times > 3:
        run()
    durations = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        durations.append(time.perf_counter() - begin)
    return 1000 * statistics.median(durations)


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="Guidance: our edit against the released loop.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="RATIO", help="exit with 1 below this ratio")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    timing = measure()
    text = json.dumps(asdict(timing), indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if timing.ratio < arguments.at_least:
        raise SystemExit(f"The ratio is {timing.ratio}; at least {arguments.at_least:g} is asked for.")


if __name__ == "__main__":
    main()
