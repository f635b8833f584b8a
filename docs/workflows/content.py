"""What the example workflows share: drawings over the example picture, model files, words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

HEAD = [[376, 300], [381, 250], [403, 213], [423, 178], [448, 143], [488, 118], [520, 100], [560, 90], [600, 81], [640, 76]]
HEAD += [[674, 84], [689, 108], [691, 137], [682, 170], [662, 194], [630, 222], [606, 248], [584, 280], [566, 318]]
HEAD += [[505, 354], [462, 372], [415, 360], [383, 328]]
TURN = {
    "path": {"kind": "catmull-rom", "points": [[0, 0], [-40, -26], [-84, -12], [-112, 14]]},
    "rotation": [[0, 0], [1, -16]],
    "anchor": [455, 350],
    "timing": {"easing": "ease-in-out"},
}
ZOOM = {
    "scale": [[0, 1], [1, 1.35]],
    "path": {"kind": "catmull-rom", "points": [[0, 0], [24, 12], [70, 8], [96, 26]]},
    "timing": {"easing": "ease-in-out"},
}


def drawing(*layers: dict[str, Any]) -> Document:
    """A document over the example picture."""
    return {"version": 1, "width": 832, "height": 480, "layers": list(layers)}


REST = {"name": "background", "region": {"kind": "rest"}}
HEAD_TURNS = {"name": "head", "region": {"kind": "polygon", "points": HEAD}, "motion": TURN}
TURN_HEAD = drawing(REST, HEAD_TURNS)
PINNED = drawing(
    HEAD_TURNS,
    {"name": "pin left", "region": {"kind": "disc", "centre": [120, 330], "radius": 60}},
    {"name": "pin right", "region": {"kind": "disc", "centre": [720, 340], "radius": 60}},
    {"name": "pin background", "region": {"kind": "rectangle", "box": [40, 30, 240, 110]}},
)
CAMERA = drawing({"name": "camera", "region": {"kind": "frame"}, "motion": ZOOM})

_HUB = "https://huggingface.co"
_WAN21 = f"{_HUB}/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"
_WAN22 = f"{_HUB}/Comfy-Org/Wan_2.2_ComfyUI_Repackaged/resolve/main/split_files"


@dataclass(frozen=True)
class ModelFile:
    """A file that people download, and the folder of ComfyUI's models that it goes to."""

    folder: str
    url: str

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[1]

    @property
    def entry(self) -> dict[str, str]:
        """As ComfyUI's page reads it, to offer the download of what is missing."""
        return {"name": self.name, "url": self.url, "directory": self.folder}


_LIGHT = "lightx2v_I2V_14B_480p_cfg_step_distill_rank64_bf16.safetensors"
_MOVE = "Wan21-WanMove_fp8_scaled_e4m3fn_KJ.safetensors"
MOVE = ModelFile("diffusion_models", f"{_HUB}/Kijai/WanVideo_comfy_fp8_scaled/resolve/main/WanMove/{_MOVE}")
HIGH = ModelFile("diffusion_models", f"{_WAN22}/diffusion_models/wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors")
LOW = ModelFile("diffusion_models", f"{_WAN22}/diffusion_models/wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors")
VAE = ModelFile("vae", f"{_WAN21}/vae/wan_2.1_vae.safetensors")
TEXT = ModelFile("text_encoders", f"{_WAN21}/text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors")
CLIP = ModelFile("clip_vision", f"{_WAN21}/clip_vision/clip_vision_h.safetensors")
LIGHT = ModelFile("loras", f"{_HUB}/Kijai/WanVideo_comfy/resolve/main/Lightx2v/{_LIGHT}")

EMBEDDED = "embedded demo model"
NEGATIVE = (
    "镜头晃动，色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，"
    "丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，"
    "杂乱的背景，三条腿，背景人很多，倒着走"
)
PROMPT = "A green snake slowly turns its head to the left, close-up, natural light."


@dataclass(frozen=True)
class Clip:
    """How large the video is."""

    width: int
    height: int
    length: int


SMALL = Clip(448, 256, 33)
"""for the demo model, and for drafts"""
FULL = Clip(832, 480, 81)


def files_note(files: Sequence[ModelFile]) -> str:
    """The table of files and folders."""
    rows = "\n".join(f"| [{file.name}]({file.url}) | `models/{file.folder}` |" for file in files)
    return f"\n\n| file | goes to |\n| --- | --- |\n{rows}\n\nPress R after adding files."


OWN_PICTURE = "\n\nYour own picture: choose or drop it in **Load Image**, then draw anew (select all with Ctrl+A, Delete)."
