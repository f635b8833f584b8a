"""``wanmove demo --evaluate``: the embedded model on clips that it was not trained on, beside the floor of the measure."""

import numpy as np
import torch
from numpy.typing import NDArray

from ..evaluation.measure import MeasureOptions, measure_tracks
from ..evaluation.metrics import TrackScore
from ..evaluation.synthesis import SyntheticClip, make_clip
from ..evaluation.trackers import PatchMatching
from ..host import Host, SilentHost
from ..pipeline import Models
from ..rendering.frames import Frame
from ..rendering.images import load_image
from ..tracks.baked import BakedTracks
from .assets import PICTURE, load_demo_models
from .demonstration import generate_clips

HELD_OUT_SEED = 900_000_000
"""far from the seeds of ``training/``"""
LENGTH = 17
OPTIONS = MeasureOptions(min_motion=12.0, tracker=PatchMatching())
RENDERINGS = ("guided", "unguided", "autoencoder", "truth")
"""the model with all tracks and with none; the best that its autoencoder allows; the floor of the measure"""

Frames = NDArray[np.uint8]


def evaluate_demo(clips: int, size: int, host: Host, seed: int = 0) -> dict[str, object]:
    """Scores of ``clips`` clips of size x size pixels: guided, unguided, the autoencoder alone, and the truth itself.

    The clips are cut from the shipped picture and from procedural textures, and all of a clip's tracks guide. Tracks that
    move at least 12 px and are visible at both ends are looked for in each video by patch matching; a point that is not
    found counts as not within 8 px.
    """
    models, picture = load_demo_models(host.device), load_image(PICTURE)
    scores: dict[str, list[TrackScore]] = {name: [] for name in RENDERINGS}
    noise: dict[str, list[float]] = {name: [] for name in RENDERINGS}
    host.progress("evaluate", 0, clips)
    number = 0
    for done in range(1, clips + 1):
        clip, tracks, number = next_moving_clip(number, size, picture)
        guided, unguided = generate_clips(models, clip.frames[0], (tracks, None), SilentHost(host.device), seed)
        made = (np.stack(guided), np.stack(unguided), autoencode(models, clip.frames), clip.frames)
        for name, frames in zip(RENDERINGS, made, strict=True):
            score = measure_tracks(list(frames), tracks, OPTIONS).score
            if score is not None:
                scores[name].append(score)
            noise[name].append(psnr(frames, clip.frames))
        host.check_interrupted()
        host.progress("evaluate", done, clips)
    result: dict[str, object] = {"clips": clips, "size": size, "length": LENGTH}
    for name, rows in scores.items():
        result[name] = summarise(rows) | ({"psnr": round(float(np.mean(noise[name])), 2)} if name != "truth" else {})
    return result


def next_moving_clip(number: int, size: int, picture: Frame) -> tuple[SyntheticClip, BakedTracks, int]:
    """The next held-out clip, from ``number`` on, in which something can be measured; and the number after it."""
    while True:
        clip = make_clip(HELD_OUT_SEED + number, LENGTH, size, size, (picture,))
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
