"""Everything that is wrong with a folder in MoveBench's layout."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ..errors import RequestError, WanMoveError
from ..host import Host
from ..rendering.images import load_image
from ..rendering.video_file import read_video
from ..tracks.npy_file import parse_npy
from .layout import HEIGHT, LENGTH, WIDTH, Case, Language, TrackSet, list_path, make_case, read_case_tracks, read_entries

_STRIDE = 16
"""pixels: both sides of a picture that goes through Wan-Move unchanged are multiples of it"""


@dataclass(frozen=True)
class Validation:
    """What is there and what is wrong."""

    cases: dict[str, int]
    """number of lines without a problem, by list ("en/single_track.txt")"""
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    """what is unusual but works"""


def validate(folder: Path, host: Host) -> Validation:
    """Read every list there is, and every file that it names.

    Raises:
        RequestError: there is no list at all.
    """
    lists = [(language, tracks) for language in get_args(Language) for tracks in get_args(TrackSet)]
    there = [pair for pair in lists if list_path(folder, *pair).exists()]
    if not there:
        raise RequestError(
            f"{folder} has none of MoveBench's lists, such as en/single_track.txt; give the folder that holds en and zh."
        )
    cases: dict[str, int] = {}
    problems: list[str] = []
    notes: list[str] = []
    for language, tracks in there:
        name = list_path(Path(), language, tracks).as_posix()
        cases[name] = 0
        try:
            entries = list(read_entries(list_path(folder, language, tracks)))
        except WanMoveError as error:
            problems.append(str(error))
            continue
        problems += [f"{name}, line {entry.line}: {entry.problem}" for entry in entries if entry.problem]
        sound = [entry for entry in entries if not entry.problem]
        cases[name] = len(sound)
        for index, entry in enumerate(sound):
            host.check_interrupted()
            case = make_case(folder, language, tracks, index, entry)
            problems += _problems(case)
            notes += _notes(case)
            host.progress(f"check {name}", index + 1, len(sound))
    return Validation(cases, tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(notes)))


def _problems(case: Case) -> Iterator[str]:
    """Each file on its own, so that one that is missing hides nothing about the others."""
    size = None
    try:
        picture = load_image(case.picture)
        size = picture.shape[1], picture.shape[0]
        if size[0] % _STRIDE or size[1] % _STRIDE:
            yield (
                f"{case.picture} is {size[0]}x{size[1]}; Wan-Move needs multiples of {_STRIDE}, MoveBench has {WIDTH}x{HEIGHT}."
            )
    except WanMoveError as error:
        yield str(error)
    try:
        tracks = read_case_tracks(case, *(size or (1, 1)))
        if not tracks.visibility[0].any():
            yield f"{case.visibility}: no track is visible at frame 0, so that none has a start. Give one that has."
        for path, axes in ((case.tracks, 4), (case.visibility, 3)):
            shape = list(parse_npy(path.read_bytes(), str(path)).shape)
            if len(shape) != axes:
                yield f"{path} has the shape {shape}; Wan-Move's own code needs one axis of 1 more in front."
    except WanMoveError as error:
        yield str(error)
    if case.video.exists():
        yield from _video_problems(case, size)


def _video_problems(case: Case, size: tuple[int, int] | None) -> Iterator[str]:
    count, found = 0, None
    try:
        for frame in read_video(case.video):
            count, found = count + 1, (frame.shape[1], frame.shape[0])
    except WanMoveError as error:
        yield str(error)
        return
    if count != LENGTH:
        yield f"{case.video} has {count} frames; MoveBench's videos have {LENGTH}."
    if size is not None and found is not None and found != size:
        yield f"{case.video} is {found[0]}x{found[1]}, its first frame {case.picture} {size[0]}x{size[1]}; make both one size."


def _notes(case: Case) -> Iterator[str]:
    if not case.video.exists():
        yield f"{case.video} is not there: no PSNR, no SSIM and no floor for {case.id}."
