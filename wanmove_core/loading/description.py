"""What a model file is, for a person to read: family, precision, size, and what else it needs. Reads headers only."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ..errors import CheckpointError
from ..variants import WanVariant
from .checkpoint import build_on_meta, fit_problems
from .detect import Detected, detect, strip
from .tensor_file import TensorFile, read_header

PRECISION_NAMES = {
    "F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64", "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2", "U8": "uint8", "I8": "int8",
}  # fmt: skip
COMPANIONS = {
    "vae21": "Wan 2.1 VAE (Wan2.1_VAE.pth or wan_2.1_vae.safetensors)",
    "vae22": "Wan 2.2 VAE (Wan2.2_VAE.pth or wan2.2_vae.safetensors)",
    "umt5": "umT5-xxl text encoder (models_t5_umt5-xxl-enc-bf16.pth or umt5_xxl_fp16.safetensors)",
    "clip": "CLIP ViT-H image encoder (models_clip_open-clip-xlm-roberta-large-vit-huge-14.pth or clip_vision_h.safetensors)",
}
NEIGHBOUR_LIMIT = 32
"""files of the same folder that are looked into for companions"""


@dataclass(frozen=True)
class CheckpointDescription:
    """A model file in words and numbers."""

    path: Path
    kind: str
    """"dit", "vae21", or the kind of a file that is recognised but not loaded ("lora", "umt5", "vace", ...)"""
    family: str
    variant: WanVariant | None
    precision: str
    """the type of most values and, where there are several, the others: "bfloat16, float32 (0.1 %)" """
    parameters: int
    bytes: int
    loadable: bool
    problems: tuple[str, ...]
    """why it cannot be loaded and what to use instead; empty when it can"""
    takes_tracks: bool
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    """other files that it needs and that are not in its folder"""


def describe_checkpoint(path: str | Path) -> CheckpointDescription:
    """What the file is, what is wrong with it and what is missing beside it, without reading a weight.

    Raises:
        CheckpointError: the file cannot be read or is nothing that is known.
    """
    file = read_header(path)
    detected = detect(file)
    problems = _problems(file, detected)
    variant = detected.variant
    return CheckpointDescription(
        path=file.path,
        kind=detected.kind,
        family=detected.label,
        variant=variant,
        precision=_precision(file),
        parameters=sum(info.elements for info in strip(file.tensors, detected.prefix).values()),
        bytes=file.bytes,
        loadable=not problems,
        problems=problems,
        takes_tracks=detected.kind == "dit" and variant is not None and variant.takes_tracks,
        notes=_notes(detected),
        missing=_missing(file.path, detected),
    )


def _problems(file: TensorFile, detected: Detected) -> tuple[str, ...]:
    if detected.refusal:
        return (detected.refusal,)
    config = detected.dit or detected.vae
    return () if config is None else tuple(fit_problems(file, detected, build_on_meta(config)))


def _precision(file: TensorFile) -> str:
    """Types of the values by share, the largest first."""
    counts: Counter[str] = Counter()
    for info in file.tensors.values():
        counts[PRECISION_NAMES.get(info.dtype, info.dtype)] += info.elements
    (main, _), *others = counts.most_common()
    whole = sum(counts.values()) or 1
    return ", ".join([main, *(f"{name} ({100 * count / whole:.2g} %)" for name, count in others if count)])


def _notes(detected: Detected) -> tuple[str, ...]:
    variant = detected.variant
    if detected.kind != "dit" or variant is None:
        return ()
    refusal = f"Tracks cannot guide it: {variant.tracks_refusal}." if variant.tracks_refusal else ""
    return tuple(note for note in (variant.note, refusal) if note)


def _missing(path: Path, detected: Detected) -> tuple[str, ...]:
    """Companions of a diffusion model that no other file of its folder is."""
    variant = detected.variant
    if detected.kind != "dit" or variant is None:
        return ()
    wanted = ["vae22" if variant.latent_channels == 48 else "vae21"]
    wanted += ["umt5"] * variant.needs_text + ["clip"] * variant.needs_image_encoder
    present = _neighbour_kinds(path)
    return tuple(COMPANIONS[kind] for kind in wanted if kind not in present)


def _neighbour_kinds(path: Path) -> set[str]:
    """What the other safetensors and .pth files in the folder are; unreadable ones are nothing."""
    kinds: set[str] = set()
    try:
        files = sorted(path.parent.iterdir())
    except OSError:
        return kinds
    others = [other for other in files if other.suffix in (".safetensors", ".pth") and other != path]
    for other in others[:NEIGHBOUR_LIMIT]:
        try:
            kinds.add(detect(read_header(other)).kind)
        except CheckpointError:
            continue
    return kinds
