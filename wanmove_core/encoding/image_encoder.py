"""The start image to the tokens that Wan 2.1 I2V and Wan-Move read beside the prompt: prepared as released, encoded by CLIP."""

from dataclasses import dataclass
from pathlib import Path

import torch

from ..errors import RequestError
from ..host import Host
from ..loading.encoders import load_clip_vision
from ..models.attention import Attention, sdpa
from ..models.clip_vision import ClipVision
from ..models.ops import TORCH_OPS, Ops
from .layers import run_on
from .picture import prepare_picture

STAGE = "read picture"


@dataclass(frozen=True)
class ImageEncoder:
    """CLIP's picture tower."""

    model: ClipVision
    dtype: torch.dtype
    """the compute dtype"""


def load_image_encoder(
    path: str | Path,
    device: torch.device | str = "cpu",
    dtype: torch.dtype | None = None,
    ops: Ops = TORCH_OPS,
    attention: Attention = sdpa,
) -> ImageEncoder:
    """The CLIP ViT-H/14 picture tower in a file.

    Args:
        device: where the weights lie between uses; for the time of a use they go to the host's.
        dtype: the compute dtype; None takes the file's, but on a CPU float32 for float16, which is three times as fast there.

    Raises:
        CheckpointError: the file cannot be read, is something else or does not fit.
    """
    model, compute = load_clip_vision(path, device, dtype, ops, attention)
    return ImageEncoder(model, compute)


@torch.no_grad()
def encode_picture(encoder: ImageEncoder, image: torch.Tensor, host: Host) -> torch.Tensor:
    """The tokens [257, 1280] of a picture, in the compute dtype on the host's device.

    Args:
        image: [H, W, 3] float in 0 ... 1, the whole picture: it is squashed to a square, nothing is cut off.
        host: asked to stop before each layer, told of each one that is done (stage "read picture").

    Raises:
        RequestError: no such picture.
    """
    if image.ndim != 3 or image.shape[2] != 3 or not image.numel() or not image.is_floating_point():
        raise RequestError(
            f"The picture is {image.dtype} of the shape {list(image.shape)}; floats from 0 to 1 [height, width, 3] are needed."
        )

    def tell(done: int, total: int) -> None:
        host.check_interrupted()
        host.progress(STAGE, done, total)

    prepared = prepare_picture(image.to(host.device), encoder.model.config.image_size).to(encoder.dtype)
    return run_on(host.device, encoder.dtype, encoder.model, prepared, tell)[0]
