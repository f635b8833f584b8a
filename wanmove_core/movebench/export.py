"""Cases of one's own in MoveBench's layout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..errors import MediaError, RequestError, TrackError
from ..rendering.atomic_file import make_folder, unfinished
from ..rendering.frames import Frame
from ..rendering.images import save_image
from ..rendering.video_file import write_video
from ..tracks.arrange import resample_tracks
from ..tracks.baked import BakedTracks
from ..tracks.npy_file import write_npy
from .layout import FPS, LENGTH, Case, Entry, Language, TrackSet, check_id, list_path, make_case, read_entries


@dataclass(frozen=True)
class NewCase:
    """What a case is made of."""

    id: str
    """such as ``Own_dance_0``: something, the category, a number"""
    caption: str
    picture: Frame
    tracks: BakedTracks
    """in pixels of the picture; resampled to 81 frames"""
    video: Sequence[Frame] | None = None
    """the real video, of the picture's size; 81 of its frames are taken, evenly"""


def add_case(folder: Path, new: NewCase, language: Language = "en", tracks: TrackSet = "single") -> Case:
    """Write the files of a case, then its line at the end of the list; all that stands there already stays.

    One call at a time: two that append to one list at once may lose a line, never a file.

    Raises:
        RequestError: id or caption cannot be, or the list has the id already.
        MediaError: a file cannot be written, or another case of this name has another picture.
        TrackError: the tracks are for another size, or none is visible at the start.
    """
    _check(new)
    path = list_path(folder, language, tracks)
    entries = list(read_entries(path)) if path.exists() else []
    if any(entry.id.casefold() == new.id.casefold() for entry in entries):
        raise RequestError(f'{path} has the case "{new.id}" already; choose another id, or remove its line first.')
    case = make_case(folder, language, tracks, len(entries), Entry(0, new.id, _one_line(new.caption)))
    for place in (case.picture, case.video, case.tracks):
        make_folder(place.parent)
    _write_picture(case, new)
    if new.video:
        write_video(case.video, _evenly(new), FPS)
    moved = resample_tracks(new.tracks, LENGTH)
    _write_bytes(case.tracks, write_npy(moved.positions[None].astype(np.float32)))
    _write_bytes(case.visibility, write_npy(moved.visibility[None]))
    _append(path, f"{case.id}.mp4,{case.caption}\n")
    return case


def _check(new: NewCase) -> None:
    if problem := check_id(new.id):
        raise RequestError(f"A case cannot be called so: {problem}")
    if not _one_line(new.caption):
        raise RequestError(f'The case "{new.id}" has no caption; say in a sentence or two what the video shows.')
    height, width = new.picture.shape[:2]
    if (new.tracks.width, new.tracks.height) != (width, height):
        raise TrackError(
            f"The tracks are for a picture of {new.tracks.width}x{new.tracks.height}, the case's is {width}x{height}; fit them."
        )
    if not new.tracks.count or not new.tracks.visibility[0].any():
        raise TrackError(f'No track of "{new.id}" is visible in the first frame; draw one that starts there.')
    for frame in new.video or ():
        if frame.shape != new.picture.shape:
            raise MediaError(
                f"The video is {frame.shape[1]}x{frame.shape[0]}, the picture {width}x{height}; bring both to one size."
            )


def _write_picture(case: Case, new: NewCase) -> None:
    """The two sets share pictures and videos: what is there must be the same."""
    if not case.picture.exists():
        save_image(case.picture, new.picture)
        return
    with TemporaryDirectory() as folder:
        saved = Path(folder) / case.picture.name
        save_image(saved, new.picture)
        if saved.read_bytes() != case.picture.read_bytes():
            raise MediaError(f"{case.picture} is there and shows something else; choose another id than {case.id}.")


def _evenly(new: NewCase) -> Iterator[Frame]:
    if new.video:
        for index in np.rint(np.linspace(0, len(new.video) - 1, LENGTH)).astype(int):
            yield new.video[index]


def _one_line(caption: str) -> str:
    return " ".join(caption.split())


def _write_bytes(path: Path, content: bytes) -> None:
    with unfinished(path) as partial:
        partial.write_bytes(content)


def _append(path: Path, line: str) -> None:
    """The list with one line more, whole at any moment."""
    before = path.read_bytes() if path.exists() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    _write_bytes(path, before + line.encode())
