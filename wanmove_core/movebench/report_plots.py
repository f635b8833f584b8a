"""Plots of the report as SVG, coloured by the page's style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log2

WIDTH, HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 24, 36
_EDGES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
"""px: errors are shown on a scale of doublings, from a tracker's own error to a picture's half"""
_RATIO_STEP, _RATIO_BINS = 0.125, 16


@dataclass(frozen=True)
class Marker:
    """A line across a plot, named."""

    place: float
    """0 … 1 of the plot's width"""
    label: str


def error_plot(errors: Sequence[float], floor: float | None) -> str:
    """How many tracks have which mean error, in bins that double; with the real videos' error."""
    counts = [0] * (len(_EDGES) + 1)
    for error in errors:
        counts[sum(error > edge for edge in _EDGES)] += 1
    labels = {index + 1: f"{edge:g}" for index, edge in enumerate(_EDGES)}
    markers = [] if floor is None else [Marker(_place_of_error(floor), f"floor {floor:.2f}")]
    return _bars(counts, labels, markers, "mean error of a track, px at 832×480", "tracks by mean error")


def ratio_plot(ratios: Sequence[float]) -> str:
    """How many tracks went how far of the way that they were asked to go."""
    counts = [0] * (_RATIO_BINS + 1)
    for ratio in ratios:
        counts[min(_RATIO_BINS, max(0, int(ratio / _RATIO_STEP)))] += 1
    labels = {index: f"{index * _RATIO_STEP:g}" for index in range(0, _RATIO_BINS + 1, 4)}
    asked = Marker(1 / _RATIO_STEP / (_RATIO_BINS + 1), "as asked")
    return _bars(counts, labels, [asked], "achieved way ÷ asked way (last bar: more)", "tracks by path ratio")


def within_plot(videos: Mapping[float, float], floor: Mapping[float, float]) -> str:
    """δ@k of the generated videos, and of the real ones; % of points by pixels on a scale of doublings."""
    thresholds = sorted(videos)
    inner_width, inner_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def points(values: Mapping[float, float]) -> list[tuple[float, float]]:
        there = [threshold for threshold in thresholds if threshold in values]
        across = inner_width / max(1, len(thresholds) - 1)
        places = [_LEFT + across * thresholds.index(threshold) for threshold in there]
        return [(x, _TOP + inner_height * (1 - values[k] / 100)) for x, k in zip(places, there, strict=True)]

    parts = [_gridline(share, f"{100 * share:.0f} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    if floor:
        parts += [f'<polyline class="line-floor" points="{_joined(points(floor))}"/>']
        x, y = points(floor)[-1]
        parts.append(f'<text class="tick" x="{x:.1f}" y="{max(y - 7, 10):.1f}" text-anchor="end">real videos</text>')
    parts.append(f'<polyline class="line" points="{_joined(points(videos))}"/>')
    for (x, y), threshold in zip(points(videos), thresholds, strict=True):
        said = f"{videos[threshold]:.1f} % within {threshold:g} px"
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{said}</title></circle>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{threshold:g}</text>')
    return _svg(parts, "within so many px at 832×480", "points within k pixels")


def _place_of_error(error: float) -> float:
    """Where an error lies among the bins: each doubling is one bin wide."""
    bins = len(_EDGES) + 1
    return min(1.0, max(0.0, (log2(max(error, 1e-9) / _EDGES[0]) + 1) / bins))


def _bars(counts: Sequence[int], labels: Mapping[int, str], markers: Sequence[Marker], axis: str, name: str) -> str:
    """Bars of equal width; ``labels`` stand at the left edges of the bars that they name."""
    inner_width, inner_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    most, total, step = max(*counts, 1), max(1, sum(counts)), inner_width / len(counts)
    parts = [_gridline(share, f"{100 * share * most / total:.0f} %") for share in (0.0, 0.5, 1.0)]
    for index, count in enumerate(counts):
        if not count:
            continue
        height = max(1.0, inner_height * count / most)
        x, y = _LEFT + step * index + 1, _TOP + inner_height - height
        title = f"<title>{count:,} of {total:,}</title>"
        bar = f'x="{x:.1f}" y="{y:.1f}" width="{step - 2:.1f}" height="{height:.1f}" rx="2"'
        parts.append(f'<rect class="bar" {bar}>{title}</rect>')
    for index, label in labels.items():
        x = _LEFT + step * index
        parts.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{escape(label)}</text>')
    parts += [_marker(marker) for marker in markers]
    return _svg(parts, axis, name)


def _marker(marker: Marker) -> str:
    x = _LEFT + (WIDTH - _LEFT - _RIGHT) * marker.place
    side, anchor = (-5, "end") if marker.place > 0.6 else (5, "start")
    line = f'<line class="marker" x1="{x:.1f}" y1="{_TOP - 16}" x2="{x:.1f}" y2="{HEIGHT - _BOTTOM}"/>'
    place = f'x="{x + side:.1f}" y="{_TOP - 9}" text-anchor="{anchor}"'
    return f'{line}<text class="tick strong" {place}>{escape(marker.label)}</text>'


def _gridline(share: float, label: str) -> str:
    y = _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - share)
    line = f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}"/>'
    return f'{line}<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{label}</text>'


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _svg(parts: Sequence[str], axis: str, name: str) -> str:
    title = (
        f'<text class="tick" x="{(_LEFT + WIDTH - _RIGHT) / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{escape(axis)}</text>'
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}">{"".join(parts)}{title}</svg>'
