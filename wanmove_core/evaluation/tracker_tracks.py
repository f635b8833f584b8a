"""Tracks from a video by any tracker, for those that see the whole clip at once; ``video_tracking`` needs a frame at a time."""

from collections.abc import Iterable

import numpy as np

from ..errors import RequestError
from ..host import Host
from ..rendering.frames import Frame, Picture, as_frame
from ..tracks.baked import BakedTracks
from ..tracks.sampling import MAX_LENGTH
from .point_tracking import to_grey
from .start_points import StartPoints, first_points
from .trackers import Tracker
from .video_tracking import STAGE


def track_by(tracker: Tracker, frames: Iterable[Picture], start: StartPoints, host: Host) -> BakedTracks:
    """Points of the first frame, followed by a tracker; hidden where it says so, and visible again where it finds them.

    Only before the tracker begins, and after it has ended, can this be interrupted.

    Args:
        frames: of one size; all are held in memory.

    Raises:
        RequestError: fewer than 2 or more than ``MAX_LENGTH`` frames, sizes that differ, or nothing to follow.
        MediaError: a frame is no picture.
    """
    host.progress(STAGE, 0, 1)
    video = _held(frames, host)
    points = first_points(to_grey(video[0]), start)
    host.note(f"{tracker.name} ({tracker.version}){f'; {tracker.licence}' if tracker.licence else ''}.")
    found = tracker.follow(video, points)
    host.check_interrupted()
    host.progress(STAGE, 1, 1)
    height, width = video[0].shape[:2]
    inside = np.all((found.positions >= 0) & (found.positions < (width, height)), axis=-1)
    return BakedTracks(
        positions=found.positions.astype(np.float32),
        visibility=found.followed & inside,
        width=width,
        height=height,
        layer=np.zeros(len(points), np.int32),
        names=("video",),
    )


def _held(frames: Iterable[Picture], host: Host) -> list[Frame]:
    video: list[Frame] = []
    for picture in frames:
        host.check_interrupted()
        if len(video) == MAX_LENGTH:
            raise RequestError(f"The video has more than {MAX_LENGTH} frames; cut it first.")
        frame = as_frame(picture)
        if video and frame.shape != video[0].shape:
            (high, wide), (was_high, was_wide) = frame.shape[:2], video[0].shape[:2]
            raise RequestError(
                f"Frame {len(video)} is {wide}x{high}, the first is {was_wide}x{was_high}; scale all to one size."
            )
        video.append(frame)
    if len(video) < 2:
        raise RequestError(f"The video has {len(video)} frame{'s' * (len(video) != 1)}; at least 2 are needed to see motion.")
    return video
