"""How far the points of a video ended from where the tracks asked them to be."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..tracks.baked import BakedTracks

WITHIN_PX = 8.0
"""One latent cell: the finest step that the model can be told."""


@dataclass(frozen=True)
class TrackScore:
    """End-point error of M measured tracks.

    "End-point" is the last frame. **A lost point counts**: with the distance between where it was last seen and where it
    was to end, and never as "within". ``followed_mean_px`` leaves lost points out; read it together with ``lost_percent``.
    """

    tracks: int
    """M, how many were measured"""
    mean_px: float
    median_px: float
    mean_percent: float
    """mean_px in % of the picture's diagonal"""
    within_percent: float
    """% of points followed to the last frame and at most ``WITHIN_PX`` from their goal"""
    lost_percent: float
    """% of points not followed to the last frame"""
    followed_mean_px: float | None
    """mean over the points that were followed to the last frame; None = all were lost"""
    path_mean_px: float
    """mean over all frames in which the tracks are visible, not only the last (a lost point waits where it was last seen)"""
    motion_px: float
    """mean distance from start to goal: what a video that stands still scores as ``mean_px``"""

    def as_dict(self) -> dict[str, float | int | None]:
        """For JSON; rounded to 0.001."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


def endpoint_error(requested: BakedTracks, achieved: NDArray[np.floating], followed: NDArray[np.bool_]) -> TrackScore:
    """Compare requested with achieved tracks, all N of them; ``measure.measure_tracks`` chooses which ones make sense.

    Args:
        achieved: [T, N, 2], pixels as in ``requested``; lost points at their last known place.
        followed: [T, N].

    Raises:
        RequestError: shapes differ, or there are no tracks.
    """
    check_shapes(requested, achieved, followed)
    error = np.linalg.norm(achieved - requested.positions, axis=-1)
    end, kept = error[-1], followed[-1]
    mean = float(end.mean())
    return TrackScore(
        tracks=requested.count,
        mean_px=mean,
        median_px=float(np.median(end)),
        mean_percent=100 * mean / float(np.hypot(requested.width, requested.height)),
        within_percent=100 * float((kept & (end <= WITHIN_PX)).mean()),
        lost_percent=100 * float((~kept).mean()),
        followed_mean_px=float(end[kept].mean()) if kept.any() else None,
        path_mean_px=float(error[requested.visibility].mean()),
        motion_px=float(np.linalg.norm(requested.positions[-1] - requested.positions[0], axis=-1).mean()),
    )


def check_shapes(requested: BakedTracks, achieved: NDArray[np.floating], followed: NDArray[np.bool_]) -> None:
    """Refuse what cannot be compared.

    Raises:
        RequestError: shapes differ, or there are no tracks, or none is visible in any frame.
    """
    if requested.count == 0:
        raise RequestError("There are no tracks to measure; see what `choose_tracks` says about why.")
    if achieved.shape != requested.positions.shape or followed.shape != requested.visibility.shape:
        raise RequestError(
            f"Achieved tracks have the shape {list(achieved.shape)} and {list(followed.shape)}, requested ones "
            f"{list(requested.positions.shape)} and {list(requested.visibility.shape)}; they must agree."
        )
    if not requested.visibility.any():
        raise RequestError("The tracks to measure are hidden in every frame; give tracks that are visible in some.")
