"""A mask as a picture: its white parts as tracks that stand still, and the cells in which tracks start."""

import io

import numpy as np
from PIL import Image

from ...errors import RequestError, TrackError
from ..baked import BakedTracks
from ..document import Layer, TrackDocument
from ..mask_region import mask_region
from ..sampling import MAX_SIDE, bake
from .raw_tracks import RawTracks, needs_length

CELL = 8
"""pixels"""
_MAX_PIXELS = 2**26
_GREY = {"1", "L", "I;16", "RGB", "P"}


def read_mask(content: bytes, source: str, length: int | None) -> RawTracks:
    """A track for each cell of 8 px in the white part of a PNG, all of ``length`` frames and without motion.

    Raises:
        TrackError: it is no grey or colour PNG, is too large, has nothing white, or ``length`` is not given.
    """
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            width, height = picture.size
            if max(width, height) > MAX_SIDE or width * height > _MAX_PIXELS:
                raise TrackError(f"{source} is {width} x {height}; at most {MAX_SIDE} a side and {_MAX_PIXELS:,} pixels.")
            if picture.mode not in _GREY:
                raise TrackError(
                    f"{source} has colours of the kind {picture.mode}, in which it is not clear whether brightness or alpha "
                    "is the mask; save it as a grey PNG, white where points are wanted."
                )
            grey = picture if picture.mode == "I;16" else picture.convert("L")
            full = 65535 if picture.mode == "I;16" else 255
            marked = np.asarray(grey, np.float64) >= full / 2
    except TrackError:
        raise
    except Exception as error:  # Pillow raises many kinds on hostile bytes
        raise TrackError(f"{source} cannot be read as a PNG ({str(error)[:160]}); save it again.") from error
    if length is None:
        raise needs_length(source, "a mask")
    try:
        document = TrackDocument(width, height, (Layer("mask", mask_region(marked)),))
        baked = bake(document, length, width, height)
    except RequestError as error:
        raise TrackError(f"{source}: {error}") from error
    positions = baked.positions.astype(np.float64)
    return RawTracks(
        source, "mask", positions, None, "", "frames", "pixels", "none", (width, height), notes=("a mask has no motion",)
    )


def write_mask(tracks: BakedTracks) -> bytes:
    """A grey PNG, white in the cells in which a visible track starts."""
    cells = np.zeros((-(-tracks.height // CELL), -(-tracks.width // CELL)), np.uint8)
    starts = np.floor(tracks.positions[0][tracks.visibility[0]] / CELL).astype(np.int64)
    inside = ((starts >= 0) & (starts < cells.shape[::-1])).all(axis=1)
    cells[starts[inside, 1], starts[inside, 0]] = 255
    pixels = cells.repeat(CELL, 0).repeat(CELL, 1)[: tracks.height, : tracks.width]
    stream = io.BytesIO()
    Image.fromarray(pixels, "L").save(stream, "PNG")
    return stream.getvalue()
