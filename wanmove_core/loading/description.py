"""What a model file is, for a person to read: family, precision, size, and what else it needs. Reads headers only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import CheckpointError
from ..variants import WanVariant
from .checkpoint import fit_problems
from .detect import Detected, detect
from .lora_description import describe_lora
from .memory_estimate import HEIGHT, LENGTH, WIDTH, expected_bytes
from .model_folder import MODEL_ENDS, find_experts, find_model
from .quantisation import METADATA
from .tensor_file import read_header
from .tensor_info import TensorFile, TensorInfo, shown_path

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
ENCODERS = {
    "umt5": "It reads the prompt for every Wan model: give it as the text encoder.",
    "clip": "It reads the start image for Wan-Move and Wan 2.1 I2V and FLF2V: give it as the image encoder.",
}
NEIGHBOUR_LIMIT = 32
"""files of a folder that are looked into for companions"""
NEIGHBOUR_FOLDERS = ("vae", "text_encoder", "text_encoders", "image_encoder", "clip_vision", "clip")
"""where ComfyUI and diffusers keep companions, beside or below the model's own folder"""


@dataclass(frozen=True)
class CheckpointDescription:
    """A model file in words and numbers."""

    path: Path
    kind: str
    """"dit", "vae21", "vae22", "umt5", "clip", "lora", or that of a file that is recognised but not loaded ("vace", ...)"""
    family: str
    format: str
    """container, layout and, where there are any, what the weights' scales are called in"""
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
    """other files that it needs and that are neither in its folder nor in those of ComfyUI or diffusers beside it"""
    expected_vram: int | None = None
    """bytes, of the diffusion network alone at 832 x 480 x 81; an estimate, see ``memory_estimate.py``"""


def describe_checkpoint(path: str | Path) -> CheckpointDescription:
    """What the file (or the one model in a folder) is, what is wrong with it and what is missing beside it.

    Reads no weight.

    Raises:
        CheckpointError: the file cannot be read or is nothing that is known.
    """
    experts = find_experts(path)
    file = read_header(experts.high if experts else _only_model(Path(path)))
    detected = detect(file)
    notes, problems = _findings(file, detected)
    if experts:
        stated = f"; the folder states the boundary {experts.boundary}" if experts.boundary else ""
        notes += (f"This is the high-noise expert; the low-noise one is {shown_path(experts.low)}{stated}.",)
    variant = detected.variant
    tensors = file.tensors if detected.source is None else detected.source.tensors
    return CheckpointDescription(
        path=file.path,
        kind=detected.kind,
        family=detected.label,
        format=_format(file, detected),
        variant=variant,
        precision=_precision(tensors),
        parameters=sum(info.elements for info in tensors.values()),
        bytes=file.bytes,
        loadable=not problems,
        problems=problems,
        takes_tracks=detected.kind == "dit" and variant is not None and variant.takes_tracks,
        notes=notes,
        missing=_missing(file, detected),
        expected_vram=_expected_vram(detected),
    )


def _only_model(path: Path) -> Path:
    """The path itself, or what the folder holds: a diffusion model before a VAE."""
    try:
        return find_model(path, "dit")
    except CheckpointError:
        return find_model(path, "vae")


def _format(file: TensorFile, detected: Detected) -> str:
    """ "safetensors in Wan's own layout behind the prefix model.diffusion_model., scaled 8-bit weights" """
    source = detected.source
    container = file.container if not file.places else f"{len(set(file.places.values()))} files of {file.container}"
    if source is None:
        return container
    layout = "Wan's own layout" if source.layout.owner == "Wan" else f"{source.layout.owner} layout"
    words = f"{container} in {layout}" + (f" behind the prefix {source.prefix}" if source.prefix else "")
    if not source.quantisation.scales:
        return words
    stated = METADATA in file.metadata or any(name.endswith(".comfy_quant") for name in file.tensors)
    return f"{words}, 8-bit weights with scales" + (" (comfy_quant)" if stated else " (scaled fp8)")


def _precision(tensors: Mapping[str, TensorInfo]) -> str:
    """Types of the values by share, the largest first."""
    counts: Counter[str] = Counter()
    for info in tensors.values():
        counts[PRECISION_NAMES.get(info.dtype, info.dtype)] += info.elements
    (main, _), *others = counts.most_common()
    whole = sum(counts.values()) or 1
    return ", ".join([main, *(f"{name} ({100 * count / whole:.2g} %)" for name, count in others if count)])


def _expected_vram(detected: Detected) -> int | None:
    if detected.dit is None or detected.variant is None or detected.source is None:
        return None
    return expected_bytes(detected.dit, detected.variant, detected.source.tensors, detected.source.is_quantised)


def _findings(file: TensorFile, detected: Detected) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is to be said of the file, and what keeps it from being loaded."""
    if detected.kind in ENCODERS:
        return (ENCODERS[detected.kind],), ()
    if detected.kind == "lora":
        try:
            return (str(describe_lora(file)), "Give it together with a diffusion model."), ()
        except CheckpointError as error:
            return (), (str(error),)
    if detected.refusal:
        return (), (detected.refusal,)
    return _notes(detected), tuple(fit_problems(detected))


def _notes(detected: Detected) -> tuple[str, ...]:
    variant = detected.variant
    if detected.kind != "dit" or variant is None:
        return ()
    refusal = f"Tracks cannot guide it: {variant.tracks_refusal}." if variant.tracks_refusal else ""
    return tuple(note for note in (variant.note, _memory_note(detected), refusal) if note)


def _memory_note(detected: Detected) -> str:
    expected = _expected_vram(detected)
    if expected is None:
        return ""
    return (
        f"About {expected / 1e9:.1f} GB of GPU memory for a video of {WIDTH}x{HEIGHT} with {LENGTH} frames if all of it is "
        "there at once (an estimate)."
    )


def _missing(file: TensorFile, detected: Detected) -> tuple[str, ...]:
    """Companions of a diffusion model that no other file around it is."""
    variant = detected.variant
    if detected.kind != "dit" or variant is None:
        return ()
    wanted = ["vae22" if variant.latent_channels == 48 else "vae21"]
    wanted += ["umt5"] * variant.needs_text + ["clip"] * variant.needs_image_encoder
    present = _kinds_around(file.path)
    return tuple(COMPANIONS[kind] for kind in wanted if kind not in present)


def _kinds_around(path: Path) -> set[str]:
    """What the other model files in the folder and in the companions' folders are; unreadable ones are nothing."""
    folders = [path.parent, *(above / name for above in (path.parent, path.parent.parent) for name in NEIGHBOUR_FOLDERS)]
    kinds: set[str] = set()
    for folder in folders:
        try:
            files = sorted(other for other in folder.iterdir() if other.suffix in MODEL_ENDS and other != path)
        except OSError:
            continue
        for other in files[:NEIGHBOUR_LIMIT]:
            try:
                kinds.add(detect(read_header(other)).kind)
            except CheckpointError:
                continue
    return kinds
