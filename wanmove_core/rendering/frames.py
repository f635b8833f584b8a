"""One frame as everything here passes it on: uint8 RGB [H, W, 3]."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import MediaError, RequestError
from ..tracks.baked import BakedTracks

Frame: TypeAlias = NDArray[np.uint8]
"""[H, W, 3], red, green, blue"""

Picture: TypeAlias = NDArray[Any] | torch.Tensor
"""[H, W, 3], uint8 0..255 or float 0..1, on any device"""


def as_frame(picture: Picture) -> Frame:
    """The picture as a contiguous uint8 array; floats are clipped to 0..1 and rounded, not truncated.

    Raises:
        MediaError: the shape is not [H, W, 3], the type is neither uint8 nor float, or a value is not finite.
    """
    array = _as_array(picture)
    if array.ndim != 3 or array.shape[-1] != 3 or array.size == 0:
        raise MediaError(f"A frame has the shape {list(array.shape)}; [height, width, 3] (RGB) is needed.")
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if not np.issubdtype(array.dtype, np.floating):
        raise MediaError(f"A frame has the type {array.dtype}; uint8 (0 to 255) or a float type (0 to 1) is needed.")
    if not np.isfinite(array).all():
        raise MediaError("A frame holds values that are not finite (NaN or infinity); the decoder or the model overflowed.")
    return np.ascontiguousarray(np.rint(np.clip(array, 0, 1) * 255), dtype=np.uint8)


def checked_frames(frames: Iterable[Picture], tracks: BakedTracks) -> Iterator[Frame]:
    """The frames, as many as the tracks have and of their size.

    Raises:
        RequestError: number or size of the frames differ from the tracks'; known only at the end.
    """
    count = 0
    for picture in frames:
        frame = as_frame(picture)
        count += 1
        if frame.shape[:2] != (tracks.height, tracks.width):
            raise RequestError(
                f"Frame {count - 1} is {frame.shape[1]}x{frame.shape[0]}, the tracks are for "
                f"{tracks.width}x{tracks.height}; bake the tracks at the video's size."
            )
        if count <= tracks.length:
            yield frame
    if count != tracks.length:
        raise RequestError(f"The video has {count} frames, the tracks have {tracks.length}; bake them at the video's length.")


def _as_array(picture: Picture) -> NDArray[Any]:
    if not isinstance(picture, torch.Tensor):
        return np.asarray(picture)
    tensor = picture.detach().cpu()
    # numpy has no bfloat16.
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
