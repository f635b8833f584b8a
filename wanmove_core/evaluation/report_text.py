"""A report for a person: what a reader would get wrong, as sentences; and all figures as a short table."""

from collections.abc import Iterable

from .consistency import Consistency
from .motion_error import MotionError
from .report_parts import MadeWith, Quality, VideoReport

_MANY_LOST = 20.0
_SLIPPED_PX, _SLIPPED = 3.0, 5.0
_FROZEN, _JITTERS = 0.25, 1.5
_STILL = 0.1
"""px at 832x480 a frame"""
_MANY_MASKED = 40.0
_REASONS = {
    "hidden": "hidden at first",
    "still": "nearly still",
    "covered": "covered by others",
    "flat": "without texture",
    "surplus": "surplus or at edges",
}


def report_notes(
    motion: MotionError | None, consistency: Consistency, quality: Quality, made_with: MadeWith
) -> tuple[str, ...]:
    """What somebody who reads only the figures would get wrong."""
    return (*_motion_notes(motion, made_with), *_frame_notes(consistency, quality, made_with))


def report_text(report: VideoReport) -> str:
    """The report as lines of at most about 110 characters."""
    made = report.made_with
    lines = [
        f"{made.width}x{made.height}, {made.frames} frames; 1 px here = {made.px_at_832x480:.3g} px at 832x480 (px* below)",
        f"tracker: {made.tracker} {made.tracker_version}".rstrip()
        + (f" ({made.tracker_licence})" if made.tracker_licence else ""),
    ]
    lines += ["", *_motion_lines(report.motion, report.floor, made)] if made.requested else []
    lines += ["", *_consistency_lines(report), "", *_quality_lines(report)]
    if report.fidelity is not None:
        lines += ["", "Against the ground truth", _row("PSNR", f"{report.fidelity.psnr:.2f} dB", "higher is closer")]
        lines.append(_row("SSIM", f"{report.fidelity.ssim:.3f}", "1 = the same"))
    return "\n".join([*lines, *(["", "Notes"] if report.notes else []), *(f"- {note}" for note in report.notes)])


def _motion_notes(motion: MotionError | None, made_with: MadeWith) -> Iterable[str]:
    if motion is None:
        if made_with.requested:
            yield f"None of the {made_with.requested} tracks can be measured: {_left_out(made_with)}."
        return
    if motion.lost_percent >= _MANY_LOST:
        yield (
            f"{motion.lost_percent:.0f} % of the points were lost by the tracker and count with the place where they were last "
            "seen: the video is blurred or changes there, or the tracker is too weak for it."
        )
    if motion.mean_px_at_832x480 > max(_SLIPPED_PX, _SLIPPED * motion.median_px_at_832x480):
        yield (
            "The mean error is far above the median: a few tracks are far off, or the tracker slipped there, as where things "
            "pass in front of one another. Look at the overlay."
        )
    ratio = motion.path_ratio_median
    if ratio is None:
        yield "No track is asked to move by 8 px at 832x480 while it was followed, so there is no path ratio."
    elif ratio <= _FROZEN:
        yield f"The points hardly move ({100 * ratio:.0f} % of the way they were asked to go): the video ignores its tracks."
    elif ratio >= _JITTERS:
        yield f"The points go {ratio:.1f} times as far as asked: the video jitters or overshoots, or the tracker jumps."


def _frame_notes(consistency: Consistency, quality: Quality, made_with: MadeWith) -> Iterable[str]:
    if consistency.dynamic_degree is None:
        yield "There is one frame only, so nothing can be said about consistency."
    elif consistency.dynamic_degree < _STILL:
        yield "The video practically stands still, which makes warp error and CLIP-F look perfect."
    if (consistency.masked_percent or 0) >= _MANY_MASKED:
        yield (
            f"{consistency.masked_percent:.0f} % of the pixels are left out of the warp error because the flow there does not "
            "agree with the way back: the error says little."
        )
    if quality.niqe is None and made_with.options["quality_every"]:
        yield "NIQE needs a picture of at least two blocks of 96x96 pixels with texture."


