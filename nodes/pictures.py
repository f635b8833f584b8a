"""Pictures on their way between ComfyUI's folders, its page and the core."""

from pathlib import Path
from uuid import uuid4

import folder_paths
import numpy as np
import torch
from numpy.typing import NDArray

from ..wanmove_core.errors import MediaError
from ..wanmove_core.rendering.images import load_image, save_image


def show_picture(image: torch.Tensor) -> dict[str, str]:
    """Save the first picture of an IMAGE [B, H, W, 3] in 0 … 1 where the page can fetch it; the reference to it."""
    name = f"wanmove_{uuid4().hex}.png"
    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    save_image(folder / name, (image[0, ..., :3].clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy())
    return {"filename": name, "subfolder": "", "type": "temp"}


def referenced_picture(reference: object) -> NDArray[np.uint8]:
    """The picture that a reference {filename, subfolder, type} names in ComfyUI's input, output or temp folder. [H, W, 3]

    Raises:
        MediaError: it is no such reference, leads out of the folder, or there is no picture.
    """
    parts = reference if isinstance(reference, dict) else {}
    filename, subfolder, kind = (parts.get(name, "") for name in ("filename", "subfolder", "type"))
    folder = folder_paths.get_directory_by_type(kind) if kind in ("input", "output", "temp") else None
    if not (folder and isinstance(filename, str) and filename and isinstance(subfolder, str)):
        raise MediaError("The picture is not on the server yet; connect Load Image to the editor, or run the workflow once.")
    base = Path(folder).resolve()
    path = (base / subfolder / filename).resolve()
    if not path.is_relative_to(base) or not path.is_file():
        raise MediaError(f'There is no picture "{filename}" in ComfyUI\'s {kind} folder.')
    return load_image(path)
