"""Pictures from files and into them, fitted to a size, and laid out on a contact sheet."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageOps

from ..errors import MediaError, RequestError
from .atomic_file import unfinished
from .frames import Frame, Picture, as_frame

MAX_PIXELS = 80_000_000
"""Most pixels of a picture that ``load_image`` unpacks (Pillow itself warns at 89 million)."""
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""What ``save_image`` writes, by suffix."""

Fit = Literal["stretch", "crop"]

_PAPER = (24, 24, 27)
_INK = (228, 228, 231)
_GAP = 6
_CAPTION = 18


def load_image(path: Path | str, paper: tuple[int, int, int] = (255, 255, 255)) -> Frame:
    """The picture as uint8 RGB [H, W, 3], turned as its EXIF orientation says; of an animation the first frame.

    Args:
        paper: what lies behind transparent pixels.

    Raises:
        MediaError: no such file, not a picture, cut short or damaged, or more than ``MAX_PIXELS``.
    """
    path = Path(path)
    if not path.is_file():
        raise MediaError(f'There is no picture file "{path}"; check the path.')
    return _read(path, str(path), paper)


def decode_image(content: bytes, name: str, paper: tuple[int, int, int] = (255, 255, 255)) -> Frame:
    """The picture in the bytes of a file, as ``load_image`` reads it; ``name`` is what errors call it.

    Raises:
        MediaError: not a picture, cut short or damaged, or more than ``MAX_PIXELS``.
    """
    return _read(io.BytesIO(content), name, paper)


def save_image(path: Path | str, picture: Picture) -> None:
    """Write PNG, JPEG or WebP by the suffix; the file appears whole or not at all.

    Raises:
        MediaError: an unknown suffix, a folder that cannot be written, or not a picture.
    """
    path = Path(path)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise MediaError(f'"{path.name}" has the suffix "{path.suffix}"; use one of {", ".join(FORMATS)}.')
    frame = as_frame(picture)
    with unfinished(path) as partial:
        try:
            Image.fromarray(frame).save(partial, format=kind, quality=95)
        except OSError as error:
            raise MediaError(f'Cannot write "{path}": {error}; is the disk full?') from error


def fit_image(picture: Picture, width: int, height: int, fit: Fit = "stretch") -> Frame:
    """The picture at ``width`` x ``height``, moved just as ``bake`` moves the tracks with the same ``fit``.

    ``stretch`` scales x and y on their own; ``crop`` scales both by the larger factor and keeps the middle.

    Raises:
        RequestError: the size is not positive.
    """
    if width < 1 or height < 1:
        raise RequestError(f"The size is {width}x{height}; both sides must be at least 1 pixel.")
    image = Image.fromarray(as_frame(picture))
    box = crop_box(image.width, image.height, width, height) if fit == "crop" else (0.0, 0.0, image.width, image.height)
    if (image.width, image.height) == (width, height):
        return np.array(image)
    return np.array(image.resize((width, height), Image.Resampling.LANCZOS, box=box))


def crop_box(from_width: float, from_height: float, width: int, height: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the largest middle window of a picture that has the target's shape; fractions are kept."""
    factor = max(width / from_width, height / from_height)
    window_width, window_height = min(width / factor, from_width), min(height / factor, from_height)
    left, top = (from_width - window_width) / 2, (from_height - window_height) / 2
    return left, top, left + window_width, top + window_height


def evenly_spaced(length: int, count: int) -> list[int]:
    """Up to ``count`` frame numbers of 0 … length - 1, the first and the last among them, in order and without doubles."""
    if length < 1 or count < 1:
        raise RequestError(f"{count} of {length} frames were asked for; both must be at least 1.")
    return sorted(set(np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist()))


def contact_sheet(frames: Sequence[Picture], columns: int = 4, labels: Sequence[str] | None = None, title: str = "") -> Frame:
    """All frames on one picture, row by row, a caption under each.

    Args:
        frames: pictures of one size; choose them by ``evenly_spaced``.
        labels: one caption a frame; None = its number in the sequence.
        title: a heading, e.g. ``warp.DRAFT_LABEL``.

    Raises:
        RequestError: no frames, no columns, sizes that differ, or another number of labels than frames.
    """
    tiles = [as_frame(frame) for frame in frames]
    captions = [str(index) for index in range(len(tiles))] if labels is None else list(labels)
    _check_sheet(tiles, columns, captions)
    height, width = tiles[0].shape[:2]
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    top = _GAP + (2 * _CAPTION if title else 0)
    step_x, step_y = width + _GAP, height + _CAPTION + _GAP
    sheet = np.full((top + rows * step_y, _GAP + columns * step_x, 3), _PAPER, np.uint8)
    if title:
        _caption(sheet, title, _GAP, 2 * _CAPTION - 8, 0.7)
    for index, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
        left, upper = _GAP + index % columns * step_x, top + index // columns * step_y
        sheet[upper : upper + height, left : left + width] = tile
        _caption(sheet, caption, left, upper + height + _CAPTION - 4, 0.45)
    return sheet


def _caption(sheet: Frame, text: str, x: int, y: int, size: float) -> None:
    cv2.putText(sheet, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, _INK, 1, cv2.LINE_AA)


def _check_sheet(tiles: Sequence[Frame], columns: int, captions: Sequence[str]) -> None:
    if not tiles or columns < 1:
        raise RequestError(
            f"A contact sheet of {len(tiles)} frames in {columns} columns was asked for; both must be at least 1."
        )
    if len(captions) != len(tiles):
        raise RequestError(f"There are {len(captions)} labels for {len(tiles)} frames; give one a frame or none.")
    sizes = {tile.shape for tile in tiles}
    if len(sizes) > 1:
        raise RequestError(f"The frames have {len(sizes)} different sizes; a contact sheet needs one.")


def _read(source: Path | io.BytesIO, path: str, paper: tuple[int, int, int]) -> Frame:
    try:
        with Image.open(source) as image:
            _check_pixels(path, image.width, image.height)
            return np.array(_flatten(ImageOps.exif_transpose(image), paper), dtype=np.uint8)
    except MediaError:
        raise
    except Image.DecompressionBombError as error:
        raise MediaError(f'"{path}" is too large: {error} At most {MAX_PIXELS // 10**6} megapixels are read.') from error
    # Pillow's decoders raise nearly anything on hostile bytes (struct.error, SyntaxError, IndexError …).
    except Exception as error:
        raise MediaError(f'"{path}" cannot be read as a picture: {error}; save it again as PNG or JPEG.') from error


def _check_pixels(path: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise MediaError(
            f'"{path}" is {width}x{height}, {width * height / 1e6:.0f} megapixels; at most {MAX_PIXELS // 10**6} are read. '
            "Scale it down first."
        )


def _flatten(image: Image.Image, paper: tuple[int, int, int]) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit greys; Pillow's own conversion clips them at 255 instead of scaling.
        grey = np.asarray(image).astype(np.int64).clip(0, 65535) // 257
        image = Image.fromarray(grey.astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, (*paper, 255)), rgba).convert("RGB")
