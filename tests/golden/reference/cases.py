"""What was computed with the released code: sizes of the tiny networks, and the generations that each of its classes made.

``record.py`` computes them with the released code, ``tests/core/test_reference.py`` with ours.
"""

from dataclasses import dataclass

SIZES = {"dim": 48, "ffn_dim": 96, "layers": 2, "freq_dim": 32, "text_dim": 32, "text_length": 512}
"""512 tokens are a fixed number in the released cross-attention"""
HEADS = 2
IMAGE_DIM, IMAGE_TOKENS = 1280, 257
PROMPT, NEGATIVE = "a red balloon", "blurry"
PROMPT_TOKENS = {PROMPT: 7, NEGATIVE: 3}


@dataclass(frozen=True)
class Case:
    """One generation with tiny networks: 64x64 pixels, or 128x128 for the wider stride, so 8x8 cells."""

    variant: str
    source: str
    """repository"""
    program: str
    """module and class that made it"""
    model_type: str
    frames: int
    steps: int
    shift: float
    solver: str
    scale: tuple[float, ...]
    """guidance scale; of two experts (low noise, high noise), as released"""
    image_tokens: int = 0
    picture: bool = False
    last: bool = False
    tracks: bool = False
    """one point walks 7 pixels a frame to the right from (4, 20), hidden after frame 6"""


CASES = {
    "t2v-1.3b": Case("t2v-1.3b", "Wan2.1", "text2video.WanT2V", "t2v", 9, 5, 5.0, "unipc", (5.0,)),
    "i2v-14b": Case(
        "i2v-14b", "Wan2.1", "image2video.WanI2V", "i2v", 81, 4, 3.0, "dpm++", (5.0,), image_tokens=257, picture=True
    ),
    "flf2v-14b": Case(
        "flf2v-14b", "Wan2.1", "first_last_frame2video.WanFLF2V", "flf2v", 81, 4, 16.0, "unipc", (5.0,),
        image_tokens=514, picture=True, last=True,
    ),
    "wan-move-14b": Case(
        "wan-move-14b", "Wan-Move", "wan_move.WanMove", "i2v", 81, 4, 3.0, "unipc", (5.0,),
        image_tokens=257, picture=True, tracks=True,
    ),
    "t2v-a14b": Case("t2v-a14b", "Wan2.2", "text2video.WanT2V", "t2v", 9, 8, 12.0, "unipc", (3.0, 4.0)),
    "i2v-a14b": Case("i2v-a14b", "Wan2.2", "image2video.WanI2V", "i2v", 9, 6, 5.0, "unipc", (3.0, 4.0), picture=True),
    "ti2v-5b with a picture": Case(
        "ti2v-5b", "Wan2.2", "textimage2video.WanTI2V", "ti2v", 9, 5, 5.0, "unipc", (5.0,), picture=True
    ),
    "ti2v-5b without": Case("ti2v-5b", "Wan2.2", "textimage2video.WanTI2V", "ti2v", 9, 5, 5.0, "dpm++", (5.0,)),
}  # fmt: skip

SOLVERS = [
    (solver, steps, shift) for solver in ("unipc", "dpm++") for steps, shift in ((1, 5.0), (4, 5.0), (10, 3.0), (40, 12.0))
]
"""solver, steps and shift of the trajectories that the released schedulers made"""
