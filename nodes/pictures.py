"""Pictures on their way between ComfyUI's folders, its page and the core."""

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import folder_paths
import numpy as np
import torch
from comfy_api.v0_0_2 import InputImpl, Types
from numpy.typing import NDArray

from ..wanmove_core.errors import MediaError
from ..wanmove_core.tracks.sampling import FitName
from .folders import KINDS, find_file


def show_picture(image: torch.Tensor) -> dict[str, str]:
    """Save the first picture of an IMAGE [B, H, W, 3] in 0 … 1 where the page can fetch it; the reference to it.

    Packing a picture as PNG takes longer than all else from a changed track to the sampler, so it is named by its content and
    not saved twice.
    """
    from ..wanmove_core.rendering.images import save_image  # OpenCV is not for ComfyUI's start

    pixels = (image[0, ..., :3].clamp(0, 1) * 255).round().to(torch.uint8).cpu().contiguous().numpy()
    name = f"wanmove_{hashlib.sha256(str(pixels.shape).encode() + pixels.tobytes()).hexdigest()[:32]}.png"
    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / name).is_file():
        save_image(folder / name, pixels)
    return {"filename": name, "subfolder": "", "type": "temp"}


def fit_mask(mask: torch.Tensor, width: int, height: int, fit: FitName) -> NDArray[np.bool_]:
    """The first of a MASK [B, H, W] in 0 … 1, fitted as pictures are fitted. bool [height, width]"""
    from ..wanmove_core.rendering.images import fit_image  # OpenCV is not for ComfyUI's start

    grey = mask.reshape(-1, *mask.shape[-2:])[0].float().clamp(0, 1).cpu()
    return fit_image(grey.unsqueeze(-1).expand(-1, -1, 3), width, height, fit)[..., 0] >= 128


def to_batch(frames: Iterable[NDArray[np.uint8]]) -> torch.Tensor:
    """Frames [H, W, 3] as an IMAGE [T, H, W, 3] in 0 … 1."""
    return torch.from_numpy(np.stack(list(frames))).float().div_(255)


def to_video(images: torch.Tensor, fps: float) -> InputImpl.VideoFromComponents:
    """An IMAGE [T, H, W, 3] as a VIDEO."""
    return InputImpl.VideoFromComponents(Types.VideoComponents(images=images, frame_rate=Fraction(fps).limit_denominator(1001)))


def referenced_picture(reference: object) -> NDArray[np.uint8]:
    """The picture that a reference {filename, subfolder, type} names in ComfyUI's input, output or temp folder. [H, W, 3]

    Raises:
        MediaError: it is no such reference, leads out of the folder, or there is no picture.
    """
    from ..wanmove_core.rendering.images import load_image  # OpenCV is not for ComfyUI's start

    parts = reference if isinstance(reference, dict) else {}
    filename, subfolder, kind = (parts.get(name, "") for name in ("filename", "subfolder", "type"))
    if kind not in KINDS or not (isinstance(filename, str) and filename and isinstance(subfolder, str)):
        raise MediaError("The picture is not on the server yet; connect Load Image to the editor, or run the workflow once.")
    path = find_file(kind, f"{subfolder}/{filename}" if subfolder else filename)
    if path is None:
        raise MediaError(f'There is no picture "{filename}" in ComfyUI\'s {kind} folder.')
    return load_image(path)
