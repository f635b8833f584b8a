"""The command ``overlay``: tracks, errors or the model's cells over a video or a picture."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import RequestError
from ..evaluation.measure import TrackChoice, measure_tracks
from ..rendering.cell_view import CellViewOptions, cell_frames
from ..rendering.error_curves import error_curves
from ..rendering.frames import Frame
from ..rendering.images import FORMATS, load_image, save_image
from ..rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
from ..rendering.side_by_side import LabelledClip, side_by_side
from ..rendering.video_file import read_video, video_info, write_video
from ..tracks.baked import BakedTracks
from ..variants import VARIANTS, WAN21_STRIDE, LatentStride
from .common import PREVIEW_LENGTH, Result, track_source

PICTURE_FPS = 16.0


@dataclass(frozen=True)
class _Clip:
    """A video's frames, or a picture for as long as the tracks are."""

    frames: Sequence[Frame]
    fps: float
    is_picture: bool


def overlay(options: argparse.Namespace) -> Result:
    """Tracks or cells over a video; with ``--measure`` where its points really went."""
    source = track_source(options)
    clip = _read_clip(options.video, source.length or options.length or PREVIEW_LENGTH)
    height, width = clip.frames[0].shape[:2]
    tracks = source.tracks(len(clip.frames), width, height, width, height)
    achieved: AchievedTracks | None = None
    result: Result = {"overlay": str(options.out), "frames": len(clip.frames)}
    if options.measure or options.curves:
        tracks_measured, achieved, score = _measured(clip, tracks, options.video)
        result["score"] = score
        tracks = tracks_measured if options.view == "tracks" else tracks
        if options.curves:
            save_image(options.curves, error_curves(tracks_measured, achieved))
            result["curves"] = str(options.curves)
    drawn = _drawn(clip, tracks, achieved, options)
    if options.beside is not None:
        drawn = side_by_side([*_clips(options, clip), LabelledClip(_name(options.view, achieved), drawn)])
    write_video(options.out, drawn, clip.fps)
    return result


def _read_clip(path: Path, length: int) -> _Clip:
    if path.suffix.lower() in FORMATS:
        return _Clip([load_image(path)] * length, PICTURE_FPS, True)
    info = video_info(path)
    return _Clip(list(read_video(path)), info.fps, False)


def _measured(clip: _Clip, tracks: BakedTracks, path: Path) -> tuple[BakedTracks, AchievedTracks, Result]:
    if clip.is_picture:
        raise RequestError(f"{path} is a picture, in which nothing moves; --measure and --curves need the video.")
    measured = measure_tracks(clip.frames, tracks)
    if measured.score is None:
        raise RequestError(f"No track can be measured in {path}: {_left_out(measured.choice)}.")
    achieved = AchievedTracks(measured.achieved.positions, measured.achieved.followed)
    return measured.requested, achieved, dict(measured.score.as_dict())


def _drawn(clip: _Clip, tracks: BakedTracks, achieved: AchievedTracks | None, options: argparse.Namespace) -> Iterator[Frame]:
    if options.view == "tracks":
        return overlay_frames(clip.frames, tracks, achieved, OverlayOptions(options.max_tracks, tail=options.tail))
    shown = CellViewOptions(options.footprint, options.temporal, every_frame=True)
    return cell_frames(clip.frames, tracks, _stride(options.variant), shown)


def _stride(variant: str) -> LatentStride:
    return next((row.stride for row in VARIANTS if row.name == variant), WAN21_STRIDE)


def _clips(options: argparse.Namespace, clip: _Clip) -> Iterator[LabelledClip]:
    """Those that ``--beside`` names, and what is drawn on."""
    for path in options.beside:
        frames = [load_image(path)] if path.suffix.lower() in FORMATS else read_video(path)
        yield LabelledClip(path.name, frames)
    yield LabelledClip(options.video.name, clip.frames)


def _name(view: str, achieved: AchievedTracks | None) -> str:
    if view == "cells":
        return "what the model is told"
    return "tracks" if achieved is None else "asked and achieved"


def _left_out(choice: TrackChoice) -> str:
    return (
        f"{choice.hidden} are hidden or outside at the first or last frame, {choice.still} move less than a cell, "
        f"{choice.covered} are covered, {choice.flat} lie on too little texture"
    )
