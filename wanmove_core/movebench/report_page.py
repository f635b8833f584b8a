"""report.html: one file that needs nothing else, with figures, plots and the worst cases first.

Captions and names come from files of others: all of it is escaped, and the page's own rules let nothing run but its own script.
"""

import base64
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from statistics import fmean
from urllib.parse import quote

from ..rendering.error_colours import LOST, REQUESTED, STEPS, STOPS
from .fid import Fid
from .figures import THRESHOLDS, Total, flat_figures, totals, worst_first
from .records import THUMBNAILS, CaseRecord
from .report_plots import error_plot, ratio_plot, within_plot
from .report_tables import COLUMNS, FIGURES_BY_KEY, case_link, cases_table, categories_table, overall_table
from .settings import RunSettings, Values
from .summary import Summary

PICTURED = 36
"""cases that are shown with pictures, the worst; all others have a row in the table"""
_MAX_PICTURE_BYTES = 200_000
_LONGEST_CAPTION = 400
_FOLDER = Path(__file__).parent
_TILES = (
    "motion.mean_px_at_832x480", "floor.mean_px_at_832x480", "motion.within_percent.8", "motion.lost_percent",
    "motion.path_ratio_median", "fidelity.psnr", "fidelity.ssim", "quality.niqe",
)  # fmt: skip
_FLOOR = "floor.mean_px_at_832x480"
_CHIPS = ("set", "language", "model", "steps", "cfg", "seed", "tracker")


def report_page(out: Path, summary: Summary) -> str:
    """The page; ``out`` is the folder of results, whose thumbnails go into it."""
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    allowed = base64.b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    found = totals(summary.records)
    parts = [_header(summary, found.get(_FLOOR))]
    if summary.records:
        parts += [
            _tiles(found, summary.fid),
            _plots(summary.records, found),
            overall_table(found),
            categories_table(summary.records),
            _pictured(out, summary),
            cases_table(summary.records),
        ]
    parts.append(_notes(summary))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(summary))}</title><style>{style}</style></head>\n"
        f"<body><main>{''.join(parts)}</main><script>{script}</script></body></html>\n"
    )


def _title(summary: Summary) -> str:
    generation = summary.settings.generation or {}
    made = _text(generation.get("model_label") or f"Videos {generation.get('videos', '')}").strip()
    return f"{made[:1].upper()}{made[1:]} · MoveBench-style"


def _header(summary: Summary, floor: Total | None) -> str:
    done, cases = len(summary.records), summary.cases
    state = f"all {cases:,} cases are done" if done == cases else f"{done:,} of {cases:,} cases are done"
    if summary.otherwise:
        state += f"; {summary.otherwise:,} more were evaluated with other settings and are left out"
    settings = summary.settings
    facts = {**_everything(settings), **settings.about}
    shown = "".join(
        f"<div><dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(_text(value))}</dd></div>"
        for name, value in facts.items()
        if value not in (None, "", [], {})
    )
    return (
        f"<h1>{escape(_title(summary))}</h1>"
        f'<p class="lead">{escape(summary.label)}. {escape(_resolution(_everything(settings)))}</p>'
        f'<ul class="chips"><li class="state{"" if done == cases else " partial"}">{escape(state)}</li>'
        f"{_chips(settings, floor)}</ul>"
        f'<details class="card"><summary>All settings</summary><dl class="facts">{shown}</dl></details>'
    )


def _chips(settings: RunSettings, floor: Total | None) -> str:
    everything = _everything(settings)
    told = [(name, _text(everything[name])) for name in _CHIPS if everything.get(name) is not None]
    told += [] if floor is None else [("floor", f"{floor.mean:.2f} px")]
    return "".join(f"<li><span>{escape(name)}</span>{escape(value)}</li>" for name, value in told)


def _everything(settings: RunSettings) -> Values:
    return {**settings.benchmark, **(settings.generation or {}), **settings.evaluation}


def _resolution(values: Values) -> str:
    if not {"width", "height", "length"} <= set(values):
        return "Errors are in pixels at 832×480."
    size = f"{values['width']}×{values['height']}, {values['length']} frames"
    return f"Videos of {size}; errors are in pixels at 832×480."


def _tiles(found: dict[str, Total], fid: Fid | None) -> str:
    tiles = []
    for key in _TILES:
        if key in found:
            figure, total = FIGURES_BY_KEY[key], found[key]
            unit = f"<span>{figure.unit}</span>" if figure.unit else ""
            said = f"median {total.median:.{figure.digits}f}" + (f" · {figure.better} is better" if figure.better else "")
            tiles.append(
                f'<div class="tile card" title="{escape(figure.meaning)}"><span>{escape(figure.label)}</span>'
                f"<b>{total.mean:.{figure.digits}f}{unit}</b><small>{escape(said)}</small></div>"
            )
    if fid is not None:
        tiles.append(
            f'<div class="tile card" title="{escape(fid.note)}"><span>FID</span><b>{fid.value:.2f}</b>'
            f"<small>{fid.counted} · {escape(fid.package)} · lower is better</small></div>"
        )
    return f'<h2>Means over the cases</h2><div class="tiles">{"".join(tiles)}</div>'


