"""The Wan models as rows of data. A new model is a new row (and, where keys differ, a line in ``loading/detect.py``).

Sizes and defaults are those of the released configurations (Wan-Video/Wan2.1 and Wan2.2 ``wan/configs``, ali-vilab/Wan-Move
``generate.py``). Code asks a row for a property and never compares its name.
"""

from dataclasses import dataclass
from typing import Literal

from .negative_prompts import FLF2V_NEGATIVE_PROMPT, I2V_NEGATIVE_PROMPT, SHARED_NEGATIVE_PROMPT


@dataclass(frozen=True)
class LatentStride:
    """Pixels (and frames) per latent cell: Wan 2.1 VAE (4, 8, 8), Wan 2.2 VAE (4, 16, 16)."""

    time: int = 4
    height: int = 8
    width: int = 8

    def latent_length(self, length: int) -> int:
        """Latent frames T' of a clip of ``length`` frames; ``length`` is ``time * k + 1``."""
        return (length - 1) // self.time + 1


WAN21_STRIDE = LatentStride(4, 8, 8)
WAN22_STRIDE = LatentStride(4, 16, 16)

StartImage = Literal["none", "latent", "held"]
"""how a start image enters: not at all; as a condition latent y behind a mask (what tracks edit); as latent frame 0 itself"""

LastImage = Literal["none", "possible", "needed"]
"""whether the condition may also hold the picture that the clip ends with"""


@dataclass(frozen=True)
class SamplingDefaults:
    """What the authors sample with: steps, timestep shift, guidance scale, frames, frames a second, pixels."""

    steps: int
    shift: float
    cfg: float
    """of the only network or of the low-noise expert"""
    length: int
    fps: float
    width: int
    height: int
    cfg_high: float | None = None
    """guidance scale of the high-noise expert; None: as ``cfg``"""


@dataclass(frozen=True)
class WanVariant:
    """One released model: what goes in, what comes out, and what it is good for."""

    name: str
    """the id in files and on the command line; never changes"""
    label: str
    stride: LatentStride
    latent_channels: int
    in_channels: int
    """latent channels, and behind them 4 mask + 16 condition channels where ``start_image`` is "latent" """
    start_image: StartImage
    needs_text: bool
    """False: the network was trained with zeros for the text, and no encoder is needed"""
    image_tokens: int
    """CLIP tokens of the start image: 0, 257, or 514 for two pictures"""
    dims: tuple[int, ...]
    """widths that tell rows of the same inputs apart; empty: any"""
    boundary: float | None
    """two noise experts: the high one above this sigma, the low one below; None: one network"""
    defaults: SamplingDefaults
    last_image: LastImage = "none"
    negative_prompt: str = SHARED_NEGATIVE_PROMPT
    """as released, for a user who writes none"""
    note: str = ""
    """said once to a user who loads it"""
    tracks_refusal: str = ""
    """why tracks cannot guide it; empty where they can"""

    @property
    def takes_tracks(self) -> bool:
        return not self.tracks_refusal

    @property
    def needs_image_encoder(self) -> bool:
        return self.image_tokens > 0

    @property
    def experts(self) -> int:
        return 1 if self.boundary is None else 2

    @property
    def inputs(self) -> tuple[int, int, int]:
        """What a file's tensors show of the row: input channels, latent channels, image tokens."""
        return self.in_channels, self.latent_channels, self.image_tokens


_NO_CONDITION = (
    "it has no condition latent of a start image, which is what tracks edit; use Wan-Move-14B-480P or another I2V model"
)
_ONLY_FIRST_FRAME = (
    "its start image is latent frame 0 itself and the later frames have no condition latent that tracks could edit; "
    "use Wan-Move-14B-480P or another I2V model of Wan 2.1 or Wan 2.2 A14B"
)
_UNTRAINED = "was not trained for track guidance: it follows tracks weakly; Wan-Move-14B-480P was"

