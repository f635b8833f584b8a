"""Fill a hole in a picture from what surrounds it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .frames import Frame

Mask = NDArray[np.bool_]


def fill_hole(picture: Frame, hole: Mask) -> Frame:
    if not hole.any():
        return picture
    return np.asarray(cv2.inpaint(picture, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA), np.uint8)
