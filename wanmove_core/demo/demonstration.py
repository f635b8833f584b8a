"""``wanmove demo``: the shipped picture moves along the shipped tracks, once as a draft and once through the whole engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..evaluation.measure import Measurement, MeasureOptions, measure_tracks
from ..evaluation.trackers import PatchMatching
from ..host import Host
from ..pipeline import GenerateRequest, Models, Sampling, encode_start, generate
from ..rendering.images import contact_sheet, evenly_spaced, fit_image, load_image, save_image
from ..rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
from ..rendering.video_file import write_video
from ..rendering.warp import DRAFT_LABEL, warp_frames
from ..sampling.guidance_scale import GuidanceScale
from ..tracks.baked import BakedTracks
from ..tracks.sampling import bake
from ..tracks.tensors import to_tensors
from ..variants import SamplingDefaults
from .assets import PICTURE, demo_document, load_demo_models

Frames = list[NDArray[np.uint8]]

DRAFT_LENGTH = 81
MODEL_LENGTH, MODEL_WIDTH, MODEL_HEIGHT = 33, 448, 256
FPS = 16.0
SOFT_CLIPS = MeasureOptions(tracker=PatchMatching())
"""the small model's frames are too soft for following from frame to frame: half of the points would be lost on the way"""
SHEET_FRAMES = 6
TILE_WIDTH = 320


@dataclass(frozen=True)
class Shown:
    """One clip with what it was asked to do and what it did."""

    name: str
    label: str
    frames: Frames
    measured: Measurement


def run_demo(folder: Path, host: Host, seed: int = 0) -> dict[str, object]:
    """Write the demo's files to ``folder`` and return their paths and errors, ready for JSON.

    ``draft`` is the picture itself, moved along the tracks; ``video`` comes from the embedded model with guidance and
    ``unguided`` from the same model, seed and picture without. The errors are mean end-point errors in pixels of the clip,
    measured on the frames (``evaluation.measure``): the draft by following points from frame to frame, both model clips by
    patch matching. A point that is not found again counts with where it was last seen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = make_draft(host)
    guided, unguided = make_model_clips(host, seed)
    paths: dict[str, object] = {}
    for shown, key in ((draft, "draft"), (guided, "video"), (unguided, "unguided")):
        paths[key] = _write_clip(folder / f"{shown.name}.mp4", shown.frames, shown.label)
    for shown, prefix in ((guided, ""), (draft, "draft_")):
        overlaid = list(_overlaid(shown))
        paths[f"{prefix}overlay"] = _write_clip(folder / f"{shown.name}-overlay.mp4", overlaid, shown.label)
        paths[f"{prefix}sheet"] = _write_sheet(folder / f"{shown.name}-sheet.png", shown, overlaid)
    return paths | _errors(draft, "draft") | _errors(guided, "guided") | _errors(unguided, "unguided")


def make_draft(host: Host) -> Shown:
    """The draft at the picture's full size."""
    document = demo_document()
    frames = list(warp_frames(load_image(PICTURE), document, DRAFT_LENGTH, document.width, document.height, host))
    tracks = bake(document, DRAFT_LENGTH, document.width, document.height)
    return Shown("draft", DRAFT_LABEL, frames, measure_tracks(frames, tracks))


def make_model_clips(host: Host, seed: int) -> tuple[Shown, Shown]:
    """The embedded model's clip with the tracks, and without."""
    tracks = bake(demo_document(), MODEL_LENGTH, MODEL_WIDTH, MODEL_HEIGHT, "crop")
    picture = fit_image(load_image(PICTURE), MODEL_WIDTH, MODEL_HEIGHT, "crop")
    models = load_demo_models(host.device)
    guided, unguided = generate_clips(models, picture, (tracks, None), host, seed)
    return (
        Shown("guided", "demo model, guided", guided, measure_tracks(guided, tracks, SOFT_CLIPS)),
        Shown("unguided", "demo model, no tracks", unguided, measure_tracks(unguided, tracks, SOFT_CLIPS)),
    )


def generate_clips(
    models: Models, picture: NDArray[np.uint8], wishes: Sequence[BakedTracks | None], host: Host, seed: int
) -> list[Frames]:
    """A clip of the picture [H, W, 3] for each set of tracks (None = no guidance); the picture is encoded once.

    Each clip is as long as the first wish that is not None, with the variant's default sampling.
    """
    length = next(tracks.length for tracks in wishes if tracks is not None)
    image = torch.from_numpy(picture).float() / 255
    still = encode_start(models.vae, image, length, host)
    sampling = default_sampling(models.variant.defaults, seed)
    requests = (
        GenerateRequest(image, length, sampling, None if tracks is None else to_tensors(tracks, host.device))
        for tracks in wishes
    )
    return [list(generate(models, request, host, still)) for request in requests]


def default_sampling(defaults: SamplingDefaults, seed: int) -> Sampling:
    """The variant's own steps, shift and guidance scale."""
    return Sampling(defaults.steps, defaults.shift, seed, scale=GuidanceScale(text=defaults.cfg))


def _overlaid(shown: Shown) -> Iterable[NDArray[np.uint8]]:
    measured = shown.measured
    achieved = AchievedTracks(measured.achieved.positions, measured.achieved.followed)
    return overlay_frames(shown.frames, measured.requested, achieved, OverlayOptions(label=shown.label))


def _write_clip(path: Path, frames: Frames, title: str) -> str:
    write_video(path, frames, FPS, title)
    return str(path)


def _write_sheet(path: Path, shown: Shown, overlaid: Frames) -> str:
    """Evenly spaced frames, below each its overlay."""
    chosen = evenly_spaced(len(shown.frames), SHEET_FRAMES)
    tiles = [_small(clip[index]) for clip in (shown.frames, overlaid) for index in chosen]
    labels = [f"frame {index}" for index in chosen] * 2
    save_image(path, contact_sheet(tiles, SHEET_FRAMES, labels, shown.label))
    return str(path)


def _small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = frame.shape[:2]
    return fit_image(frame, TILE_WIDTH, round(height * TILE_WIDTH / width))


def _errors(shown: Shown, prefix: str) -> dict[str, object]:
    score = shown.measured.score
    if score is None:
        return {f"{prefix}_error": None}
    return {
        f"{prefix}_error": round(score.mean_px, 2),
        f"{prefix}_error_percent": round(score.mean_percent, 2),
        f"{prefix}_tracks": score.tracks,
        f"{prefix}_within_8px_percent": round(score.within_percent, 1),
        f"{prefix}_lost_percent": round(score.lost_percent, 1),
    }
