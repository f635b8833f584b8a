"""What the editor draws of a measurement: some of the measured tracks, asked and achieved, small enough to send to a page."""

import numpy as np
from numpy.typing import NDArray

from ..rendering.thinning import thin_tracks
from .measure import take_tracks
from .report_parts import VideoReport

MOST = 64
_MOST_POINTS = 64 * 128
"""tracks times frames: about 200 KB"""


def shown_tracks(report: VideoReport) -> dict[str, object]:
    """Requested and achieved ways of at most ``MOST`` measured tracks, evenly chosen, and the figures; ready for JSON.

    ``requested`` and ``achieved`` have a list a track, x and y of each frame after one another, in px of the clip to 0.1;
    ``followed`` has a list a track of 1 (found in this frame) and 0 (lost).
    """
    made = report.made_with
    result: dict[str, object] = {"width": made.width, "height": made.height, "length": made.frames}
    result |= {"requested": [], "achieved": [], "followed": [], "summary": _summary(report)}
    if report.measured is None or not report.measured.requested.count:
        return result
    requested, found = report.measured.requested, report.measured.achieved
    chosen = thin_tracks(requested, max(1, min(MOST, _MOST_POINTS // made.frames)))
    result["requested"] = _flat(take_tracks(requested, chosen).positions)
    result["achieved"] = _flat(found.positions[:, chosen])
    result["followed"] = found.followed[:, chosen].T.astype(int).tolist()
    return result


def _summary(report: VideoReport) -> dict[str, object]:
    """The figures that fit into a line or two, rounded to 0.001; None where there are none."""
    motion, made = report.motion, report.made_with
    figures: dict[str, float | None] = {
        "mean_px_at_832x480": motion and motion.mean_px_at_832x480,
        "median_px_at_832x480": motion and motion.median_px_at_832x480,
        "mean_px": motion and motion.mean_px,
        "lost_percent": motion and motion.lost_percent,
        "within_8_px_percent": motion and motion.within_percent["8"],
        "path_ratio": motion and motion.path_ratio_median,
        "frozen_px_at_832x480": motion and motion.frozen_px_at_832x480,
        "floor_px_at_832x480": report.floor and report.floor.mean_px_at_832x480,
        "dynamic_degree": report.consistency.dynamic_degree,
        "warp_error": report.consistency.warp_error,
        "niqe": report.quality.niqe,
        "niqe_change": report.quality.change,
    }
    rounded = {name: None if value is None else round(value, 3) for name, value in figures.items()}
    return {"measured": motion.tracks if motion else 0, "asked": made.requested, "tracker": made.tracker, **rounded}


def _flat(positions: NDArray[np.float32]) -> list[list[float]]:
    """[T, N, 2] as N lists of x, y, x, y ... to 0.1."""
    return np.round(positions.astype(np.float64), 1).swapaxes(0, 1).reshape(positions.shape[1], -1).tolist()
