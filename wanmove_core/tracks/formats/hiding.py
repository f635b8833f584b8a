"""Which points are hidden: by a visibility that is there, or by positions that mark it."""

import numpy as np
from numpy.typing import NDArray

from ...errors import TrackError
from ..npy_file import FARTHEST
from .raw_tracks import Hidden, RawTracks, Scale

Bools = NDArray[np.bool_]

_MARKS: dict[Hidden, float] = {"-1": -1.0, "-100": -100.0}


def marked_points(positions: NDArray[np.float64]) -> Bools:
    """Where positions [..., 2] stand for no place in some program: not numbers, or both coordinates -1 or -100."""
    marks = [(positions == value).all(axis=-1) for value in _MARKS.values()]
    return np.logical_or.reduce([~np.isfinite(positions).all(axis=-1), *marks])


def find_visibility(positions: NDArray[np.float64], raw: RawTracks, said: Hidden | None, scale: Scale) -> tuple[Bools, str]:
    """What is visible of positions [T, N, 2] in the file's own scale, and how that was told.

    Args:
        raw: its visibility [T, N], laid out as the positions are, counts unless ``said`` names a mark.

    Raises:
        TrackError: it cannot be told.
    """
    finite: Bools = np.all(np.isfinite(positions), axis=-1)
    mark = said or (raw.hidden if raw.visibility is None else "none")
    shown, how = np.ones(finite.shape, np.bool_), "all points visible"
    if raw.visibility is not None:
        shown, how = raw.visibility > 0.5, raw.seen_by
    if mark is None:
        return _by_marks(positions, finite, raw.source, scale)
    if mark == "none":
        return shown, how
    hidden = _hidden_by(positions, finite, mark)
    return shown & ~hidden, f"{int(hidden.sum())} points hidden by {_word(mark)}" + (f", and {how}" if raw.seen_by else "")


def _by_marks(positions: NDArray[np.float64], finite: Bools, source: str, scale: Scale) -> tuple[Bools, str]:
    """Without a word on it: NaN and exact pairs of marks are no places."""
    marks: list[Hidden] = [mark for mark, value in _MARKS.items() if bool((positions == value).all(axis=-1).any())]
    if scale == "centred" and "-1" in marks:
        raise TrackError(
            f"{source} has points at exactly -1, -1, which is hidden or the top-left corner; give --hidden=-1 or --hidden none."
        )
    hidden = np.logical_or.reduce([~finite, *(_hidden_by(positions, finite, mark) for mark in marks)])
    if not hidden.any():
        return ~hidden, "all points visible (nothing says otherwise)"
    words = [*(["NaN"] if not finite.all() else []), *(_word(mark) for mark in marks)]
    return ~hidden, f"detected: {int(hidden.sum())} points hidden by {' and '.join(words)}"


def _hidden_by(positions: NDArray[np.float64], finite: Bools, mark: Hidden) -> Bools:
    if mark == "nan":
        return ~finite
    if mark == "negative":
        return ~finite | (np.where(finite[..., None], positions, 0) < 0).any(axis=-1)
    return ~finite | (positions == _MARKS[mark]).all(axis=-1)


def _word(mark: Hidden) -> str:
    return {"nan": "NaN", "negative": "a negative coordinate"}.get(mark, f"{mark}, {mark}")


def check_visible(pixels: NDArray[np.float64], shown: Bools, source: str) -> NDArray[np.float32]:
    """Positions [T, N, 2] as float32; what is hidden and no number becomes -1, -1.

    Raises:
        TrackError: a visible point is not finite or too far away.
    """
    near: Bools = np.all(np.abs(pixels) <= FARTHEST, axis=-1)  # NaN is not
    if bool((shown & ~near).any()):
        frame, track = np.argwhere(shown & ~near)[0].tolist()
        raise TrackError(
            f"{source}: track {track} is visible at frame {frame} but its position is {pixels[frame, track].tolist()}; "
            f"give one within ±{FARTHEST:,.0f} pixels, mark it hidden, or say with --hidden what marks hidden points."
        )
    return np.where(near[..., None], pixels, -1.0).astype(np.float32)
