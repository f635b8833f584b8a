"""The command ``track``: the motion of a video as tracks, for the video itself or for another picture."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..evaluation.point_tracking import FlowOptions
from ..evaluation.start_points import StartPoints
from ..evaluation.tracker_tracks import track_by
from ..evaluation.trackers import find_tracker
from ..evaluation.video_tracking import TrackingOptions, track_video
from ..generation.track_source import read_bytes
from ..host import Host, TerminalHost
from ..rendering.atomic_file import unfinished
from ..rendering.frames import Frame
from ..rendering.images import fit_image, load_image
from ..rendering.video_file import VideoInfo, read_video, video_info
from ..tracks.arrange import Placement, place_tracks, refit_tracks
from ..tracks.baked import BakedTracks
from ..tracks.interchange import Reading, ReadOptions, read_track_file, retime
from ..tracks.interchange_formats import find_format
from ..tracks.interchange_writing import encode_tracks
from ..tracks.point_list import read_points
from .common import Result

_MASKED = 128


def track(options: argparse.Namespace) -> Result:
    """Points of a video's first frame, followed; their ways brought to another picture and written in any format."""
    find_format(options.out, options.format)
    info = video_info(options.video)
    with closing(TerminalHost()) as host:
        found = _follow(options, info, host)
    reading = retime(Reading(found, info.fps, "", "", "", "", ""), options.length, options.fps)
    retargeted = _retargeted(reading.tracks, options)
    written = encode_tracks(retargeted, options.out, options.format, reading.fps)
    for path, content in written.files.items():
        with unfinished(path) as partial:
            partial.write_bytes(content)
    return {
        "video": f"{found.length} frames of {found.width}x{found.height} at {info.fps:.4g} a second",
        "followed_to_the_end": f"{int(found.visibility[-1].sum())} of {found.count} tracks",
        "written": [str(path) for path in written.files],
        "format": written.format,
        "tracks": retargeted.count,
        "frames": written.length,
        "size": [retargeted.width, retargeted.height],
        "notes": [*reading.notes, *written.notes],
    }


def _follow(options: argparse.Namespace, info: VideoInfo, host: Host) -> BakedTracks:
    start = StartPoints(options.spacing, _mask(options.mask, info), _points(options.points, info))
    frames: Iterator[Frame] = read_video(options.video)
    if options.tracker == "flow":
        find_tracker("flow", options.weights)  # refuses weights
        if not options.max_return_error > 0:
            raise RequestError(f"The way back may miss by {options.max_return_error:g} px; it must be larger than 0.")
        flow = FlowOptions(max_return_error=options.max_return_error)
        return track_video(frames, start, host, TrackingOptions(flow, find_new=options.find_new))
    if options.find_new:
        raise RequestError(f"The tracker {options.tracker} finds no new points in later frames; leave --find-new out.")
    return track_by(find_tracker(options.tracker, options.weights), frames, start, host)


def _retargeted(tracks: BakedTracks, options: argparse.Namespace) -> BakedTracks:
    """First the size of the other picture, then the place in it."""
    fitted = refit_tracks(tracks, options.width or tracks.width, options.height or tracks.height, options.fit)
    return place_tracks(fitted, Placement(motion=options.motion, scale=options.scale, move=options.offset))


def _mask(path: Path | None, info: VideoInfo) -> NDArray[np.bool_] | None:
    """White of a picture, stretched to the video; its transparent places count as black."""
    if path is None:
        return None
    picture = load_image(path, paper=(0, 0, 0))
    return fit_image(picture, info.width, info.height, "stretch").mean(axis=-1) >= _MASKED


def _points(path: Path | None, info: VideoInfo) -> NDArray[np.float32] | None:
    """A JSON list of points, or where the tracks of a file of any format begin, of a picture of another size brought here."""
    if path is None:
        return None
    content = read_bytes(path)
    if content.lstrip()[:1] == b"[":
        return read_points(content.decode("utf-8", "replace"), str(path))
    says_size = path.suffix.lower() in (".svg", ".png", ".json")
    tracks = read_track_file(path, ReadOptions(size=None if says_size else (info.width, info.height), length=1)).tracks
    if (tracks.width, tracks.height) != (1, 1):
        tracks = refit_tracks(tracks, info.width, info.height, "stretch")
    if not tracks.visibility[0].any():
        raise RequestError(f"No track of {path} is visible in its first frame, so it says no points.")
    return tracks.positions[0, tracks.visibility[0]]
