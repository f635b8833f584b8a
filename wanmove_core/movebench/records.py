"""What is known of each case of a folder of results: its video, and beside it a JSON file with its figures."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path

from ..errors import RequestError
from .json_file import JsonObject, as_object, read_json, write_json
from .layout import Case

THUMBNAILS, FEATURES = "thumbnails", "fid"
ABANDONED_S = 600.0
"""after so many seconds an unfinished file belongs to no program that still runs: it is being written for a second or two"""
_PARTIAL = re.compile(r"\.(?P<stem>.*)\.(?:[0-9a-f]{12}\.part|\d+\.first)(?:\.\w+)?", re.DOTALL)
_STEM = 40
"""letters of a file's name that are found in those of its unfinished file, see ``rendering.atomic_file``"""


@dataclass(frozen=True)
class CaseRecord:
    """One case, generated and evaluated."""

    id: str
    index: int
    category: str
    caption: str
    seed: int | None
    """None = the video was made by another program"""
    evaluation_key: str
    """see ``settings.RunSettings``"""
    report: JsonObject
    """as ``evaluation.video_report`` gives it"""
    track_errors: Sequence[float]
    """px at 832x480: the mean of each measured track over its visible frames"""
    track_ratios: Sequence[float]
    """achieved way / asked way of each measured track that moves"""
    seconds: Mapping[str, float]
    """what evaluating, and in the same run generating, took"""


def video_path(out: Path, case: Case) -> Path:
    """As Wan-Move's own code names it."""
    return out / f"{case.id}.mp4"


def record_path(out: Path, case: Case) -> Path:
    """Where the figures of a case are kept."""
    return out / f"{case.id}.json"


def thumbnail_path(out: Path, case: Case) -> Path:
    """Where three frames of a case with its tracks are kept for the report."""
    return out / THUMBNAILS / f"{case.id}.jpg"


def features_path(out: Path, case: Case) -> Path:
    """Where the features that FID is made of are kept."""
    return out / FEATURES / f"{case.id}.npz"


def write_record(out: Path, case: Case, record: CaseRecord) -> None:
    """Keep what is known of a case."""
    write_json(record_path(out, case), asdict(record))


def read_record(out: Path, case: Case) -> CaseRecord | None:
    """What is known of a case; None if it was not evaluated, or its file is damaged (it is evaluated again then)."""
    path = record_path(out, case)
    if not path.exists() or not video_path(out, case).is_file():
        return None
    with suppress(RequestError):
        return _record(read_json(path), case, str(path))
    return None


def remove_unfinished(out: Path, mine: Sequence[Case], others: Sequence[Case]) -> int:
    """Remove what a killed run left half-written; returns how many files.

    Files of other cases may belong to a shard that runs at this moment: they are left alone unless they are old.
    """
    stems = {case.id[:_STEM] for case in mine} - {case.id[:_STEM] for case in others}
    removed = 0
    for folder in (out, out / THUMBNAILS, out / FEATURES):
        for path in folder.glob(".*") if folder.is_dir() else ():
            found = _PARTIAL.fullmatch(path.name)
            if found and (found["stem"] in stems or _is_old(path)):
                with suppress(OSError):
                    path.unlink()
                    removed += 1
    return removed


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_S
    except OSError:
        return False


def _record(content: JsonObject, case: Case, where: str) -> CaseRecord:
    report = as_object(content.get("report"), f"{where}: report")
    seconds = as_object(content.get("seconds"), f"{where}: seconds")
    key, seed = content.get("evaluation_key"), content.get("seed")
    if content.get("id") != case.id or not isinstance(key, str):
        raise RequestError(f"{where} is of another case; delete it, and it is made anew.")
    return CaseRecord(
        id=case.id,
        index=case.index,
        category=case.category,
        caption=case.caption,
        seed=seed if isinstance(seed, int) else None,
        evaluation_key=key,
        report=report,
        track_errors=_numbers(content.get("track_errors"), where),
        track_ratios=_numbers(content.get("track_ratios"), where),
        seconds={name: value for name, value in seconds.items() if isinstance(value, int | float)},
    )


def _numbers(values: object, where: str) -> list[float]:
    if not isinstance(values, list) or not all(isinstance(value, int | float) and isfinite(value) for value in values):
        raise RequestError(f"{where} has no list of finite numbers where one is needed; delete it, and it is made anew.")
    return [float(value) for value in values]
