"""``wanmove demo --evaluate``: the embedded model on clips that it was not trained on, beside the floor of the measure."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..evaluation.measure import MeasureOptions, measure_tracks
from ..evaluation.metrics import TrackScore
from ..evaluation.synthesis import SyntheticClip, make_clip
from ..host import Host
from ..pipeline import Models
from ..tracks.baked import BakedTracks
from .assets import load_demo_models
from .demonstration import generate_clip

HELD_OUT_SEED = 900_000_000
"""far from the seeds of ``training/``"""
LENGTH = 17
OPTIONS = MeasureOptions(min_motion=12.0, method="patches")

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Renderer:
    """One way to make a clip, to be scored."""

    name: str
    make: Callable[[SyntheticClip, BakedTracks], Frames]
    """-> [T, H, W, 3]"""


def evaluate_demo(clips: int, size: int, host: Host, seed: int = 0) -> dict[str, object]:
    """Scores of ``clips`` clips of size x size pixels: guided, unguided, the autoencoder alone, and the truth itself.

    Tracks that move at least 12 px and are visible at both ends are looked for in each video by patch matching; a point
    that is not found counts as not within 8 px.
    """
    models = load_demo_models(host.device)
    renderers = (
        Renderer("guided", lambda clip, tracks: np.stack(generate_clip(models, clip.frames[0], tracks, host, seed, LENGTH))),
        Renderer("unguided", lambda clip, tracks: np.stack(generate_clip(models, clip.frames[0], None, host, seed, LENGTH))),
        Renderer("autoencoder", lambda clip, tracks: autoencode(models, clip.frames)),
        Renderer("truth", lambda clip, tracks: clip.frames),
    )
    scores: dict[str, list[TrackScore]] = {renderer.name: [] for renderer in renderers}
    noise: dict[str, list[float]] = {renderer.name: [] for renderer in renderers}
    host.progress("evaluate", 0, clips)
    number = 0
    for done in range(1, clips + 1):
        clip, tracks, number = next_moving_clip(number, size)
        for renderer in renderers:
            frames = renderer.make(clip, tracks)
            score = measure_tracks(list(frames), tracks, OPTIONS).score
            if score is not None:
                scores[renderer.name].append(score)
            noise[renderer.name].append(psnr(frames, clip.frames))
        host.progress("evaluate", done, clips)
    result: dict[str, object] = {"clips": clips, "size": size, "length": LENGTH}
    for name, rows in scores.items():
        result[name] = summarise(rows) | ({"psnr": round(float(np.mean(noise[name])), 2)} if name != "truth" else {})
    return result


def next_moving_clip(number: int, size: int) -> tuple[SyntheticClip, BakedTracks, int]:
    """The next held-out clip, from ``number`` on, in which something can be measured; and the number after it."""
    while True:
        clip = make_clip(HELD_OUT_SEED + number, LENGTH, size, size)
        number += 1
        layers = int(clip.layer.max()) + 1
        names = tuple(f"layer {index}" for index in range(layers))
        tracks = BakedTracks(clip.positions, clip.visibility, size, size, clip.layer, names)
        if measure_tracks(list(clip.frames), tracks, OPTIONS).score is not None:
            return clip, tracks, number


@torch.no_grad()
def autoencode(models: Models, frames: Frames) -> Frames:
    """The frames [T, H, W, 3] after the VAE's encoder and decoder: the best that the transformer could reach."""
    weight = models.vae.conv1.weight
    clip = torch.from_numpy(frames).to(weight).permute(3, 0, 1, 2).unsqueeze(0) / 127.5 - 1
    made = models.vae.decode(models.vae.encode(clip))[0]
    return ((made + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 3, 0).cpu().numpy()


def summarise(scores: list[TrackScore]) -> dict[str, object]:
    """Means over all tracks of all clips."""
    weights = np.array([score.tracks for score in scores], dtype=np.float64)
    weights /= weights.sum()
    return {
        "within_8px_percent": round(float(weights @ [score.within_percent for score in scores]), 1),
        "error_px": round(float(weights @ [score.mean_px for score in scores]), 2),
        "lost_percent": round(float(weights @ [score.lost_percent for score in scores]), 1),
        "tracks": sum(score.tracks for score in scores),
    }


def psnr(made: Frames, truth: Frames) -> float:
    """Peak signal-to-noise ratio in dB over all pixels of a clip."""
    error = np.mean((made.astype(np.float64) - truth) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-12)))
