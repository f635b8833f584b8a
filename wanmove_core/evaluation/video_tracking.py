"""Tracks from a video: where the points of its frames go, by the pixels alone (OpenCV's Lucas-Kanade, no weights)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..host import Host
from ..rendering.frames import Picture
from ..tracks.baked import BakedTracks
from ..tracks.regions import MAX_TRACKS
from ..tracks.sampling import MAX_LENGTH
from .point_group import PointGroup, compare_points, make_group, trace_back
from .point_tracking import FlowOptions, Grey, Points, flow_both_ways, is_inside, sample_nearest, to_grey
from .start_points import StartPoints, count_flat, first_points, grid_points

STAGE = "follow"
_UNSEEN = -4.0
"""where points are before they are found, in pictures: outside, and still so where the tracks are moved or turned"""


@dataclass(frozen=True)
class TrackingOptions:
    """How points are followed."""

    flow: FlowOptions = field(default_factory=FlowOptions)
    """Lucas-Kanade's settings; its drift settings are not used"""
    find_new: bool = True
    """whether points are also found in later frames, where lost ones leave room or the picture uncovers something"""
    interval: int = 4
    """frames after which points are compared with their first look, and new ones are looked for"""
    min_correlation: float = 0.75
    """of a point with its first look, below which it is lost: something came in front, or it changed beyond recognition"""
    correction: float = 0.9
    """correlation from which the first look says where a point is"""
    max_correction: float = 4.0
    """px that this may differ from what Lucas-Kanade says"""
    max_doubt: float = 1.0
    """px that the first look and Lucas-Kanade may differ where neither is believed more; above, the point is lost"""
    max_unsettled: float = 0.25
    """px by which looking for the first look again may move a place; above, the point is lost"""
    shortest: int = 5
    """frames that a point found later must be seen in to be kept"""


def track_video(
    frames: Iterable[Picture],
    start: StartPoints,
    host: Host,
    options: TrackingOptions | None = None,
    total: int | None = None,
) -> BakedTracks:
    """Follow points through a video, a frame at a time.

    A point is visible from the frame in which it was found until it is lost: the way back misses, it no longer looks like
    itself, or it leaves the picture. From then on it stays hidden, at its last known place. Points found later come after
    those of the first frame; **before they are found they are hidden and far outside the picture**, because what the first
    frame shows at their place is something else, and guidance would carry that.

    Args:
        frames: of one size.
        total: how many frames there are, for the progress; None = unknown.

    Raises:
        RequestError: fewer than 2 or more than ``MAX_LENGTH`` frames, sizes that differ, or nothing to follow.
        MediaError: a frame is no picture.
    """
    follower: _Follower | None = None
    count = 0
    host.progress(STAGE, 0, total or 1)
    for picture in frames:
        host.check_interrupted()
        if count == MAX_LENGTH:
            raise RequestError(f"The video has more than {MAX_LENGTH} frames; cut it first.")
        grey = to_grey(picture)
        if follower is None:
            follower = _Follower(grey, start, options or TrackingOptions(), host)
        else:
            follower.step(grey)
        count += 1
        host.progress(STAGE, count, max(count + 1, total or 0))
    if follower is None or count < 2:
        raise RequestError(f"The video has {count} frame{'s' * (count != 1)}; at least 2 are needed to see motion.")
    host.progress(STAGE, count, count)
    return follower.finish()


