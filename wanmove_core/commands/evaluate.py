"""The command ``evaluate``: how well a video followed its tracks, held together, and kept its quality."""

import argparse
import csv
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..encoding.image_encoder import encode_picture, load_image_encoder
from ..errors import RequestError
from ..evaluation.consistency import Embed
from ..evaluation.motion_error import TrackError
from ..evaluation.report_text import report_text
from ..evaluation.trackers import find_tracker
from ..evaluation.video_report import ALL_TRACKS, EvaluateOptions, VideoReport, evaluate_video
from ..host import Host, SilentHost
from ..rendering.atomic_file import unfinished
from ..rendering.frames import Frame
from ..rendering.images import load_image
from ..rendering.video_file import read_video
from .common import Result, open_host, track_source

_STAGE = "embed frames"


def evaluate(options: argparse.Namespace) -> Result:
    """A report about a video: as text, or with ``--json`` every figure."""
    frames = list(read_video(options.video))
    height, width = frames[0].shape[:2]
    has_tracks = options.document is not None or options.tracks is not None or options.visibility is not None
    tracks = track_source(options).tracks(len(frames), width, height, width, height) if has_tracks else None
    if tracks is None and options.per_track:
        raise RequestError("--per-track needs tracks; give --document or --tracks.")
    with closing(open_host(options.device)) as host:
        report = evaluate_video(
            frames,
            tracks,
            _evaluate_options(options, host),
            truth=None if options.truth is None else list(read_video(options.truth)),
            picture=None if options.picture is None else load_image(options.picture),
            host=host,
        )
    written: Result = {}
    if options.per_track:
        write_track_rows(options.per_track, report)
        written["per_track"] = str(options.per_track)
    return report.as_dict() | written if options.json else {"report": f"\n{report_text(report)}\n"} | written


def make_embed(path: Path, host: Host) -> tuple[Embed, str]:
    """What gives CLIP-F its embeddings, with the picture tower in a file, and what that is called in a report.

    A frame's embedding is the mean of the tokens that Wan reads of it: those of the last block but one. Files for Wan need not
    hold the rest of CLIP, so it is not the projected embedding of CLIP's own papers.

    Raises:
        CheckpointError: the file cannot be read, is something else or does not fit.
    """
    encoder = load_image_encoder(path)

    def embed(frames: Sequence[Frame]) -> NDArray[np.floating]:
        rows = []
        host.progress(_STAGE, 0, len(frames))
        for done, frame in enumerate(frames, start=1):
            host.check_interrupted()
            tokens = encode_picture(encoder, torch.from_numpy(frame).float() / 255, SilentHost(host.device))
            rows.append(tokens.float().mean(dim=0).cpu().numpy())
            host.progress(_STAGE, done, len(frames))
        return np.stack(rows)

    layers, size = encoder.model.config.layers, encoder.model.config.image_size
    return embed, f"{path.name}, CLIP of {layers} layers at {size} px, mean of the tokens of the last but one"


def write_track_rows(path: Path, report: VideoReport) -> None:
    """A CSV with a line a measured track, lengths in px of the clip but where the column says otherwise."""
    with unfinished(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [row.name for row in fields(TrackError)])
        writer.writeheader()
        writer.writerows(report.track_rows())


def _evaluate_options(options: argparse.Namespace, host: Host) -> EvaluateOptions:
    tracker = find_tracker(options.tracker, options.tracker_weights)
    measure = replace(ALL_TRACKS, tracker=tracker, max_tracks=options.max_tracks, min_motion=float(options.min_motion))
    embed, name = (None, "") if options.image_encoder is None else make_embed(options.image_encoder, host)
    return EvaluateOptions(measure, embed, name, options.niqe_every)
