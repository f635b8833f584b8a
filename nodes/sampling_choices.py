"""What can be chosen in the sampler. Imports no model code, as ComfyUI asks for it when it starts."""

from typing import get_args

from ..wanmove_core.sampling.sampling_presets import SAMPLING_PRESETS
from ..wanmove_core.sampling.solvers import SolverName

AUTO = "auto"
PRESETS = [row.name for row in SAMPLING_PRESETS]
PRESETS_TOOLTIP = "; ".join(f"{row.name}: {row.purpose}" for row in SAMPLING_PRESETS) + "."
SOLVERS = [AUTO, *get_args(SolverName)]
MAX_SEED = 2**63 - 1
NEGATIVE = (
    "镜头晃动，色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，"
    "多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走"
)
"""the negative prompt of Wan 2.1 I2V and Wan-Move, as released"""
