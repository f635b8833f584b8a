"""H.264 video files, one frame at a time: frames in, an mp4 that plays in a browser out; and back."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from ..errors import MediaError
from .atomic_file import unfinished
from .frames import Frame, Picture, as_frame

ENCODERS = ("libx264", "libopenh264")
"""H.264 encoders to try, best first."""
MAX_SIDE = 16384
"""The longest side that H.264 can hold."""
MAX_PIXELS = 64_000_000
"""Most pixels a frame that ``read_video`` will decode."""
_BT709_TAG = 1


@dataclass(frozen=True)
class VideoInfo:
    """What a file says about itself."""

    width: int
    height: int
    fps: float
    frames: int
    """As stated by the container; 0 = not stated."""


class VideoWriter:
    """Stream frames into an mp4 (H.264, yuv420p, index in front).

    The file appears under its name when the ``with`` block ends well; when it raises, an interruption included, nothing
    stays behind. The first frame sets the size; odd sizes grow by one repeated row or column, because yuv420p has only
    even ones.
    """

    def __init__(self, path: Path | str, fps: float = 16.0, quality: int = 17, title: str = "") -> None:
        """
        Args:
            quality: H.264's constant rate factor: 0 = lossless, 17 = visually lossless, 51 = worst.
            title: goes into the file's metadata, e.g. ``warp.DRAFT_LABEL``.
        """
        if not 0 < fps <= 240:
            raise MediaError(f"The frame rate is {fps}; it must be above 0 and at most 240 frames a second.")
        if not 0 <= quality <= 51:
            raise MediaError(f"The quality (constant rate factor) is {quality}; it must lie between 0 and 51.")
        self._path, self._title, self._quality = Path(path), title, quality
        self._rate = Fraction(fps).limit_denominator(1001)
        self._cleanup = ExitStack()
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._size = (0, 0)

    def __enter__(self) -> "VideoWriter":
        with ExitStack() as cleanup:
            partial = cleanup.enter_context(unfinished(self._path))
            self._container = av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"})
            cleanup.push(self._finish)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cleanup.__exit__(kind, error, trace)

    def write(self, picture: Picture) -> None:
        """Append one frame, [H, W, 3] uint8 or float 0..1.

        Raises:
            MediaError: not a frame, another size than the first one, or the encoder or the disk refuses it.
        """
        frame = as_frame(picture)
        stream = self._stream or self._start(frame)
        if frame.shape[:2] != self._size:
            raise MediaError(
                f"A frame is {frame.shape[1]}x{frame.shape[0]}, the first one was {self._size[1]}x{self._size[0]}; "
                "all frames of a video must have one size."
            )
        self._mux(stream, _to_yuv(_pad_to_even(frame)))

    def _start(self, frame: Frame) -> VideoStream:
        height, width = frame.shape[:2]
        if max(height, width) > MAX_SIDE:
            raise MediaError(f"A frame is {width}x{height}; H.264 holds at most {MAX_SIDE} pixels a side.")
        container = self._open_container()
        stream = container.add_stream(_find_encoder(), rate=self._rate)
        if not isinstance(stream, VideoStream):
            raise MediaError(
                f"PyAV opened a {stream.type} stream for H.264; reinstall it with `pip install --force-reinstall av`."
            )
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        context = stream.codec_context
        context.options = {"crf": str(self._quality), "preset": "fast"}
        context.color_range, context.colorspace = ColorRange.MPEG, _BT709_TAG
        context.color_primaries, context.color_trc = _BT709_TAG, _BT709_TAG
        if self._title:
            container.metadata["title"] = self._title
        self._stream, self._size = stream, (height, width)
        return stream

    def _open_container(self) -> OutputContainer:
        if self._container is None:
            raise MediaError(f'The writer of "{self._path}" is not open; write inside its `with` block.')
        return self._container

    def _mux(self, stream: VideoStream, frame: av.VideoFrame | None) -> None:
        try:
            self._open_container().mux(stream.encode(frame))
        except (FFmpegError, OSError) as error:
            raise MediaError(f'Cannot write "{self._path}": {error}; is the disk full?') from error

    def _finish(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        container = self._open_container()
        try:
            if error is None:
                self._flush()
        finally:
            self._container, self._stream = None, None
            _close(container, self._path)

    def _flush(self) -> None:
        if self._stream is None:
            raise MediaError(f'No frame was written to "{self._path}"; a video needs at least one.')
        self._mux(self._stream, None)


def write_video(path: Path | str, frames: Iterable[Picture], fps: float = 16.0, title: str = "") -> int:
    """Write all frames and return how many there were; an exception out of ``frames`` leaves no file."""
    count = 0
    with VideoWriter(path, fps, title=title) as writer:
        for frame in frames:
            writer.write(frame)
            count += 1
    return count


def read_video(path: Path | str) -> Iterator[Frame]:
    """The frames of a video's first picture stream, in order, decoded as they are asked for.

    Raises:
        MediaError: no such file, not a video, damaged, or its frames are larger than ``MAX_PIXELS``.
    """
    with _open_video(Path(path)) as container:
        try:
            for frame in container.decode(container.streams.video[0]):
                _check_size(Path(path), frame.width, frame.height)
                yield frame.to_ndarray(format="rgb24")
        except (FFmpegError, ValueError) as error:
            raise MediaError(f'"{path}" is damaged: {error}; make or copy the file again.') from error


def video_info(path: Path | str) -> VideoInfo:
    """Size, rate and length of a video, without decoding it; raises as ``read_video`` does."""
    with _open_video(Path(path)) as container:
        stream = container.streams.video[0]
        return VideoInfo(stream.width, stream.height, float(stream.average_rate or 0), stream.frames)


def _open_video(path: Path) -> InputContainer:
    if not path.is_file():
        raise MediaError(f'There is no video file "{path}"; check the path.')
    try:
        container = av.open(str(path))
    except (FFmpegError, OSError, ValueError) as error:
        raise MediaError(f'"{path}" cannot be read as a video: {error}; give an mp4, webm, mov or mkv file.') from error
    if not container.streams.video:
        container.close()
        raise MediaError(f'"{path}" holds no picture stream; give a video file.')
    stream = container.streams.video[0]
    if stream.codec_context is None:
        container.close()
        raise MediaError(f'"{path}" is damaged: it does not say how its frames are coded; make or copy the file again.')
    stream.thread_type = "AUTO"
    _check_size(path, stream.width, stream.height)
    return container


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise MediaError(
            f'The frames of "{path}" are {width}x{height}; at most {MAX_PIXELS // 10**6} megapixels are read. '
            "Scale it down first."
        )


def _close(container: OutputContainer, path: Path) -> None:
    try:
        container.close()
    except (FFmpegError, OSError) as error:
        raise MediaError(f'Cannot finish "{path}": {error}; is the disk full?') from error


def _find_encoder() -> str:
    for name in ENCODERS:
        if name in av.codecs_available:
            return name
    raise MediaError(
        f"This PyAV build has no H.264 encoder ({' or '.join(ENCODERS)}); reinstall it with `pip install --force-reinstall av`."
    )


def _to_yuv(frame: Frame) -> av.VideoFrame:
    # Untagged RGB would be converted by BT.601's matrix, and browsers guess the matrix of an untagged file by its size.
    rgb = av.VideoFrame.from_ndarray(frame, format="rgb24")
    yuv = rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    yuv.color_primaries, yuv.color_trc = _BT709_TAG, _BT709_TAG
    return yuv


def _pad_to_even(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return frame
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
