"""A model over the cases of MoveBench: generated, evaluated, and at any moment either done or not begun.

A case is generated when its video is there and evaluated when its JSON file is there; both appear whole or not at all. So a run
that was killed goes on where it was, and several shards may work in one folder at once: they share no case.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import WanMoveError
from ..rendering.atomic_file import make_folder
from ..rendering.frames import Frame
from ..rendering.video_file import write_video
from .case_host import CaseHost
from .layout import Case
from .records import (
    THUMBNAILS,
    CaseRecord,
    read_record,
    record_path,
    remove_unfinished,
    thumbnail_path,
    video_path,
    write_record,
)
from .scoring import Evaluation
from .settings import OTHER_PROGRAM, RunSettings

Generate = Callable[[Case, int], Iterator[Frame]]
"""the frames of a case with this seed"""


@dataclass(frozen=True)
class BenchRun:
    """Which cases, into which folder, by whom."""

    everything: Sequence[Case]
    """all cases of the list"""
    chosen: Sequence[Case]
    """those of this run: a shard, some categories"""
    out: Path
    settings: RunSettings
    seed: int
    """of the case with index 0; each case has its index more, whoever generates it"""
    fps: float
    begin: Callable[[], object]
    """called once, when the model is loaded and before anything is written"""
    open_model: Callable[[Sequence[Case]], Generate] | None
    """loads what is needed for these cases; called once, and only if there are any. None = generate nothing"""
    evaluate: Callable[[Case, Path, Path], Evaluation]
    """measures a video and writes its thumbnail, the second path"""


@dataclass(frozen=True)
class Done:
    """What a run did."""

    generated: int
    evaluated: int
    skipped: int
    """were there already, whole"""
    failed: tuple[str, ...]
    """id and reason of each case that could not be generated or evaluated"""


def run_bench(run: BenchRun, host: CaseHost) -> Done:
    """Generate and evaluate what is not there yet.

    A case that cannot be is told and left out, and the others go on.

    Args:
        host: the one that generating and evaluating report to as well.

    Raises:
        MediaError: the folder cannot be made.
        WanMoveError: the model cannot be loaded.
    """
    make_folder(run.out / THUMBNAILS)
    mine = {case.id for case in run.chosen}
    if removed := remove_unfinished(run.out, run.chosen, [case for case in run.everything if case.id not in mine]):
        host.note(f"{removed} unfinished file{'s' if removed > 1 else ''} of a run that was killed: removed.")
    pending = [case for case in run.chosen if not is_done(run, case)]
    without_video = [case for case in pending if not video_path(run.out, case).is_file()]
    generate = _open(run, without_video)
    run.begin()
    todo = [case for case in pending if generate is not None or case not in without_video]
    failed = [f"{case.id}: {video_path(run.out, case)} is not there." for case in pending if case not in todo]
    generated = evaluated = 0
    for number, case in enumerate(todo, start=len(run.chosen) - len(pending) + 1):
        host.check_interrupted()
        host.about = f"{number} of {len(run.chosen)}"
        try:
            made = _generate(run, case, generate)
            _evaluate(run, case, made)
        except WanMoveError as error:
            host.note(f"{case.id}: {error}")
            failed.append(f"{case.id}: {error}")
        else:
            generated, evaluated = generated + (made is not None), evaluated + 1
    host.about = ""
    return Done(generated, evaluated, len(run.chosen) - len(pending), tuple(failed))


def is_done(run: BenchRun, case: Case) -> bool:
    """Whether its video is there, and was measured as the settings say."""
    record = read_record(run.out, case)
    return record is not None and record.evaluation_key == run.settings.evaluation_key


def seed_of(run: BenchRun, case: Case) -> int:
    """As released: the base seed plus the place in the whole list."""
    return run.seed + case.index


def _open(run: BenchRun, without_video: Sequence[Case]) -> Generate | None:
    return run.open_model(without_video) if run.open_model is not None and without_video else None


def _generate(run: BenchRun, case: Case, generate: Generate | None) -> float | None:
    """Seconds; None if the video was there."""
    path = video_path(run.out, case)
    if path.is_file() or generate is None:
        return None
    begun = time.perf_counter()
    # all frames first: an unfinished file is there for a moment only
    frames = list(generate(case, seed_of(run, case)))
    seconds = time.perf_counter() - begun
    record_path(run.out, case).unlink(missing_ok=True)  # of a video that is gone
    write_video(path, frames, run.fps, title=f"{case.id}, seed {seed_of(run, case)}")
    return seconds


def _evaluate(run: BenchRun, case: Case, generating: float | None) -> None:
    begun = time.perf_counter()
    found = run.evaluate(case, video_path(run.out, case), thumbnail_path(run.out, case))
    seconds = {"evaluate": round(time.perf_counter() - begun, 2)}
    if generating is not None:
        seconds["generate"] = round(generating, 2)
    record = CaseRecord(
        id=case.id,
        index=case.index,
        category=case.category,
        caption=case.caption,
        seed=None if run.settings.generation == OTHER_PROGRAM else seed_of(run, case),
        evaluation_key=run.settings.evaluation_key,
        report=found.report,
        track_errors=found.track_errors,
        track_ratios=found.track_ratios,
        seconds=seconds,
    )
    write_record(run.out, case, record)
