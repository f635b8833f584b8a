"""results.json, results.csv and report.html of a folder of results."""

from collections.abc import Sequence
from pathlib import Path

from ..rendering.atomic_file import unfinished
from .fid import Fid
from .json_file import write_json
from .layout import Case
from .report_page import report_page
from .settings import RunSettings
from .summary import Summary, summarise, summary_json, summary_table

JSON_NAME, TABLE_NAME, PAGE_NAME = "results.json", "results.csv", "report.html"
_MOST_TRIES = 20


def write_results(out: Path, cases: Sequence[Case], settings: RunSettings, fid: Fid | None = None) -> Summary:
    """Write the three files from what lies in the folder now, and again if another shard finished a case meanwhile.

    Args:
        cases: the whole list.
        fid: what was found of it, if it was asked for.

    Raises:
        MediaError: a file cannot be written.
    """
    summary = summarise(out, cases, settings, fid)
    for _ in range(_MOST_TRIES):
        write_json(out / JSON_NAME, summary_json(summary))
        _write_text(out / TABLE_NAME, summary_table(summary))
        _write_text(out / PAGE_NAME, report_page(out, summary))
        latest = summarise(out, cases, settings, fid)
        if len(latest.records) == len(summary.records):
            break
        summary = latest
    return summary


def _write_text(path: Path, text: str) -> None:
    with unfinished(path) as partial:
        partial.write_bytes(text.encode("utf-8", "backslashreplace"))