DEMO = WanVariant(
    name="demo", label="embedded demo model", stride=WAN21_STRIDE, latent_channels=16, in_channels=36, start_image="latent",
    needs_text=False, image_tokens=0, dims=(), boundary=None,
    defaults=SamplingDefaults(steps=2, shift=8.0, cfg=1.0, length=33, fps=16.0, width=256, height=256),
    note="A very small model that ships with the package: it shows that the path works, not what Wan-Move looks like.",
)  # fmt: skip
WAN_MOVE = WanVariant(
    name="wan-move-14b", label="Wan-Move-14B-480P or Wan 2.1 I2V-14B", stride=WAN21_STRIDE, latent_channels=16, in_channels=36,
    start_image="latent", needs_text=True, image_tokens=257, dims=(), boundary=None, negative_prompt=I2V_NEGATIVE_PROMPT,
    defaults=SamplingDefaults(steps=40, shift=3.0, cfg=5.0, length=81, fps=16.0, width=832, height=480),
    note="Wan-Move-14B-480P and Wan 2.1 I2V-14B have the same structure, so the file cannot say which it is; only Wan-Move was "
    "trained for track guidance, plain I2V follows tracks weakly.",
)  # fmt: skip
I2V_14B = WanVariant(
    name="i2v-14b", label="Wan 2.1 I2V-14B", stride=WAN21_STRIDE, latent_channels=16, in_channels=36, start_image="latent",
    needs_text=True, image_tokens=257, dims=(), boundary=None, negative_prompt=I2V_NEGATIVE_PROMPT,
    defaults=SamplingDefaults(steps=40, shift=5.0, cfg=5.0, length=81, fps=16.0, width=1280, height=720),
    note=f"Wan 2.1 I2V-14B {_UNTRAINED}. Its shift of 5 is for 720P; 3 is better at 832x480.",
)  # fmt: skip
FLF2V = WanVariant(
    name="flf2v-14b", label="Wan 2.1 FLF2V-14B", stride=WAN21_STRIDE, latent_channels=16, in_channels=36, start_image="latent",
    needs_text=True, image_tokens=514, dims=(), boundary=None, last_image="needed",
    negative_prompt=FLF2V_NEGATIVE_PROMPT,
    defaults=SamplingDefaults(steps=50, shift=16.0, cfg=5.0, length=81, fps=16.0, width=1280, height=720),
    note=f"Wan 2.1 FLF2V-14B {_UNTRAINED}.",
)  # fmt: skip
T2V_1_3B = WanVariant(
    name="t2v-1.3b", label="Wan 2.1 T2V-1.3B", stride=WAN21_STRIDE, latent_channels=16, in_channels=16, start_image="none",
    needs_text=True, image_tokens=0, dims=(1536,), boundary=None,
    defaults=SamplingDefaults(steps=50, shift=5.0, cfg=5.0, length=81, fps=16.0, width=832, height=480),
    tracks_refusal=_NO_CONDITION,
)  # fmt: skip
T2V_14B = WanVariant(
    name="t2v-14b", label="Wan 2.1 T2V-14B", stride=WAN21_STRIDE, latent_channels=16, in_channels=16, start_image="none",
    needs_text=True, image_tokens=0, dims=(), boundary=None,
    defaults=SamplingDefaults(steps=50, shift=5.0, cfg=5.0, length=81, fps=16.0, width=832, height=480),
    note="Wan 2.1 T2V-14B and each expert of Wan 2.2 T2V-A14B have the same structure, so the file cannot say which it is; an "
    "expert has to be given together with the other.",
    tracks_refusal=_NO_CONDITION,
)  # fmt: skip
T2V_A14B = WanVariant(
    name="t2v-a14b", label="Wan 2.2 T2V-A14B", stride=WAN21_STRIDE, latent_channels=16, in_channels=16, start_image="none",
    needs_text=True, image_tokens=0, dims=(), boundary=0.875,
    defaults=SamplingDefaults(steps=40, shift=12.0, cfg=3.0, length=81, fps=16.0, width=832, height=480, cfg_high=4.0),
    tracks_refusal=_NO_CONDITION,
)  # fmt: skip
I2V_A14B = WanVariant(
    name="i2v-a14b", label="Wan 2.2 I2V-A14B", stride=WAN21_STRIDE, latent_channels=16, in_channels=36, start_image="latent",
    needs_text=True, image_tokens=0, dims=(), boundary=0.9, last_image="possible",
    defaults=SamplingDefaults(steps=40, shift=5.0, cfg=3.5, length=81, fps=16.0, width=832, height=480),
    note=f"Wan 2.2 I2V-A14B {_UNTRAINED}. The tensors cannot say whether a file is the high-noise or the low-noise expert.",
)  # fmt: skip
TI2V_5B = WanVariant(
    name="ti2v-5b", label="Wan 2.2 TI2V-5B", stride=WAN22_STRIDE, latent_channels=48, in_channels=48, start_image="held",
    needs_text=True, image_tokens=0, dims=(), boundary=None,
    defaults=SamplingDefaults(steps=50, shift=5.0, cfg=5.0, length=121, fps=24.0, width=1280, height=704),
    tracks_refusal=_ONLY_FIRST_FRAME,
)  # fmt: skip

VARIANTS: tuple[WanVariant, ...] = (
    WAN_MOVE, T2V_1_3B, T2V_14B, I2V_A14B, FLF2V, TI2V_5B, I2V_14B, T2V_A14B, DEMO,
)  # fmt: skip
"""in the order in which structure is compared: rows that only a user or a file's own metadata can name stand last"""


def find_variant(name: str) -> WanVariant | None:
    """The row of that name."""
    return next((row for row in VARIANTS if row.name == name), None)


def find_pair(variant: WanVariant) -> WanVariant | None:
    """The row of two experts that look like this one: two files of Wan 2.1 T2V-14B's structure are Wan 2.2 T2V-A14B."""
    look = (variant.inputs, variant.dims, variant.needs_text)
    return next((row for row in VARIANTS if row.experts == 2 and (row.inputs, row.dims, row.needs_text) == look), None)
