"""Track files of any program: what a file is, how its numbers are meant, and the same motion over other frames.

What a file or its format does not say is told from the numbers and reported; what cannot be told is an error that names
the option which says it. Lengths change by resampling in time, never by cutting.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError, RequestError, TrackError
from .arrange import resample_tracks
from .baked import BakedTracks
from .coords_json import EXAMPLE, MAX_CHARACTERS
from .formats.axes import find_axis
from .formats.hiding import check_visible, find_visibility, marked_points
from .formats.opening import Opening, open_tracks
from .formats.raw_tracks import Axis, Hidden, RawTracks, Scale, Uneven, check_counts
from .formats.scales import SCALE_WORDS, find_scale, to_pixels
from .interchange_formats import FORMATS
from .sampling import MAX_LENGTH, MAX_SIDE

_MAX_FPS = 1000.0


@dataclass(frozen=True)
class ReadOptions:
    """What the user says of a file; None or "" = to be told from it."""

    format: str = ""
    axis: Axis | None = None
    scale: Scale | None = None
    hidden: Hidden | None = None
    uneven: Uneven | None = None
    size: tuple[int, int] | None = None
    """width and height of the picture"""
    has_own_size: bool = False
    """where a file says another size, that counts and not ``size``"""
    fps: float | None = None
    """frames a second in the file"""
    visibility: Path | None = None
    """a npy file [T, N]"""
    length: int | None = None
    """frames of what has none of its own: drawings, masks, documents"""


@dataclass(frozen=True)
class Reading:
    """Tracks and, in words, how they were understood."""

    tracks: BakedTracks
    """in pixels; width and height are 1 where the picture's size is not known"""
    fps: float | None
    layout: str
    axis: str
    scale: str
    visibility: str
    rate: str
    notes: tuple[str, ...] = ()


def read_track_file(path: Path, options: ReadOptions | None = None) -> Reading:
    """The tracks in a file of any of ``FORMATS``.

    Raises:
        TrackError: the file cannot be read, is damaged, or what it means cannot be told without an option.
        RequestError: an option is out of its limits.
    """
    return _read(path, options or ReadOptions(), None)


