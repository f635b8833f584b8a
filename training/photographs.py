"""The photographs that the demo model is trained on: those in the scikit-image wheel whose licence allows it.

``PHOTOGRAPHS.md`` lists the source and licence of each. Nothing is downloaded.
"""

from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

TRAINING = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "retina.jpg",
    "rocket.jpg",
)
"""files of ``skimage/data`` for training"""

HELD_OUT = ("chelsea.png",)
"""files of ``skimage/data`` that training never sees; the shipped picture (``wanmove_core/demo/picture.jpg``) is another"""

DISC = (slice(210, 1200), slice(210, 1200))
"""the part of the retina picture that is not black"""


def training_photographs() -> list[Picture]:
    """uint8 [h, w, 3] RGB pictures to train on, always in the same order."""
    return [_read(name) for name in TRAINING]


def held_out_photographs() -> list[Picture]:
    """uint8 [h, w, 3] RGB pictures to test on: none of them, nor a crop of them, is in ``training_photographs``."""
    return [_read(name) for name in HELD_OUT]


def _read(name: str) -> Picture:
    """[h, w, 3] RGB of a file in the wheel's ``skimage/data``; grey pictures have three equal channels."""
    path = Path(skimage.__file__).parent / "data" / name
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, f"{path} is no picture"
    if name == "retina.jpg":
        picture = picture[DISC]
    return np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)
