"""MoveBench as it is released: lists of cases, pictures, videos and tracks under the names that ``generate.py`` reads.

    MoveBench/{en,zh}/single_track.txt, multi_track.txt     <video>,<caption>
                      first_frame/<id>.jpg
                      video/<id>.mp4
                      track/{single,multi}/<id>_tracks.npy, <id>_visibility.npy

Source: ali-vilab/Wan-Move ``generate.py`` (``_load_datalist`` and ``--eval_bench``) and ``scripts/visualize.py``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ..errors import RequestError, TrackError
from ..tracks.baked import BakedTracks
from ..tracks.npy_file import read_npy_tracks
from ..tracks.regions import MAX_TRACKS

Language = Literal["en", "zh"]
TrackSet = Literal["single", "multi"]

LENGTH = 81
"""frames of every case"""
WIDTH, HEIGHT, FPS = 832, 480, 16.0

MAX_LIST_BYTES = 2**24
MAX_ID_BYTES = 150
"""so that every name that is made of an id, a temporary one too, fits into a file system's 255 bytes"""
_ID = re.compile(r"[^\s./\\:*?\"<>|=+@\x00-\x1f\x7f-][^/\\:*?\"<>|\x00-\x1f\x7f]*")
"""a file name on any system, and nothing that a table would take for a formula"""


@dataclass(frozen=True)
class Case:
    """One line of a list, and where its files are."""

    index: int
    """place in the whole list as released, from 0; the seed depends on it"""
    id: str
    caption: str
    picture: Path
    video: Path
    """the real video; it need not be there"""
    tracks: Path
    visibility: Path

    @property
    def category(self) -> str:
        """``3C_product`` of ``Pexels_3C_product_0``: the id without its number and without what stands in front."""
        head = re.sub(r"_\d+$", "", self.id)
        return head.partition("_")[2] or head


@dataclass(frozen=True)
class Entry:
    """One line of a list as it stands there."""

    line: int
    """from 1"""
    id: str
    caption: str
    problem: str = ""
    """what is wrong with it; "" = nothing"""


def list_path(folder: Path, language: Language, tracks: TrackSet) -> Path:
    """Where the list of a language and a set is."""
    return folder / language / f"{tracks}_track.txt"


def make_case(folder: Path, language: Language, tracks: TrackSet, index: int, entry: Entry) -> Case:
    """The case of a line without a problem."""
    root, name = folder / language, entry.id
    motion = root / "track" / tracks
    return Case(
        index=index,
        id=name,
        caption=entry.caption,
        picture=root / "first_frame" / f"{name}.jpg",
        video=root / "video" / f"{name}.mp4",
        tracks=motion / f"{name}_tracks.npy",
        visibility=motion / f"{name}_visibility.npy",
    )


def read_cases(folder: Path, language: Language = "en", tracks: TrackSet = "single") -> tuple[Case, ...]:
    """All cases of a list in its order; their files are not opened yet.

    Raises:
        RequestError: there is no such list, or the first line that is wrong.
    """
    path = list_path(folder, language, tracks)
    entries = list(read_entries(path))
    for entry in entries:
        if entry.problem:
            raise RequestError(f"{path}, line {entry.line}: {entry.problem}")
    if not entries:
        raise RequestError(f'{path} lists no case; a line of it is "<id>.mp4,<caption>".')
    return tuple(make_case(folder, language, tracks, index, entry) for index, entry in enumerate(entries))


def read_entries(path: Path) -> Iterator[Entry]:
    """The lines of a list but for blank ones and comments (#), each with what is wrong with it.

    Raises:
        RequestError: the list cannot be read at all.
    """
    seen: dict[str, int] = {}
    for number, text in enumerate(_read_list(path).splitlines(), start=1):
        line = text.strip()
        if not line or line.startswith("#"):
            continue
        video, comma, caption = (part.strip() for part in line.partition(","))
        name = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", video)
        # a name that differs in case alone is the same file on Windows and macOS
        problem = check_id(name) or _check_line(bool(comma), caption, seen.get(name.casefold()), name)
        seen.setdefault(name.casefold(), number)
        yield Entry(number, name, caption, problem)