def _plots(records: Sequence[CaseRecord], found: dict[str, Total]) -> str:
    errors = [error for record in records for error in record.track_errors]
    ratios = [ratio for record in records for ratio in record.track_ratios]
    floor = found.get(_FLOOR)
    within = {
        float(most): found[f"motion.within_percent.{most}"].mean
        for most in THRESHOLDS
        if f"motion.within_percent.{most}" in found
    }
    real = {
        float(most): found[f"floor.within_percent.{most}"].mean
        for most in THRESHOLDS
        if f"floor.within_percent.{most}" in found
    }
    plots = []
    if errors:
        plots.append((f"How far off are {len(errors):,} tracks?", error_plot(errors, None if floor is None else floor.mean)))
    if within:
        plots.append(("How many points are within k pixels?", within_plot(within, real)))
    if ratios:
        plots.append(("Do they go as far as asked?", ratio_plot(ratios)))
    figures = "".join(
        f'<figure class="plot card"><figcaption>{escape(name)}</figcaption>{plot}</figure>' for name, plot in plots
    )
    return f'<h2>Motion</h2><div class="plots">{figures}</div>' if figures else ""


def _pictured(out: Path, summary: Summary) -> str:
    ordered = worst_first(summary.records)[:PICTURED]
    count = f"{len(ordered):,} of {len(summary.records):,}" if len(ordered) < len(summary.records) else "all"
    kinds = [
        (REQUESTED, "asked"),
        *zip(STOPS, (f"achieved, at most {STEPS[0]:g} px off", f"{STEPS[1]:g} px", f"{STEPS[2]:g} px and more"), strict=True),
        (LOST, "lost"),
    ]
    dots = "".join(f'<span><i style="background:rgb{colour}"></i>{escape(name)}</span>' for colour, name in kinds)
    legend = f'<p class="lead legend">Start image, middle and last frame.{dots}</p>'
    cards = "".join(_card(out, record) for record in ordered)
    return f'<h2>Cases <small>worst first, {count}</small></h2>{legend}<div class="cases">{cards}</div>'


def _card(out: Path, record: CaseRecord) -> str:
    figures = flat_figures(record.report)
    shown = [(FIGURES_BY_KEY[key], figures[key]) for key in COLUMNS[:8] if key in figures]
    said = "".join(
        f"<li><span>{escape(figure.label)}</span> {value:.{figure.digits}f} {escape(figure.unit)}</li>"
        for figure, value in shown
    )
    picture = _picture(out, record)
    image = (
        f'<a href="{quote(f"{record.id}.mp4")}"><img alt="three frames of {escape(record.id)}" src="{picture}"></a>'
        if picture
        else ""
    )
    caption = record.caption if len(record.caption) <= _LONGEST_CAPTION else f"{record.caption[:_LONGEST_CAPTION]}…"
    return (
        f'<article class="case card">{image}<div><header>{case_link(record)}'
        f"<span>{escape(record.category)}</span></header>"
        f'<p title="{escape(caption)}">{escape(caption)}</p><ul>{said}</ul></div></article>'
    )


def _notes(summary: Summary) -> str:
    said = dict.fromkeys(
        note for record in summary.records for note in record.report.get("notes") or () if isinstance(note, str)
    )
    notes = [
        "EPE counts every visible point of every measured track; a point that the tracker lost counts with its last place.",
        "The floor is the same measure on the real videos: what is left of an error above it is the model's.",
        "A video that stands still scores well in warp error and CLIP-F: read dynamic degree and path ratio too.",
        "Not comparable with the paper's table unless tracker, resolution and choice of points are its own.",
    ]
    if summary.fid is not None:
        notes.append(f"{summary.fid.label}, weights {summary.fid.weights}. {summary.fid.note}")
    if summary.records:
        notes.append(_measured(summary.records))
        slow = [record.seconds[part] for record in summary.records for part in ("generate",) if part in record.seconds]
        if slow:
            notes.append(f"Generating took {fmean(slow):.1f} s a case on average.")
    listed = "".join(f"<li>{escape(note)}</li>" for note in [*notes, *list(said)[:12]])
    return f'<h2>To be read with it</h2><ul class="notes">{listed}</ul>'


def _measured(records: Sequence[CaseRecord]) -> str:
    """How many of the tracks the figures are made of."""
    asked = [record.report.get("made_with") or {} for record in records]
    counts = [made["requested"] for made in asked if isinstance(made, dict) and isinstance(made.get("requested"), int)]
    measured = sum(len(record.track_errors) for record in records)
    of = f" of {sum(counts):,}" if len(counts) == len(records) else ""
    return f"{measured:,}{of} tracks were measured; on flat or covered places and at the edge there is nothing to follow."


def _picture(out: Path, record: CaseRecord) -> str:
    """The thumbnail as a data URI; "" where there is none."""
    path = out / THUMBNAILS / f"{record.id}.jpg"
    try:
        content = path.read_bytes() if path.stat().st_size <= _MAX_PICTURE_BYTES else b""
    except OSError:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}" if content.startswith(b"\xff\xd8\xff") else ""


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
