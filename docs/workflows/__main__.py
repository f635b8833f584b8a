"""Writes the example workflows and their thumbnails anew: ``python -m docs.workflows``.

They are files as ComfyUI's page saves them. tests/comfy/test_example_workflows.py holds them against the nodes,
tests/e2e/test_example_workflows.py opens and runs them in ComfyUI.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from docs.workflows.content import CAMERA, PINNED, TURN_HEAD, Document
from docs.workflows.engine_lane import camera_move, first_video, motion_from_a_video, region_and_pins, wan_move
from docs.workflows.native_lane import on_a_ksampler, two_experts
from wanmove_core.host import SilentHost
from wanmove_core.rendering.images import fit_image, load_image
from wanmove_core.rendering.overlay import OverlayOptions, overlay_frames
from wanmove_core.rendering.warp import warp_frames
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "example_workflows"
PICTURE = ROOT / "wanmove_core/demo/picture.jpg"
THUMBNAIL = (416, 240)
MOMENTS = 33

WORKFLOWS = {
    "1 First video with the demo model": (first_video, TURN_HEAD),
    "2 Wan-Move in full quality": (lambda: wan_move(distilled=False), TURN_HEAD),
    "3 Wan-Move in 4 steps": (lambda: wan_move(distilled=True), TURN_HEAD),
    "4 Tracks on a KSampler": (on_a_ksampler, TURN_HEAD),
    "5 Wan 2.2 with two experts": (two_experts, TURN_HEAD),
    "6 Camera move": (camera_move, CAMERA),
    "7 Region and pins": (region_and_pins, PINNED),
    "8 Motion from a video": (motion_from_a_video, CAMERA),
}


def thumbnail(document: Document) -> NDArray[np.uint8]:
    """The draft's last frame with the ways of the tracks over it."""
    parsed = parse_document(json.dumps(document))
    width, height = THUMBNAIL
    picture = fit_image(load_image(PICTURE), width, height, "crop")
    tracks = bake(parsed, MOMENTS, width, height)
    *_, moved = warp_frames(picture, parsed, MOMENTS, width, height, SilentHost())
    *_, drawn = overlay_frames([moved] * MOMENTS, tracks, options=OverlayOptions(max_tracks=60, max_numbers=0, tail=MOMENTS))
    return drawn


def write_all(folder: Path = FOLDER) -> None:
    """Every workflow with its thumbnail."""
    folder.mkdir(exist_ok=True)
    for name, (build, document) in WORKFLOWS.items():
        text = json.dumps(build().as_file(), indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        Image.fromarray(thumbnail(document)).save(folder / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    write_all()
