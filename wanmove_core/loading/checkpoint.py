"""Networks from model files: recognised, checked against what the network needs, and only then built and filled.

The network is built on the meta device and takes the file's tensors as its parameters, so weights are never held twice;
on the CPU and in the file's own precision they stay mapped from the file.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ..errors import CheckpointError
from ..models.attention import Attention, sdpa
from ..models.dit import DiTConfig, WanDiT
from ..models.ops import TORCH_OPS, Ops
from ..models.vae21 import VAEConfig, WanVAE21
from ..variants import WanVariant
from .detect import Detected, detect, strip
from .mismatch import find_mismatches
from .tensor_file import TensorFile, TensorInfo, read_header, read_tensors

PRECISIONS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}
CASTABLE = {*PRECISIONS, "F8_E4M3", "F8_E5M2"}
_WIDE_PARTS = (".modulation", ".norm_q.weight", ".norm_k.weight", ".norm_k_img.weight", ".norm3.weight", ".norm3.bias")
_WIDE_MODULES = ("time_embedding.", "time_projection.", "head.modulation")


@dataclass(frozen=True)
class LoadedDiT:
    """A diffusion network ready to run: in evaluation mode, without gradients, on its device."""

    model: WanDiT
    variant: WanVariant
    config: DiTConfig
    dtype: torch.dtype
    """the compute dtype: give the network its inputs in it"""


def load_dit(
    path: str | Path,
    device: torch.device | str = "cpu",
    dtype: torch.dtype | None = None,
    ops: Ops = TORCH_OPS,
    attention: Attention = sdpa,
) -> LoadedDiT:
    """The Wan diffusion network in a file.

    Args:
        path: safetensors or zip-format .pth in Wan's own layout, with or without ComfyUI's prefix.
        dtype: the compute dtype; None takes the file's (bfloat16 for 8-bit floats). What the network computes in float32
            whatever its inputs (modulation, norms, time embedding) keeps float32 where the file has it.

    Raises:
        CheckpointError: the file cannot be read, is something else, is not supported, or does not fit the network.
    """
    file = read_header(path)
    detected = detect(file)
    if detected.dit is None or detected.variant is None or detected.refusal:
        raise _wrong_kind(file, detected, "a Wan diffusion model")
    tensors = _own_tensors(file, detected)
    compute = dtype or _main_precision(tensors)
    with torch.device("meta"):
        model = WanDiT(detected.dit, ops, attention)
    _fill(model, file, detected, {name: _kept_precision(name, info, compute) for name, info in tensors.items()}, device)
    return LoadedDiT(model, detected.variant, detected.dit, compute)


def load_vae(
    path: str | Path, device: torch.device | str = "cpu", dtype: torch.dtype | None = None, ops: Ops = TORCH_OPS
) -> WanVAE21:
    """The Wan 2.1 VAE in a file, in evaluation mode and without gradients.

    Args:
        dtype: its precision; None takes the file's. The released code runs it in float32.

    Raises:
        CheckpointError: the file cannot be read, is something else, is not supported, or does not fit the network.
    """
    file = read_header(path)
    detected = detect(file)
    if detected.vae is None or detected.refusal:
        raise _wrong_kind(file, detected, "a Wan 2.1 VAE")
    tensors = _own_tensors(file, detected)
    compute = dtype or _main_precision(tensors)
    with torch.device("meta"):
        model = WanVAE21(detected.vae, ops)
    _fill(model, file, detected, dict.fromkeys(tensors, compute), device)
    return model


def build_on_meta(config: DiTConfig | VAEConfig) -> nn.Module:
    """The network of a configuration without memory for its weights, to compare shapes with."""
    with torch.device("meta"):
        return WanDiT(config) if isinstance(config, DiTConfig) else WanVAE21(config)


def fit_problems(file: TensorFile, detected: Detected, model: nn.Module) -> list[str]:
    """What keeps the file from filling the network, a line each: missing, unexpected, misshaped, of an unusable type."""
    tensors = _own_tensors(file, detected)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    lines = find_mismatches(shapes, tensors)
    strange = Counter(info.dtype for name, info in tensors.items() if name in shapes and info.dtype not in CASTABLE)
    if strange:
        counts = ", ".join(f"{count} of type {dtype}" for dtype, count in strange.items())
        lines.append(f"weights are not floating-point numbers: {counts} (a quantised file; use the bf16 or fp16 file)")
    return lines


def _own_tensors(file: TensorFile, detected: Detected) -> dict[str, TensorInfo]:
    return strip(file.tensors, detected.prefix)


def _fill(
    model: nn.Module, file: TensorFile, detected: Detected, precisions: Mapping[str, torch.dtype], device: torch.device | str
) -> None:
    """Give the network the file's tensors, one after the other, each cast and moved by itself.

    They are compared with torch's own layers, not with ``model``: a host's layers may be without weights until they are filled.
    """
    config = detected.dit or detected.vae
    if config is not None and (problems := fit_problems(file, detected, build_on_meta(config))):
        raise CheckpointError(f"{file.path} ({detected.label}) does not fit: {'; '.join(problems)}.")
    state: dict[str, torch.Tensor] = {}
    for name, tensor in read_tensors(file.path, [detected.prefix + name for name in precisions]):
        own = name[len(detected.prefix) :]
        state[own] = tensor.to(device=device, dtype=precisions[own]).contiguous()
    try:
        model.load_state_dict(state, assign=True)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(f"{file.path} ({detected.label}) changed while it was read: {str(error)[:200]}.") from error
    model.requires_grad_(False).eval()


def _kept_precision(name: str, info: TensorInfo, compute: torch.dtype) -> torch.dtype:
    """Float32 where the file has it and the network uses it; else the compute dtype."""
    used_wide = name.endswith(_WIDE_PARTS) or name.startswith(_WIDE_MODULES)
    return torch.float32 if used_wide and info.dtype == "F32" else compute


def _main_precision(tensors: Mapping[str, TensorInfo]) -> torch.dtype:
    """The type of most of the values; bfloat16 for 8-bit floats, which nothing computes in."""
    sizes: Counter[str] = Counter()
    for info in tensors.values():
        sizes[info.dtype] += info.elements
    return PRECISIONS.get(sizes.most_common(1)[0][0], torch.bfloat16)


def _wrong_kind(file: TensorFile, detected: Detected, wanted: str) -> CheckpointError:
    if detected.refusal:
        return CheckpointError(f"{file.path} is {detected.label}: {detected.refusal}.")
    return CheckpointError(f"{file.path} is {detected.label}; {wanted} is needed here.")
