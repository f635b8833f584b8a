"""The commands about files of tracks: ``convert`` and ``inspect``."""

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from ..generation.track_source import read_bytes
from ..guidance.report import guidance_report
from ..loading.description import describe_checkpoint
from ..rendering.atomic_file import unfinished
from ..tracks.baked import BakedTracks
from ..tracks.document import parse_document
from ..tracks.interchange import ReadOptions, read_track_file, retime
from ..tracks.interchange_formats import find_format
from ..tracks.interchange_writing import encode_tracks
from ..tracks.npy_file import read_npy_tracks
from ..tracks.sampling import bake
from ..tracks.tensors import to_tensors
from ..variants import WAN21_STRIDE
from .common import PREVIEW_LENGTH, Result


def convert(options: argparse.Namespace) -> Result:
    """A track file of one program as that of another, and how it was understood."""
    said = ReadOptions(
        format=options.from_format,
        axis=options.axis,
        scale=options.scale,
        hidden=options.hidden,
        uneven=options.uneven,
        size=options.size,
        fps=options.from_fps,
        visibility=options.visibility,
        length=options.length,
    )
    find_format(options.output, options.format)
    found = read_track_file(options.input, said)
    reading = retime(found, options.length, options.fps)
    written = encode_tracks(reading.tracks, options.output, options.format, reading.fps)
    for path, content in written.files.items():
        with unfinished(path) as partial:
            partial.write_bytes(content)
    return {
        "read": f"{found.layout}, {found.tracks.count} tracks of {found.tracks.length} frames",
        "axis": found.axis,
        "scale": found.scale,
        "visibility": found.visibility,
        "rate": found.rate,
        "written": [str(path) for path in written.files],
        "format": written.format,
        "tracks": reading.tracks.count,
        "frames": written.length,
        "notes": [*reading.notes, *written.notes],
    }


def inspect(options: argparse.Namespace) -> Result:
    """What a file is and what is wrong with it."""
    path: Path = options.file
    if path.suffix.lower() == ".json":
        document = parse_document(read_bytes(path))
        tracks = bake(document, PREVIEW_LENGTH, document.width, document.height)
        about: Result = {"kind": "track document", "size": [document.width, document.height], "layers": len(document.layers)}
        return about | _describe_tracks(tracks)
    if path.suffix.lower() == ".npy":
        tracks = read_npy_tracks(path, None, 1, 1)
        (left, top), (right, bottom) = tracks.positions.min(axis=(0, 1)).tolist(), tracks.positions.max(axis=(0, 1)).tolist()
        about = {"kind": "Wan-Move tracks", "frames": tracks.length, "tracks": tracks.count}
        return about | {"x": [left, right], "y": [top, bottom]}
    description = dataclasses.asdict(describe_checkpoint(path))
    variant = description.pop("variant")
    return description | {"path": str(path), "variant": variant["name"] if variant else None}


def _describe_tracks(tracks: BakedTracks) -> Result:
    result: Result = {
        "tracks": tracks.count,
        "per_layer": dict(zip(tracks.names, np.bincount(tracks.layer).tolist(), strict=False)),
    }
    if tracks.width % WAN21_STRIDE.width or tracks.height % WAN21_STRIDE.height:
        return result | {"findings": [f"{tracks.width}x{tracks.height} is no multiple of 8; choose a video size that is."]}
    report = guidance_report(to_tensors(tracks), WAN21_STRIDE)
    return result | {
        "coverage_percent": round(report.coverage, 2),
        "findings": [finding.message for finding in report.findings],
    }