def read_track_text(text: str, options: ReadOptions | None = None) -> Reading:
    """The tracks in JSON or SVG that somebody pasted.

    Raises:
        TrackError, RequestError: as ``read_track_file``.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("[", "{", "<"):
        raise TrackError(f"The text is neither JSON nor SVG. Tracks look like {EXAMPLE}.")
    if len(text) > MAX_CHARACTERS:
        raise TrackError(f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. Keep fewer tracks.")
    return _read(Path("The text"), options or ReadOptions(), text.encode("utf-8", "replace"))


def _read(path: Path, options: ReadOptions, content: bytes | None) -> Reading:
    _check(options)
    try:
        raw = open_tracks(path, Opening(options.format, options.visibility, options.uneven, options.length), content)
    except DocumentError as error:
        raise TrackError(f"{path}: {error}") from error
    if raw.size and options.size and raw.size != options.size and not options.has_own_size:
        raise TrackError(
            f"{path} is for a picture of {raw.size[0]} x {raw.size[1]}, not {options.size[0]} x {options.size[1]}; "
            "leave --size out."
        )
    return _understand(raw, options)


def retime(reading: Reading, length: int | None, fps: float | None) -> Reading:
    """The same motion over ``length`` frames, or over as many as take the same time at ``fps`` frames a second.

    Raises:
        RequestError: ``fps`` alone is given and the file's own rate is not known, or a value is out of its limits.
    """
    _check_rate(fps)
    now = reading.tracks.length
    if length is None and fps is None:
        return reading
    if length is None and reading.fps is None:
        raise RequestError(
            f"At how many frames a second the {now} frames of the file play is not said, so they cannot be brought to {fps:g}; "
            "give --from-fps too, or the number of frames with --length."
        )
    wanted = length
    if wanted is None:
        steps = round((now - 1) * (fps or 0) / (reading.fps or 1))
        wanted = min(max(steps, min(now - 1, 1)) + 1, MAX_LENGTH + 1)  # what moves keeps its end
    tracks = resample_tracks(reading.tracks, wanted)
    # a length alone keeps the time that the motion takes
    lasting = reading.fps * (wanted - 1) / (now - 1) if reading.fps and now > 1 else None
    said = f"{now} frames{_at(reading.fps)} were resampled to {wanted}{_at(fps or lasting)}"
    return replace(reading, tracks=tracks, fps=fps or lasting, notes=reading.notes + ((said,) if wanted != now else ()))


def _understand(raw: RawTracks, options: ReadOptions) -> Reading:
    """Which axis is which, then the scale, then what is hidden: each needs the one before."""
    known = FORMATS.get(options.format)
    axis, axis_words = options.axis or raw.axis or (known.axis if known else None), _who_says(options.axis)
    if axis is None:
        axis, axis_words = find_axis(raw.positions, _clear(raw), raw.source)
    if axis == "tracks":
        raw = _swapped(raw)
    check_counts(raw.positions.shape[0], raw.positions.shape[1], raw.source)
    scale, scale_words = options.scale or raw.scale or (known.scale if known else None), _who_says(options.scale)
    if scale is None:
        scale, scale_words = find_scale(raw.positions, _clear(raw), raw.source)
    of_format = known.hidden if known and raw.visibility is None else None
    shown, shown_words = find_visibility(raw.positions, raw, options.hidden or of_format, scale)
    size = raw.size or options.size
    meaningless = ~shown & marked_points(raw.positions)
    pixels = to_pixels(raw.positions, scale, size, raw.source)
    positions = check_visible(np.where(meaningless[..., None], np.nan, pixels), shown, raw.source)
    width, height = size or (1, 1)
    fps = options.fps or raw.fps
    if fps is not None and not 0 < fps <= _MAX_FPS:
        raise TrackError(f"{raw.source} says that it plays at {fps:g} frames a second; give the right rate with --from-fps.")
    return Reading(
        tracks=BakedTracks(positions, shown, width, height, np.zeros(positions.shape[1], np.int32), ("tracks",)),
        fps=fps,
        layout=raw.layout,
        axis=f"{axis} first ({axis_words})",
        scale=f"{SCALE_WORDS[scale]} ({scale_words})",
        visibility=shown_words,
        rate="not said" if fps is None else f"{fps:g} frames a second ({'given' if options.fps else 'the file says so'})",
        notes=raw.notes,
    )


def _who_says(option: str | None) -> str:
    return "given" if option else "as the format has it"


def _clear(raw: RawTracks) -> NDArray[np.bool_]:
    """Where a position surely means something. [A, B]"""
    clear = ~marked_points(raw.positions)
    return clear if raw.visibility is None else clear & (raw.visibility > 0.5)


def _swapped(raw: RawTracks) -> RawTracks:
    visibility = None if raw.visibility is None else raw.visibility.T
    return replace(raw, positions=raw.positions.swapaxes(0, 1), visibility=visibility)


def _at(fps: float | None) -> str:
    return "" if fps is None else f" at {fps:.4g} a second"


def _check(options: ReadOptions) -> None:
    if options.format and options.format not in FORMATS:
        raise RequestError(f'"{options.format}" is no known format; it is one of {", ".join(FORMATS)}.')
    if options.size is not None and not all(1 <= side <= MAX_SIDE for side in options.size):
        raise RequestError(f"The size is {options.size[0]}x{options.size[1]}; 1 to {MAX_SIDE} on each side is needed.")
    if options.length is not None and not 1 <= options.length <= MAX_LENGTH:
        raise RequestError(f"The length is {options.length}; 1 to {MAX_LENGTH} frames are needed.")
    _check_rate(options.fps)


def _check_rate(fps: float | None) -> None:
    if fps is not None and not 0 < fps <= _MAX_FPS:
        raise RequestError(f"The frame rate is {fps}; over 0 and up to {_MAX_FPS:g} frames a second are needed.")
