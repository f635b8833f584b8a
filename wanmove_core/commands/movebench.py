"""``wanmove movebench``: a folder in MoveBench's layout checked, and cases of one's own added to it."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from ..errors import RequestError
from ..generation.track_source import TrackSource
from ..host import TerminalHost
from ..movebench.export import NewCase, add_case
from ..movebench.layout import HEIGHT, LENGTH, WIDTH
from ..movebench.validate import validate
from ..rendering.frames import Frame
from ..rendering.images import Fit, fit_image, load_image
from ..rendering.video_file import read_video
from ..tracks.arrange import refit_tracks
from ..tracks.baked import BakedTracks
from ..tracks.interchange import ReadOptions, read_track_file
from ..tracks.sampling import MAX_LENGTH
from .common import Result


def check(options: argparse.Namespace) -> Result:
    """Every problem of a folder; a mistake if there is one."""
    with closing(TerminalHost()) as host:
        found = validate(options.folder, host)
    if found.problems:
        listed = "".join(f"\n  - {problem}" for problem in found.problems)
        raise RequestError(
            f"{options.folder} has {len(found.problems)} problem{'s' if len(found.problems) > 1 else ''}:{listed}"
        )
    return {"folder": str(options.folder), "cases": found.cases, "problems": 0, "notes": list(found.notes)}


def add(options: argparse.Namespace) -> Result:
    """A case of one's own: its files, and its line in the list."""
    video = None if options.video is None else _frames(options.video)
    if options.picture is None and video is None:
        raise RequestError("A case needs a picture: give --picture, or --video, whose first frame it is then.")
    picture = load_image(options.picture) if options.picture is not None else (video or [])[0]
    height, width = picture.shape[:2]
    # the released code takes both ways round
    wide, high = (WIDTH, HEIGHT) if width >= height else (HEIGHT, WIDTH)
    new = NewCase(
        id=options.id,
        caption=options.caption,
        picture=_fitted(picture, wide, high, options.fit, "picture"),
        tracks=_tracks(options, width, height, wide, high),
        video=None if video is None else [_fitted(frame, wide, high, options.fit, "video") for frame in video],
    )
    case = add_case(options.folder, new, options.lang, options.set)
    files = [case.picture, case.tracks, case.visibility, *([case.video] if video is not None else [])]
    return {"case": case.id, "category": case.category, "tracks": new.tracks.count, "written": [str(path) for path in files]}


def _tracks(options: argparse.Namespace, from_width: int, from_height: int, width: int, height: int) -> BakedTracks:
    """Of a document, or of any track file in pixels of the picture."""
    if options.document is not None:
        source = TrackSource(options.document, None, None, options.fit)
        return source.tracks(LENGTH, from_width, from_height, width, height)
    said = ReadOptions(size=(from_width, from_height), visibility=options.visibility, length=LENGTH)
    tracks = read_track_file(options.tracks, said).tracks
    return refit_tracks(tracks, width, height, options.fit or "stretch")


def _fitted(picture: Frame, width: int, height: int, fit: Fit | None, what: str) -> Frame:
    if fit is None and picture.shape[1] * height != picture.shape[0] * width:
        raise RequestError(
            f"The {what} is {picture.shape[1]}x{picture.shape[0]}, MoveBench's are {width}x{height}, another shape. Say "
            "--fit crop (the edges are cut off) or --fit stretch (squeezed)."
        )
    return fit_image(picture, width, height, fit or "stretch")


def _frames(path: Path) -> Sequence[Frame]:
    frames = list(islice(read_video(path), MAX_LENGTH + 1))
    if not 1 <= len(frames) <= MAX_LENGTH:
        raise RequestError(f"{path} has {len(frames) or 'no'} frames; 1 to {MAX_LENGTH} are read. Cut it first.")
    return frames
