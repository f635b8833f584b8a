"""Networks from model files: recognised, checked against what the network needs, and only then built and filled."""

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
from ..models.vae22 import VAE22Config, WanVAE22
from ..variants import WanVariant
from .detect import Detected, detect
from .filling import PRECISIONS, Wanted, fill_network, misfits, parameter_shapes
from .model_folder import find_model
from .tensor_file import TensorInfo, read_header
from .tensor_info import TensorFile, shown_path

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
    """The Wan diffusion network of a model.

    Args:
        path: a file (safetensors, GGUF, zip-format .pth), the index or one of several safetensors files, or their folder; in
            Wan's own layout, with or without ComfyUI's prefix, or in that of diffusers.
        dtype: the compute dtype; None takes the file's (bfloat16 for quantised weights). What the network computes in float32
            whatever its inputs (modulation, norms, time embedding) keeps float32 where the file has it.

    Raises:
        CheckpointError: the file cannot be read, is something else, is not supported, or does not fit the network.
    """
    file = read_header(find_model(path, "dit"))
    detected = detect(file)
    source = detected.source
    if detected.dit is None or detected.variant is None or source is None or detected.refusal:
        raise _wrong_kind(file, detected, "a Wan diffusion model")
    compute = dtype or _main_precision(source.tensors)
    with torch.device("meta"):
        model = WanDiT(detected.dit, ops, attention)
    _fill(model, detected, {name: _kept_precision(name, info, compute) for name, info in source.tensors.items()}, device)
    return LoadedDiT(model, detected.variant, detected.dit, compute)


def load_vae(
    path: str | Path, device: torch.device | str = "cpu", dtype: torch.dtype | None = None, ops: Ops = TORCH_OPS
) -> WanVAE21 | WanVAE22:
    """The Wan 2.1 or Wan 2.2 VAE of a model, in evaluation mode and without gradients.

    Args:
        path: as for ``load_dit``.
        dtype: its precision; None takes the file's. The released code runs it in float32.

    Raises:
        CheckpointError: the file cannot be read, is something else, is not supported, or does not fit the network.
    """
    file = read_header(find_model(path, "vae"))
    detected = detect(file)
    source = detected.source
    if detected.vae is None or source is None or detected.refusal:
        raise _wrong_kind(file, detected, "a Wan VAE")
    compute = dtype or _main_precision(source.tensors)
    with torch.device("meta"):
        model = WanVAE21(detected.vae, ops) if isinstance(detected.vae, VAEConfig) else WanVAE22(detected.vae, ops)
    _fill(model, detected, dict.fromkeys(source.tensors, compute), device)
    return model


def build_on_meta(config: DiTConfig | VAEConfig | VAE22Config) -> nn.Module:
    """The network of a configuration without memory for its weights, to compare shapes with."""
    with torch.device("meta"):
        if isinstance(config, DiTConfig):
            return WanDiT(config)
        return WanVAE21(config) if isinstance(config, VAEConfig) else WanVAE22(config)


def fit_problems(detected: Detected) -> list[str]:
    """What keeps the file from filling its network, a line each."""
    if detected.source is None or detected.config is None:
        return []
    return misfits(detected.source, parameter_shapes(build_on_meta(detected.config)))


def _fill(model: nn.Module, detected: Detected, precisions: Mapping[str, torch.dtype], device: torch.device | str) -> None:
    """The file's tensors are compared with torch's own layers: a host's may be without weights until they are filled."""
    if detected.source is not None and detected.config is not None:
        shapes = parameter_shapes(build_on_meta(detected.config))
        fill_network(model, detected.source, Wanted(detected.label, shapes, precisions), device)


def _kept_precision(name: str, info: TensorInfo, compute: torch.dtype) -> torch.dtype:
    """Float32 where the file has it and the network uses it; else the compute dtype."""
    used_wide = name.endswith(_WIDE_PARTS) or name.startswith(_WIDE_MODULES)
    return torch.float32 if used_wide and info.dtype == "F32" else compute


def _main_precision(tensors: Mapping[str, TensorInfo]) -> torch.dtype:
    """The type of most of the values; bfloat16 for quantised ones, which nothing computes in."""
    sizes: Counter[str] = Counter()
    for info in tensors.values():
        sizes[info.dtype] += info.elements
    return PRECISIONS.get(sizes.most_common(1)[0][0], torch.bfloat16)


def _wrong_kind(file: TensorFile, detected: Detected, wanted: str) -> CheckpointError:
    if detected.refusal:
        return CheckpointError(f"{shown_path(file.path)} is {detected.label}: {detected.refusal}.")
    return CheckpointError(f"{shown_path(file.path)} is {detected.label}; {wanted} is needed here.")