class _Follower:
    """The points and where they were so far; each frame adds to both."""

    def __init__(self, grey: Grey, start: StartPoints, options: TrackingOptions, host: Host) -> None:
        self._start, self._options, self._host = start, options, host
        self._grey, self._compared = grey, 0
        self._groups: list[tuple[PointGroup, slice]] = []
        self._history: list[Points] = [np.empty((0, 2), np.float32)]
        self._born, self._last = np.empty(0, np.int64), np.empty(0, np.int64)
        self._alive = np.empty(0, np.bool_)
        points = first_points(grey, start)
        if start.points is not None and (flat := count_flat(grey, points, start)):
            host.note(f"{flat} of {len(points)} points lie on too little texture to be followed well.")
        self._add(points)

    @property
    def _time(self) -> int:
        return len(self._history) - 1

    def step(self, grey: Grey) -> None:
        """One frame more."""
        if grey.shape != self._grey.shape:
            (was_high, was_wide), (high, wide) = self._grey.shape, grey.shape
            raise RequestError(
                f"Frame {self._time + 1} is {wide}x{high}, the first is {was_wide}x{was_high}; scale all to one size."
            )
        place = self._history[-1].copy()
        index = np.flatnonzero(self._alive)
        if len(index):
            moved, good = self._flow(grey, index)
            good &= is_inside(moved, grey)
            place[index[good]] = moved[good]
            self._lose_now(index[~good])
        self._history.append(place)
        self._grey = grey
        if self._time - self._compared >= self._options.interval:
            self._compare()
            if self._options.find_new and self._start.points is None:
                self._add(self._new_points())

    def finish(self) -> BakedTracks:
        """All tracks of all frames."""
        self._compare()
        self._last[self._alive] = self._time
        count, (height, width) = len(self._born), self._grey.shape
        positions = np.full((len(self._history), count, 2), 0, np.float32)
        for time, places in enumerate(self._history):
            positions[time, : len(places)] = places
        times = np.arange(len(positions))[:, None]
        final = positions[self._last, np.arange(count)]
        positions = np.where((times > self._last)[..., None], final, positions)
        positions = np.where((times < self._born)[..., None], np.array([width, height]) * _UNSEEN, positions)
        kept = (self._born == 0) | (self._last - self._born + 1 >= self._options.shortest)
        visible = (times >= self._born) & (times <= self._last)
        layer = np.zeros(int(kept.sum()), np.int32)
        return BakedTracks(positions[:, kept].astype(np.float32), visible[:, kept], width, height, layer, ("video",))

    def _flow(self, grey: Grey, index: NDArray[np.int64]) -> tuple[Points, NDArray[np.bool_]]:
        """Where points went, and which were found; those that were not are looked for where their last step leads to.

        Without the second look points beside something fast are lost: the coarse levels of the first follow that.
        """
        now, options = self._history[-1][index], self._options.flow
        place, good = flow_both_ways(self._grey, grey, now, options)
        missed = np.flatnonzero(~good)
        if len(missed):
            step = now[missed] - self._before(index[missed])
            fine = replace(options, levels=min(options.levels, 1))
            again = flow_both_ways(self._grey, grey, now[missed], fine, (now[missed] + step).astype(np.float32))
            place[missed], good[missed] = again
        return place, good

    def _before(self, index: NDArray[np.int64]) -> Points:
        """Where points were a frame ago; those just found, where they are."""
        places = self._history[-1].copy()
        earlier = self._history[max(len(self._history) - 2, 0)]
        places[: len(earlier)] = earlier
        return places[index]

    def _compare(self) -> None:
        """With their first look: put right what is recognised, lose what is not."""
        since, place = self._compared, self._history[-1]
        self._compared = self._time
        if since == self._time:
            return
        for group, part in self._groups:
            alive = self._alive[part]
            if not alive.any():
                continue
            found = compare_points(group, self._grey, place[part], alive, alive)
            index = np.arange(part.start, part.stop)[alive]
            shift = found.positions - place[index]
            near = np.linalg.norm(shift, axis=1) <= self._options.max_correction
            known = near & (found.correlation >= self._options.correction)
            known &= is_inside(found.positions, self._grey)
            self._correct(index[known], shift[known], since)
            doubtful = ~known & (np.linalg.norm(shift, axis=1) > self._options.max_doubt)
            doubtful |= found.unsettled > self._options.max_unsettled
            self._lose(index[doubtful | (found.correlation < self._options.min_correlation)], since)
        self._groups = [(group, part) for group, part in self._groups if part.start == 0 or self._alive[part].any()]

    def _correct(self, index: NDArray[np.int64], shift: Points, since: int) -> None:
        """Move points, the more the longer ago they were last compared, so that their ways have no jump."""
        for time in range(since + 1, self._time + 1):
            self._history[time][index] += shift * np.float32((time - since) / (self._time - since))

    def _lose_now(self, index: NDArray[np.int64]) -> None:
        """Points that the next frame does not have. They may have been covered and dragged along since the last comparison."""
        lost = np.zeros(len(self._born), np.bool_)
        lost[index] = True
        since, now = self._compared, self._time
        for group, part in self._groups:
            if since == now or not lost[part].any():
                continue
            found = compare_points(group, self._grey, self._history[-1][part], self._alive[part], lost[part])
            strange = found.correlation < self._options.min_correlation
            which = np.arange(part.start, part.stop)[lost[part]]
            self._lose(which[strange], since)
            lost[which[strange]] = False
        self._lose(np.flatnonzero(lost), now)

    def _lose(self, index: NDArray[np.int64], last: int) -> None:
        self._alive[index] = False
        self._last[index] = last

    def _new_points(self) -> Points:
        found = grid_points(
            self._grey, StartPoints(self._start.spacing, min_texture=self._start.min_texture), self._history[-1][self._alive]
        )
        if self._start.mask is not None and len(found):
            found = found[self._in_mask(found, self._start.mask)]
        return found[: MAX_TRACKS - len(self._born)]

    def _in_mask(self, found: Points, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        group, part = self._groups[0]
        alive = self._alive[part]
        if not alive.any():
            return np.zeros(len(found), np.bool_)
        return sample_nearest(mask, trace_back(group, self._history[-1][part], alive, found)) > 0

    def _add(self, points: Points) -> None:
        if len(points) == 0:
            return
        before, count = len(self._born), len(points)
        self._groups.append((make_group(self._grey, points), slice(before, before + count)))
        self._history[-1] = np.concatenate([self._history[-1], points])
        self._born = np.concatenate([self._born, np.full(count, self._time)])
        self._last = np.concatenate([self._last, np.full(count, self._time)])
        self._alive = np.concatenate([self._alive, np.ones(count, np.bool_)])
