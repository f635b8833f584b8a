"""Clips next to each other, each under its name: picture or draft, result, overlay."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import cv2
import numpy as np

from ..errors import RequestError
from .frames import Frame, Picture, as_frame
from .lettering import PAPER, text_size, write

MOST_CLIPS = 6
_GROUND = (24, 24, 27)
_GAP = 6


@dataclass(frozen=True)
class LabelledClip:
    """Frames of one size and what is written above them."""

    label: str
    frames: Iterable[Picture]
    """a single one is shown all the time"""


def side_by_side(clips: Sequence[LabelledClip]) -> Iterator[Frame]:
    """The clips from left to right, frame by frame, all as high as the first that moves; widths keep each clip's shape.

    Raises:
        RequestError: fewer than two or more than ``MOST_CLIPS`` clips, a clip without frames, or lengths that differ (a
            single frame fits any length).
    """
    if not 2 <= len(clips) <= MOST_CLIPS:
        raise RequestError(f"{len(clips)} clips were to be put side by side; give 2 to {MOST_CLIPS}.")
    streams = [_stream(clip) for clip in clips]
    labels = [clip.label for clip in clips]
    moving = [index for index, (_, is_still) in enumerate(streams) if not is_still]
    height, leader = 0, moving[0] if moving else 0
    for frames in _in_step([frames for frames, _ in streams], labels, moving):
        height = height or frames[leader].shape[0]
        yield _joined(labels, [_as_high(frame, height) for frame in frames])
        if not moving:
            return


def _stream(clip: LabelledClip) -> tuple[Iterator[Frame], bool]:
    """The frames, for ever where there is one only, and whether that is so."""
    frames = (as_frame(picture) for picture in clip.frames)
    first = next(frames, None)
    if first is None:
        raise RequestError(f'The clip "{clip.label}" has no frames; leave it out or give one that has.')
    second = next(frames, None)
    if second is None:
        return repeat(first), True
    return chain([first, second], frames), False


def _in_step(streams: list[Iterator[Frame]], labels: Sequence[str], moving: Sequence[int]) -> Iterator[list[Frame]]:
    count = 0
    while True:
        frames = [next(stream, None) for stream in streams]
        ended = [index for index, frame in enumerate(frames) if frame is None]
        there = [frame for frame in frames if frame is not None]
        if len(there) == len(frames):
            yield there
            count += 1
            continue
        if len(ended) == len(moving):
            return
        longer = next(index for index in moving if index not in ended)
        raise RequestError(
            f'The clip "{labels[ended[0]]}" has {count} frames, "{labels[longer]}" has more; side by side go clips of one '
            "length, or single pictures."
        )


def _as_high(frame: Frame, height: int) -> Frame:
    if frame.shape[0] == height:
        return frame
    width = max(1, round(frame.shape[1] * height / frame.shape[0]))
    way = cv2.INTER_AREA if height < frame.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (width, height), interpolation=way), np.uint8)


def _joined(labels: Sequence[str], frames: Sequence[Frame]) -> Frame:
    height = frames[0].shape[0]
    size = 0.55 * min(max(height / 480, 0.75), 2.0)
    band = round(size * 40) + 4
    widths = [frame.shape[1] for frame in frames]
    joined = np.full((band + height, sum(widths) + _GAP * (len(frames) - 1), 3), _GROUND, np.uint8)
    left = 0
    for label, frame in zip(labels, frames, strict=True):
        joined[band:, left : left + frame.shape[1]] = frame
        part = joined[:band, left : left + frame.shape[1]]
        write(part, _shortened(label, frame.shape[1] - 8, size), (4, round(band * 0.7)), size, PAPER)
        left += frame.shape[1] + _GAP
    return joined


def _shortened(label: str, room: int, size: float) -> str:
    if text_size(label, size)[0] <= room:
        return label
    while label and text_size(f"{label}...", size)[0] > room:
        label = label[:-1]
    return f"{label}..."
