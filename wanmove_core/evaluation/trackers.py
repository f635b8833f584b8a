"""Who follows points through a video: a tracker says what it is, so that every figure can say who measured it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..rendering.frames import Frame
from .point_tracking import FlowOptions, FollowedPoints, PatchOptions, follow_points, match_patches
from .tracker_packages import cotracker, tapir

_OPENCV_LICENCE = "Apache-2.0"


class Tracker(Protocol):
    """Follows points of the first frame through a video."""

    @property
    def name(self) -> str:
        """As reports print it: "OpenCV pyramidal Lucas-Kanade", "CoTracker3" ..."""
        ...

    @property
    def version(self) -> str:
        """Of the package that does the work."""
        ...

    @property
    def licence(self) -> str:
        """Of code and weights; "" = nothing to say."""
        ...

    def follow(self, frames: Sequence[Frame], points: NDArray[np.float32]) -> FollowedPoints:
        """Where the points [N, 2] of the first frame are in each frame; (x, y) pixels as in ``BakedTracks``.

        A point that is hidden or lost in a frame is not ``followed`` there and has a finite place all the same.
        """
        ...


@dataclass(frozen=True)
class LucasKanade:
    """From frame to frame, checked by the way back and matched with the first frame; a point once lost stays lost."""

    options: FlowOptions = field(default_factory=FlowOptions)

    @property
    def name(self) -> str:
        return "OpenCV pyramidal Lucas-Kanade"

    @property
    def version(self) -> str:
        return cv2.__version__

    @property
    def licence(self) -> str:
        return _OPENCV_LICENCE

    def follow(self, frames: Sequence[Frame], points: NDArray[np.float32]) -> FollowedPoints:
        return follow_points(frames, points, self.options)


@dataclass(frozen=True)
class PatchMatching:
    """By correlation with the first frame, near where the point is expected and near where it was last seen.

    It finds a point again after something passed in front, and follows through frames too soft for ``LucasKanade``. What
    ended farther than the search reaches from both places is lost, never a large error: see ``expecting``.
    """

    options: PatchOptions = field(default_factory=PatchOptions)
    expected: NDArray[np.float32] | None = None
    """[T, N, 2], where points are looked for too; None = only near where they were last seen"""

    @property
    def name(self) -> str:
        return "OpenCV patch matching"

    @property
    def version(self) -> str:
        return cv2.__version__

    @property
    def licence(self) -> str:
        return _OPENCV_LICENCE

    def expecting(self, places: NDArray[np.float32]) -> "PatchMatching":
        """The same, looking near ``places`` [T, N, 2] too, such as the requested tracks."""
        return replace(self, expected=places)

    def follow(self, frames: Sequence[Frame], points: NDArray[np.float32]) -> FollowedPoints:
        expected = np.tile(points, (len(frames), 1, 1)) if self.expected is None else self.expected.copy()
        expected[0] = points
        return match_patches(frames, expected, self.options)


TRACKERS: dict[str, Callable[[Path | None], Tracker]] = {
    "flow": lambda weights: _without_weights("flow", LucasKanade(), weights),
    "patches": lambda weights: _without_weights("patches", PatchMatching(), weights),
    "cotracker": cotracker,
    "tapir": tapir,
}
"""how the command line and the nodes name them -> what makes one from a file of weights"""


def find_tracker(name: str, weights: Path | None = None) -> Tracker:
    """The tracker of this name in ``TRACKERS``.

    Raises:
        RequestError: there is none, its package is not installed, or its weights are missing or superfluous.
    """
    make = TRACKERS.get(name)
    if make is None:
        raise RequestError(f'There is no tracker "{name}"; use one of {", ".join(TRACKERS)}.')
    return make(weights)


def _without_weights(name: str, tracker: Tracker, weights: Path | None) -> Tracker:
    if weights is not None:
        raise RequestError(f'The tracker "{name}" has no weights, but {weights} is given; leave the file out.')
    return tracker
