"""A case at the size and length that a model works at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import MediaError, RequestError
from ..rendering.frames import Frame
from ..rendering.images import Fit, fit_image, load_image
from ..rendering.video_file import read_video
from ..tracks.arrange import refit_tracks, resample_tracks
from ..tracks.baked import BakedTracks
from .layout import Case, read_case_tracks


@dataclass(frozen=True)
class ClipShape:
    """Size and length of all videos of a run."""

    width: int
    height: int
    length: int
    fit: Fit | None = None
    """how pictures of another shape become it; None = such a picture is an error"""


@dataclass(frozen=True)
class PreparedCase:
    """What a model is asked."""

    picture: Frame
    tracks: BakedTracks
    """in pixels of the picture"""


def prepare(case: Case, shape: ClipShape) -> PreparedCase:
    """Picture and tracks of a case at this size, the tracks resampled in time where the length differs.

    Raises:
        MediaError: the picture cannot be read.
        TrackError: the tracks cannot be.
        RequestError: the picture has another shape and nothing says how it becomes this one.
    """
    picture = load_image(case.picture)
    height, width = picture.shape[:2]
    fit = _fit(f"{case.picture} is", width, height, shape)
    tracks = resample_tracks(read_case_tracks(case, width, height), shape.length)
    return PreparedCase(
        fit_image(picture, shape.width, shape.height, fit), refit_tracks(tracks, shape.width, shape.height, fit)
    )


def read_truth(case: Case, shape: ClipShape) -> list[Frame] | None:
    """The real video at this size and length (frames are chosen, none is mixed); None where there is none.

    Raises:
        MediaError: it is damaged.
        RequestError: it has another shape and nothing says how it becomes this one.
    """
    if not case.video.is_file():
        return None
    frames = list(read_video(case.video))
    if not frames:
        raise MediaError(f"{case.video} has no frames; copy it again.")
    height, width = frames[0].shape[:2]
    fit = _fit(f"{case.video} is", width, height, shape)
    chosen = np.rint(np.linspace(0, len(frames) - 1, shape.length)).astype(int)
    return [fit_image(frames[index], shape.width, shape.height, fit) for index in chosen]


def read_result(path: Path, shape: ClipShape) -> list[Frame]:
    """The frames of a generated video.

    Raises:
        MediaError: it cannot be read, or has another size or length.
    """
    frames = list(_of_length(path, shape.length))
    height, width = frames[0].shape[:2] if frames else (0, 0)
    if (width, height, len(frames)) != (shape.width, shape.height, shape.length):
        raise MediaError(
            f"{path} has {len(frames)} frames of {width}x{height}; {shape.length} of {shape.width}x{shape.height} are "
            "expected. Delete it to have it made anew, or say its size with --width, --height and --length."
        )
    return frames


def _of_length(path: Path, length: int) -> Iterator[Frame]:
    """One frame more shows that it is too long; a film need not be held in memory for that."""
    for index, frame in enumerate(read_video(path)):
        yield frame
        if index >= length:
            return


def _fit(what: str, width: int, height: int, shape: ClipShape) -> Fit:
    if shape.fit is None and width * shape.height != height * shape.width:
        raise RequestError(
            f"{what} {width}x{height}, the videos are {shape.width}x{shape.height}, another shape. Say --fit stretch "
            "(squeezed) or --fit crop (the edges are cut off), or choose another size."
        )
    return shape.fit or "stretch"
