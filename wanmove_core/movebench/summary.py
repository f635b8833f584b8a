"""What the cases of a folder of results come to together, as JSON and as a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .fid import Fid
from .figures import by_category, flat_figures, totals
from .json_file import JsonObject
from .layout import Case
from .records import CaseRecord, read_record
from .settings import RunSettings


@dataclass(frozen=True)
class Summary:
    """The cases that are done, of all."""

    label: str
    """what the benchmark may be called: "MoveBench-style", and by which tracker"""
    records: tuple[CaseRecord, ...]
    """in the order of the list"""
    cases: int
    """in the whole list"""
    otherwise: int
    """cases that were evaluated with other settings and are left out"""
    settings: RunSettings
    fid: Fid | None = None
    """None = not asked for"""


def summarise(out: Path, cases: Sequence[Case], settings: RunSettings, fid: Fid | None = None) -> Summary:
    """What is known of each case of the list."""
    found = [record for case in cases if (record := read_record(out, case)) is not None]
    alike = tuple(record for record in found if record.evaluation_key == settings.evaluation_key)
    return Summary(benchmark_label(settings), alike, len(cases), len(found) - len(alike), settings, fid)


def benchmark_label(settings: RunSettings) -> str:
    """The paper measures with CoTracker; what else measures is called after it only."""
    tracker = str(settings.evaluation.get("tracker", "unknown tracker"))
    said = f"tracker: {tracker} {settings.evaluation.get('tracker_version', '')}".strip()
    if "cotracker" in tracker.lower():
        return f"MoveBench-style, {said}, as in the paper"
    return f"MoveBench-style, {said}; the paper's is CoTracker"


def summary_json(summary: Summary) -> JsonObject:
    """results.json"""
    settings = summary.settings
    return {
        "label": summary.label,
        "done": len(summary.records),
        "cases": summary.cases,
        "evaluated_with_other_settings": summary.otherwise,
        "settings": {
            "benchmark": dict(settings.benchmark),
            "generation": dict(settings.generation or {}),
            "evaluation": dict(settings.evaluation),
            "about": dict(settings.about),
        },
        "overall": _totals(summary.records),
        "fid": None if summary.fid is None else _rounded(asdict(summary.fid)),
        "categories": {
            name: {"cases": len(records), "figures": _totals(records)} for name, records in by_category(summary.records).items()
        },
        "each": [
            {
                "id": record.id,
                "index": record.index,
                "category": record.category,
                "seed": record.seed,
                "figures": flat_figures(record.report),
            }
            for record in summary.records
        ],
    }


def summary_table(summary: Summary) -> str:
    """results.csv: a row a case, a column a figure."""
    columns = list(totals(summary.records))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "index", "category", "seed", "benchmark", *columns])
    for record in summary.records:
        figures = flat_figures(record.report)
        seed = "" if record.seed is None else record.seed
        about = [record.id, record.index, record.category, seed, summary.label]
        writer.writerow([*about, *(figures.get(key, "") for key in columns)])
    return text.getvalue()


def _totals(records: Sequence[CaseRecord]) -> JsonObject:
    return {key: _rounded(asdict(total)) for key, total in totals(records).items()}


def _rounded(values: JsonObject) -> JsonObject:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
