"""Tables of the report."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from .figures import FIGURES, MAIN, Figure, Total, by_category, flat_figures, totals, worst_first
from .records import CaseRecord

COLUMNS = (
    "motion.mean_px_at_832x480", "floor.mean_px_at_832x480", "motion.end_px_at_832x480", "motion.within_percent.8",
    "motion.lost_percent", "motion.path_ratio_median", "consistency.dynamic_degree", "fidelity.psnr", "fidelity.ssim",
    "quality.niqe",
)  # fmt: skip
"""figures of a case or a category"""
FIGURES_BY_KEY = {figure.key: figure for figure in FIGURES}


def overall_table(found: dict[str, Total]) -> str:
    """Every shown figure over all cases."""
    rows = []
    for figure in FIGURES:
        total = found.get(figure.key)
        if total is None:
            continue
        per_track = "" if total.track_mean is None else f"{total.track_mean:.{figure.digits}f}"
        rows.append(
            f'<tr><th class="text" scope="row">{escape(figure.label)}</th><td>{escape(figure.unit)}</td>'
            f"<td>{total.mean:.{figure.digits}f}</td><td>{total.median:.{figure.digits}f}</td><td>{per_track}</td>"
            f'<td>{total.cases:,}</td><td class="text">{escape(figure.meaning)}</td></tr>'
        )
    head = (
        '<tr><th>Figure</th><th>Unit</th><th>Mean</th><th>Median</th><th>Mean per track</th><th>Cases</th><th class="text">'
        "What it is</th></tr>"
    )
    return f"<h2>All figures</h2>{_scrolling(head, rows)}"


def categories_table(records: Sequence[CaseRecord]) -> str:
    """A row a category, the worst first; "" where there is but one."""
    groups = by_category(records)
    if len(groups) < 2:
        return ""
    found = {name: totals(group) for name, group in groups.items()}
    columns = [FIGURES_BY_KEY[key] for key in COLUMNS if any(key in group for group in found.values())]
    most = max((group[MAIN.key].mean for group in found.values() if MAIN.key in group), default=0.0) or 1.0
    rows = []
    for name in sorted(groups, key=lambda name: -found[name][MAIN.key].mean if MAIN.key in found[name] else 0.0):
        cells = []
        for figure in columns:
            total = found[name].get(figure.key)
            value = "" if total is None else f"{total.mean:.{figure.digits}f}"
            meter = ""
            if figure is MAIN and total is not None:
                meter = f'<span class="meter" style="--part:{100 * total.mean / most:.0f}%"></span>'
            cells.append(f"<td>{meter}{value}</td>")
        rows.append(f'<tr><th class="text" scope="row">{escape(name)}</th><td>{len(groups[name]):,}</td>{"".join(cells)}</tr>')
    head = "".join(f"<th>{escape(figure.label)}</th>" for figure in columns)
    table = _scrolling(f"<tr><th>Category</th><th>Cases</th>{head}</tr>", rows)
    return f"<h2>Categories <small>means, worst first</small></h2>{table}"


def cases_table(records: Sequence[CaseRecord]) -> str:
    """A row a case, the worst first; its heads are buttons for the page's script."""
    figures = {record.id: flat_figures(record.report) for record in records}
    columns = [FIGURES_BY_KEY[key] for key in COLUMNS if any(key in found for found in figures.values())]
    rows = []
    for record in worst_first(records):
        cells = "".join(_cell(figures[record.id].get(figure.key), figure) for figure in columns)
        seed = "" if record.seed is None else str(record.seed)
        rows.append(
            f'<tr><td class="text" data-value="{escape(record.id)}">{case_link(record)}</td>'
            f'<td class="text" data-value="{escape(record.category)}">{escape(record.category)}</td>'
            f'<td data-value="{seed}">{seed}</td>{cells}</tr>'
        )
    names = [("Case", "text"), ("Category", "text"), ("Seed", ""), *((figure.label, "") for figure in columns)]
    head = "".join(
        f'<th class="{kind}"{_sorted(name)}><button type="button">{escape(name)}</button></th>' for name, kind in names
    )
    return f"<h2>All cases <small>click a column to sort</small></h2>{_scrolling(f'<tr>{head}</tr>', rows)}"


def case_link(record: CaseRecord) -> str:
    """To the video, which lies beside the page."""
    return f'<a href="{quote(f"{record.id}.mp4")}">{escape(record.id)}</a>'


def _sorted(name: str) -> str:
    return ' aria-sort="descending"' if name == MAIN.label else ""


def _cell(value: float | None, figure: Figure) -> str:
    return "<td data-value=''></td>" if value is None else f'<td data-value="{value:.6g}">{value:.{figure.digits}f}</td>'


def _scrolling(head: str, rows: Sequence[str]) -> str:
    return f'<div class="card scroll"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'