def _left_out(made_with: MadeWith) -> str:
    found = [f"{count} {_REASONS[reason]}" for reason, count in made_with.left_out.items() if count]
    return ", ".join(found) or "none"


def _motion_lines(motion: MotionError | None, floor: MotionError | None, made_with: MadeWith) -> list[str]:
    if motion is None:
        return ["Motion: nothing could be measured"]
    head = f"Motion: {motion.tracks} of {made_with.requested} tracks measured, {motion.moving} of them move"
    left = [f"  not measured: {_left_out(made_with)}"] if any(made_with.left_out.values()) else []
    within = ", ".join(f"{most}: {share:.0f} %" for most, share in motion.within_percent.items())
    rows = [
        _row(
            "error, mean",
            f"{motion.mean_px_at_832x480:.2f} px*",
            f"{motion.mean_px:.2f} px, {motion.mean_percent:.2f} % of the diagonal{_floor(floor and floor.mean_px_at_832x480)}",
        ),
        _row(
            "  median",
            f"{motion.median_px_at_832x480:.2f} px*",
            f"{motion.median_px:.2f} px{_floor(floor and floor.median_px_at_832x480)}",
        ),
        _row(
            "  at the end, mean",
            f"{motion.end_px_at_832x480:.2f} px*",
            f"{motion.end_px:.2f} px{_floor(floor and floor.end_px_at_832x480)}",
        ),
        _row("  of a frozen video", f"{motion.frozen_px_at_832x480:.2f} px*", "the error that no motion at all would have"),
        _row("within px*", within, "(% of the points)"),
        _row("lost", f"{motion.lost_percent:.1f} %", f"of {motion.points} points{_floor(floor and floor.lost_percent, ' %')}"),
    ]
    if motion.path_ratio_median is not None:
        spoken = (
            f"mean {motion.path_ratio_mean:.2f}; 1 = as far as asked, 0 = frozen{_floor(floor and floor.path_ratio_median, '')}"
        )
        rows.append(_row("path ratio, median", f"{motion.path_ratio_median:.2f}", spoken))
    return [head, *left, *rows]


def _consistency_lines(report: VideoReport) -> list[str]:
    found, truth = report.consistency, report.truth_consistency
    lines = ["Consistency (warp error means nothing without the dynamic degree: a still has none)"]
    if found.dynamic_degree is not None:
        lines.append(
            _row("dynamic degree", f"{found.dynamic_degree:.2f} px*", f"a frame{_truth(truth and truth.dynamic_degree)}")
        )
    if found.warp_error is not None:
        spoken = f"of 255 levels; {found.masked_percent:.0f} % of the pixels left out{_truth(truth and truth.warp_error)}"
        lines.append(_row("warp error", f"{found.warp_error:.2f}", spoken))
    if found.clip_f is not None:
        spoken = f"1 = alike; by {report.made_with.clip}{_truth(truth and truth.clip_f, 4)}"
        lines.append(_row("CLIP-F", f"{found.clip_f:.4f}", spoken))
    return lines


def _quality_lines(report: VideoReport) -> list[str]:
    found, truth = report.quality, report.truth_quality
    if found.niqe is None:
        return ["Quality: not measured"]
    lines = ["Quality", _row("NIQE, mean", f"{found.niqe:.2f}", f"lower is better{_truth(truth and truth.niqe)}")]
    if found.change is not None:
        lines.append(_row("  change", f"{found.change:+.2f}", f"against the start image ({found.picture_niqe:.2f})"))
    return lines


def _row(name: str, figure: str, explained: str) -> str:
    return f"  {name:<20} {figure:<11} {explained}".rstrip()


def _floor(value: float | None, unit: str = " px*") -> str:
    return "" if value is None else f"; floor on the truth {value:.2f}{unit}"


def _truth(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"; the truth {value:.{digits}f}"