def check_id(name: str) -> str:
    """What is wrong with an id; "" = nothing. It becomes the name of files, so it must not lead anywhere else."""
    if "/" in name or "\\" in name:
        return f'the id "{name[:80]}" leads out of the folder; an id is a plain name such as Pexels_3C_product_0.'
    if not _ID.fullmatch(name):
        return f'"{ascii(name)[1:-1][:80]}" is no id; it is a file name without its ending, such as Pexels_3C_product_0.'
    if len(name.encode()) > MAX_ID_BYTES:
        return f'the id "{name[:40]}…" is {len(name.encode())} bytes long; at most {MAX_ID_BYTES} are possible.'
    return ""


def of_categories(cases: Sequence[Case], categories: Sequence[str]) -> tuple[Case, ...]:
    """The cases of these categories; of all, if none is named.

    Raises:
        RequestError: there is no such category.
    """
    there = sorted({case.category for case in cases})
    for name in categories:
        if name not in there:
            known = ", ".join(there[:60]) + (" …" if len(there) > 60 else "")
            raise RequestError(f'There is no category "{name}"; there are {known}.')
    return tuple(case for case in cases if not categories or case.category in categories)


def of_shard(cases: Sequence[Case], shard: int, shards: int) -> tuple[Case, ...]:
    """Every ``shards``-th case of the whole list, as released: those whose index is ``shard`` - 1 modulo ``shards``.

    Raises:
        RequestError: there is no such shard.
    """
    if not 1 <= shard <= shards:
        raise RequestError(f"The shard is {shard}/{shards}; give one from 1/{shards} to {shards}/{shards}.")
    return tuple(case for case in cases if case.index % shards == shard - 1)


def read_case_tracks(case: Case, width: int, height: int) -> BakedTracks:
    """The tracks of a case, in pixels of its picture of ``width`` x ``height``.

    Raises:
        TrackError: a file is missing, is none of numbers, or has another shape than [1, 81, N, 2] and [1, 81, N].
    """
    for path in (case.tracks, case.visibility):
        if not path.is_file():
            raise TrackError(f"{case.id}: {path} is not there; MoveBench keeps tracks and visibility in a npy file each.")
    tracks = read_npy_tracks(case.tracks, case.visibility, width, height)
    if tracks.length != LENGTH:
        raise TrackError(f"{case.tracks} has {tracks.length} frames; MoveBench's have {LENGTH}. Resample it (wanmove convert).")
    if tracks.count > MAX_TRACKS:
        raise TrackError(f"{case.tracks} has {tracks.count} tracks; at most {MAX_TRACKS} are read. Keep fewer.")
    return tracks


def _check_line(has_comma: bool, caption: str, before: int | None, name: str) -> str:
    if before is not None:
        return f'the id "{name}" stands on line {before} already; remove one of them.'
    if not has_comma or not caption:
        return f'"{name}" has no caption; a line is "<id>.mp4,<caption>".'
    return ""


def _read_list(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_LIST_BYTES:
            raise RequestError(f"{path} has over {MAX_LIST_BYTES:,} bytes and is no list of cases.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{path} is not written in UTF-8 (byte {error.start}); save it as UTF-8.") from error
    except FileNotFoundError as error:
        raise RequestError(f"{path} is not there; {_what_is_there(path)}") from error
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}.") from error


def _what_is_there(path: Path) -> str:
    folder = path.parent.parent
    lists = [list_path(folder, language, tracks) for language in get_args(Language) for tracks in get_args(TrackSet)]
    found = [place.relative_to(folder).as_posix() for place in lists if place.is_file()]
    if found:
        return f"the folder has {', '.join(found)}: choose with --lang and --set."
    if (folder / path.name).is_file():
        return f"give the folder above {folder.name}, the one that holds en and zh."
    return "give the folder that holds MoveBench's en and zh (unpack en.tar.gz into it)."
