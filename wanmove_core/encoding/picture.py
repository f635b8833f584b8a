"""A picture as CLIP is given it in Wan's own code (Wan-Video/Wan2.1 ``CLIPModel.visual``)."""

import torch
import torch.nn.functional as F

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
"""of the pictures that CLIP was trained on"""


def prepare_picture(image: torch.Tensor, size: int) -> torch.Tensor:
    """[H, W, 3] in 0 ... 1 -> [1, 3, size, size], float32.

    Resized bicubically without smoothing while in -1 ... 1, neither cropped nor clamped nor rounded.
    """
    picture = (image.float().permute(2, 0, 1).unsqueeze(0) - 0.5) / 0.5
    square = F.interpolate(picture, size=(size, size), mode="bicubic", align_corners=False) * 0.5 + 0.5
    shape = (1, 3, 1, 1)
    return (square - square.new_tensor(MEAN).view(shape)) / square.new_tensor(STD).view(shape)
