"""Those of ComfyUI's nodes that the tests' workflows need, done plainly; their definitions are in core_nodes.json."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
import torch

from wanmove_core.rendering.images import load_image, save_image
from wanmove_core.rendering.video_file import write_video

DEFINITIONS = Path(__file__).parent / "core_nodes.json"


@dataclass(frozen=True)
class Result:
    """What a node gave: values by output, and what goes to the page."""

    values: tuple[object, ...]
    shown: dict[str, Any] = field(default_factory=dict)


def definitions(folder: Path) -> dict[str, Any]:
    """``/object_info`` of these nodes; LoadImage offers what is in the input folder."""
    found = json.loads(DEFINITIONS.read_text(encoding="utf-8"))
    found["LoadImage"]["input"]["required"]["image"][0] = sorted(path.name for path in (folder / "input").iterdir())
    return found


def run(kind: str, inputs: dict[str, Any], folder: Path) -> Result:
    """Execute one of them."""
    done = {"LoadImage": _load, "PreviewImage": _preview, "ImageScale": _scale, "SaveVideo": _save_video}
    return done[kind](inputs, folder)


def _load(inputs: dict[str, Any], folder: Path) -> Result:
    picture = load_image(folder / "input" / Path(inputs["image"]).name)
    image = torch.from_numpy(picture).float()[None] / 255
    return Result((image, torch.zeros(image.shape[:3])))


def _preview(inputs: dict[str, Any], folder: Path) -> Result:
    (folder / "temp").mkdir(exist_ok=True)
    shown = []
    for picture in inputs["images"]:
        name = f"preview_{uuid4().hex}.png"
        save_image(folder / "temp" / name, (picture.clamp(0, 1) * 255).round().to(torch.uint8).numpy())
        shown.append({"filename": name, "subfolder": "", "type": "temp"})
    return Result((inputs["images"],), {"images": shown, "animated": [False]})


def _scale(inputs: dict[str, Any], folder: Path) -> Result:
    size = (inputs["width"], inputs["height"])
    scaled = [cv2.resize(picture.numpy(), size, interpolation=cv2.INTER_LINEAR) for picture in inputs["image"]]
    return Result((torch.from_numpy(np.stack(scaled)),))


def _save_video(inputs: dict[str, Any], folder: Path) -> Result:
    """As mp4, whatever is asked for."""
    prefix, components = Path(inputs["filename_prefix"]), inputs["video"].get_components()
    place = folder / "output" / prefix.parent
    place.mkdir(parents=True, exist_ok=True)
    name = f"{prefix.name}_{len(list(place.glob(f'{prefix.name}_*'))) + 1:05}_.mp4"
    write_video(place / name, (frame.numpy() for frame in components.images), float(components.frame_rate))
    subfolder = "" if prefix.parent == Path() else prefix.parent.as_posix()
    saved = {"filename": name, "subfolder": subfolder, "type": "output"}
    return Result((inputs["video"],), {"images": [saved], "animated": [True]})
