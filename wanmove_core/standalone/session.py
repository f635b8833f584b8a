"""What one run of ``wanmove edit`` works on: one document file, the picture that is shown, the clip to be made."""

import math
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError, MediaError, RequestError
from ..rendering.atomic_file import unfinished
from ..rendering.frames import Frame
from ..rendering.images import decode_image, load_image
from ..tracks.baked import BakedTracks
from ..tracks.document import MAX_BYTES, MAX_SIDE, TrackDocument, parse_document, serialise_document
from ..tracks.npy_file import write_npy
from ..tracks.sampling import FitName, bake, make_fit
from ..tracks.selection_request import answer_selection

CLIP_PIXELS = 832 * 480
"""of a clip whose size nobody chose: what Wan's models are made for"""
CLIP_STEP = 16
"""pixels; sides of such a clip are multiples"""
MAX_FPS = 240
_LARGEST_PNG = 16_000_000
"""pixels; above it the page is given JPEG, which is quicker to make and to load"""


@dataclass(frozen=True)
class Clip:
    """The clip to be made, as the editor knows it."""

    width: int
    height: int
    length: int
    fps: float
    fit: FitName | None


@dataclass(frozen=True)
class ShownPicture:
    """The picture behind the drawing."""

    frame: Frame
    file: bytes
    """PNG or JPEG of just these pixels, upright"""
    media_type: str
    name: str
    number: int
    """counts the pictures of a session, so that the page can tell them apart"""


class Session:
    """May be asked from several threads at once."""

    def __init__(self, picture: Path, document: Path, clip: Clip, locale: str = "") -> None:
        """Reads both files; the document's need not be there. Sides of the clip that are 0 are chosen (``usual_clip``).

        Raises:
            MediaError: the picture cannot be read or has sides of more than 16,384 pixels, or the document cannot be
                written where it is to go.
            DocumentError: there is a document, but not a sound one.
        """
        self.path, self.locale = document.resolve(), locale
        self._picture = _show(load_image(picture), picture.name, 0)
        self.clip = usual_clip(self._picture.frame, clip)
        self._writing, self._working = threading.Lock(), threading.Lock()
        if not self.path.parent.is_dir():
            raise MediaError(
                f'The document cannot be written: the folder "{self.path.parent}" does not exist; create it first.'
            )
        self.document()

    @property
    def picture(self) -> ShownPicture:
        """What is shown now."""
        return self._picture

    def document(self) -> str:
        """The document in its file; an empty one of the picture's size while there is no file."""
        if not self.path.exists():
            height, width = self._picture.frame.shape[:2]
            return serialise_document(TrackDocument(width, height))
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise MediaError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        try:
            return serialise_document(parse_document(content))
        except DocumentError as error:
            raise DocumentError(f"{self.path} is no track document that could be edited. {error}") from error

    def save(self, source: bytes) -> None:
        """Write the document to its file, whole or not at all.

        Raises:
            DocumentError: it is none; the file stays as it was.
            MediaError: the file cannot be written.
        """
        written = serialise_document(parse_document(source)) + "\n"
        with self._writing, unfinished(self.path) as partial:
            partial.write_text(written, encoding="utf-8", newline="\n")

    def show(self, content: bytes, name: str) -> ShownPicture:
        """Show another picture from now on; nothing is written to disk."""
        frame = decode_image(content, name)
        with self._writing:
            self._picture = _show(frame, name, self._picture.number + 1)
            return self._picture

    def select(self, asked: object) -> list[list[float]]:
        """Smart select on the picture that is shown; one at a time, each takes all processors."""
        with self._working:
            return answer_selection(self._picture.frame, asked)

    def about(self) -> dict[str, object]:
        """What the page has to know before it can show anything."""
        return {"clip": asdict(self.clip), "locale": self.locale, "document": self.path.name, "picture": self.about_picture()}

    def about_picture(self) -> dict[str, object]:
        """The picture's name, number and size."""
        shown = self._picture
        height, width = shown.frame.shape[:2]
        return {"name": shown.name, "number": shown.number, "width": width, "height": height}


def bake_npy(source: bytes, clip: Clip, pixels: str, part: str) -> bytes | None:
    """An npy file of a document's tracks; None for a visibility that says nothing because every track is always seen.

    Args:
        pixels: "clip" = of the clip's frames, "picture" = of the reference picture, as Wan-Move's own files have it.
        part: "tracks" (float32 [T, N, 2]) or "visibility" (bool [T, N]).
    """
    if pixels not in ("clip", "picture") or part not in ("tracks", "visibility"):
        raise RequestError(f'"{part[:40]}" in pixels of "{pixels[:40]}": tracks or visibility, of clip or picture, are known.')
    document = parse_document(source)
    baked = bake(document, clip.length, clip.width, clip.height, clip.fit)
    if part == "visibility":
        return None if baked.visibility.all() else write_npy(baked.visibility)
    return write_npy(baked.positions if pixels == "clip" else _in_picture(baked, document, clip))


def usual_clip(picture: Frame, asked: Clip) -> Clip:
    """A clip whose missing sides (0) are filled in: the picture's shape, Wan's number of pixels.

    Sides are rounded to multiples of 16, so the shape may differ a little; then the fit is "crop" unless one was asked for.

    Raises:
        RequestError: the frame rate is out of limits.
    """
    if not 0 < asked.fps <= MAX_FPS:
        raise RequestError(f"The frame rate is {asked.fps}; it must be above 0 and at most {MAX_FPS} frames a second.")
    height, width = picture.shape[:2]
    scale = math.sqrt(CLIP_PIXELS / (width * height))
    if asked.width or asked.height:
        scale = asked.width / width if asked.width else asked.height / height
    across, down = asked.width or _step(width * scale), asked.height or _step(height * scale)
    same_shape = across * height == down * width
    return replace(asked, width=across, height=down, fit=asked.fit or (None if same_shape else "crop"))


def _step(side: float) -> int:
    return min(max(CLIP_STEP, CLIP_STEP * round(side / CLIP_STEP)), MAX_SIDE)


def _in_picture(baked: BakedTracks, document: TrackDocument, clip: Clip) -> NDArray[np.float32]:
    fit = make_fit(document, clip.width, clip.height, clip.fit)
    return ((baked.positions.astype(np.float64) + np.array(fit.corner)) / np.array(fit.scale)).astype(np.float32)


def _show(frame: Frame, name: str, number: int) -> ShownPicture:
    height, width = frame.shape[:2]
    if max(height, width) > MAX_SIDE:
        raise MediaError(f'"{name}" is {width}x{height}; sides of up to {MAX_SIDE} pixels can be edited. Scale it down first.')
    is_large = height * width > _LARGEST_PNG
    options = [cv2.IMWRITE_JPEG_QUALITY, 92] if is_large else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    made, file = cv2.imencode(".jpg" if is_large else ".png", frame[..., ::-1], options)
    if not made:
        raise MediaError(f'"{name}" cannot be packed for the browser; scale it down first.')
    return ShownPicture(frame, file.tobytes(), "image/jpeg" if is_large else "image/png", name, number)
