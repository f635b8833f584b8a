"""The figures of a benchmark: their names for people, and what they come to over many cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

from .json_file import JsonObject
from .records import CaseRecord

THRESHOLDS = ("1", "2", "4", "8", "16")
"""px at 832x480 of delta@k, as reports name them"""
_SKIPPED = ("made_with", "notes")


@dataclass(frozen=True)
class Figure:
    """One figure of a case's report."""

    key: str
    """its place in the report: ``motion.mean_px_at_832x480``"""
    label: str
    unit: str
    better: Literal["lower", "higher", "near 1", ""]
    """"" = neither: to be read beside others"""
    digits: int
    meaning: str


FIGURES: tuple[Figure, ...] = (
    Figure(
        "motion.mean_px_at_832x480", "EPE, mean", "px", "lower", 2, "distance of each visible point from where it was asked"
    ),
    Figure("motion.median_px_at_832x480", "EPE, median", "px", "lower", 2, "the same, half of the points are nearer"),
    Figure("motion.end_px_at_832x480", "End error", "px", "lower", 2, "in the last frame in which a track is visible"),
    *(
        Figure(f"motion.within_percent.{most}", f"δ@{most}", "%", "higher", 1, f"points followed and at most {most} px off")
        for most in THRESHOLDS
    ),
    Figure("motion.lost_percent", "Lost", "%", "lower", 1, "visible points that the tracker lost"),
    Figure("motion.path_ratio_median", "Path ratio", "", "near 1", 2, "achieved way / asked way: 0 = frozen, above 1 = jitter"),
    Figure("motion.frozen_px_at_832x480", "EPE if frozen", "px", "", 2, "what a video that stands still would have as EPE"),
    Figure("floor.mean_px_at_832x480", "EPE floor", "px", "", 2, "EPE of the real video: the tracker's own error"),
    Figure("consistency.warp_error", "Warp error", "", "lower", 2, "frame against the next one brought back by the flow"),
    Figure("consistency.dynamic_degree", "Dynamic degree", "px/frame", "", 2, "mean length of the flow: how much moves at all"),
    Figure("truth_consistency.dynamic_degree", "Dynamic degree, real", "px/frame", "", 2, "the same of the real video"),
    Figure("consistency.clip_f", "CLIP-F", "", "higher", 4, "likeness of consecutive frames to CLIP"),
    Figure("quality.niqe", "NIQE", "", "lower", 2, "naturalness of the frames"),
    Figure("quality.change", "NIQE change", "", "lower", 2, "against the start image"),
    Figure("fidelity.psnr", "PSNR", "dB", "higher", 2, "against the real video"),
    Figure("fidelity.ssim", "SSIM", "", "higher", 3, "against the real video"),
)
"""those that are shown; every other number of the reports is in the files"""

MAIN = FIGURES[0]
"""what cases are ordered by"""


@dataclass(frozen=True)
class Total:
    """A figure over the cases that have it."""

    cases: int
    mean: float
    """every case counts alike"""
    median: float
    track_mean: float | None = None
    """every track counts alike; of figures of motion only"""


def flat_figures(report: JsonObject) -> dict[str, float]:
    """Every single number of a report by its place, ``motion.within_percent.8``; lists are left out."""
    found: dict[str, float] = {}

    def collect(value: object, place: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                if place or name not in _SKIPPED:
                    collect(part, (*place, str(name)))
        elif isinstance(value, int | float) and not isinstance(value, bool) and place:
            found[".".join(place)] = float(value)

    collect(report, ())
    return found


def totals(records: Sequence[CaseRecord]) -> dict[str, Total]:
    """Every number that any report has, over the cases that have it, in the order of the shown figures, then by name."""
    values = [flat_figures(record.report) for record in records]
    there = {key for found in values for key in found}
    shown = [figure.key for figure in FIGURES if figure.key in there]
    return {key: _total(key, values) for key in [*shown, *sorted(there - set(shown))]}


def by_category(records: Sequence[CaseRecord]) -> dict[str, list[CaseRecord]]:
    """The cases of each category, by name."""
    names = sorted({record.category for record in records})
    return {name: [record for record in records if record.category == name] for name in names}


def worst_first(records: Sequence[CaseRecord]) -> list[CaseRecord]:
    """By the mean error; cases without one behind all others."""

    def badness(record: CaseRecord) -> tuple[bool, float, int]:
        error = flat_figures(record.report).get(MAIN.key)
        return error is None, -(error or 0.0), record.index

    return sorted(records, key=badness)


def _total(key: str, cases: Sequence[Mapping[str, float]]) -> Total:
    there = [case for case in cases if key in case]
    values = [case[key] for case in there]
    weights = [case.get(f"{key.partition('.')[0]}.tracks", 0.0) for case in there]
    track_mean = None
    if key.startswith(("motion.", "floor.")) and not key.endswith((".tracks", ".points", ".moving")) and sum(weights):
        track_mean = sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)
    return Total(len(values), fmean(values), float(median(values)), track_mean)
