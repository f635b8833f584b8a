"""Networks from model files: recognised, checked against what the network needs, and only then built and filled.

The network is built on the meta device and takes the file's tensors as its parameters, so weights are never held twice; on the
CPU and in the file's own precision they stay mapped from the file. Quantised weights of linear layers stay as they are stored
and are widened where they are used (``models/quantised.py``); in a host's own layers, which bring their own means, they are
widened while they are loaded.
"""

import dataclasses
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
from ..models.quantised import QuantisedLinear, QuantisedWeight
from ..models.vae21 import VAEConfig, WanVAE21
from ..models.vae22 import VAE22Config, WanVAE22
from ..variants import WanVariant
from .detect import Detected, detect
from .mismatch import find_mismatches, group_names
from .model_folder import find_model
from .tensor_file import TensorInfo, read_header
from .tensor_info import GGUF_BLOCKS, TORCH_TYPES, TensorFile, shown_path
from .tensor_source import TensorSource

PRECISIONS = {name: TORCH_TYPES[name] for name in ("F32", "F16", "BF16", "F64")}
USABLE = {*PRECISIONS, "F8_E4M3", "F8_E5M2", "I8", *GGUF_BLOCKS}
"""types of weights that can be widened to a precision; whether int8 has what it takes is the quantisation's to say"""
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
    """What keeps the file from filling its network, a line each: missing, unexpected, misshaped, without scale, unusable."""
    source, config = detected.source, detected.config
    if source is None or config is None:
        return []
    shapes = {name: tuple(value.shape) for name, value in build_on_meta(config).state_dict().items()}
    lines = [*find_mismatches(shapes, source.tensors), *source.quantisation.problems]
    strange = [name for name, info in source.tensors.items() if name in shapes and info.dtype not in USABLE]
    if strange:
        kinds = ", ".join(sorted({source.tensors[name].dtype for name in strange}))
        lines.append(
            f"{len(strange)} weights are no numbers to compute with ({kinds}): {group_names(strange)} (quantised in a "
            "way that is not known; use the bf16, fp16, scaled fp8 or GGUF file)"
        )
    return lines


def _fill(model: nn.Module, detected: Detected, precisions: Mapping[str, torch.dtype], device: torch.device | str) -> None:
    """Give the network the file's tensors, one after the other, each cast and moved by itself.

    They are compared with torch's own layers, not with ``model``: a host's layers may be without weights until they are filled.
    """
    if detected.source is None:
        return
    title = f"{shown_path(detected.source.file.path)} ({detected.label})"
    if problems := fit_problems(detected):
        raise CheckpointError(f"{title} does not fit: {'; '.join(problems)}.")
    state, quantised = _read_state(model, detected.source, precisions, torch.device(device))
    for name, weight in quantised.items():
        _replace_linear(model, name.removesuffix(".weight"), weight)
    try:
        lacking = set(model.load_state_dict(state, strict=False, assign=True).missing_keys)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(f"{title} changed while it was read: {str(error)[:200]}.") from error
    if lacking := lacking - {key for name in quantised for key in (name, f"{name}_scale")}:
        raise CheckpointError(f"{title} changed while it was read: it has no {group_names(sorted(lacking))}.")
    model.requires_grad_(False).eval()


def _read_state(
    model: nn.Module, source: TensorSource, precisions: Mapping[str, torch.dtype], device: torch.device
) -> tuple[dict[str, torch.Tensor], dict[str, QuantisedWeight]]:
    """The weights on their device: those to compute with as they are, and those that stay as they are stored."""
    state: dict[str, torch.Tensor] = {}
    quantised: dict[str, QuantisedWeight] = {}
    for name, value in source.read():
        if isinstance(value, torch.Tensor):
            state[name] = value.to(device=device, dtype=precisions[name]).contiguous()
        elif type(model.get_submodule(name.rpartition(".")[0])) is nn.Linear:
            scale = None if value.scale is None else value.scale.to(device)
            quantised[name] = dataclasses.replace(value, values=value.values.to(device), scale=scale)
        else:
            state[name] = value.dequantised(precisions[name]).to(device)
    return state, quantised


def _replace_linear(model: nn.Module, name: str, weight: QuantisedWeight) -> None:
    """Put a layer over the stored weight in the place of a linear layer; its bias is filled with the others."""
    parent, _, last = name.rpartition(".")
    bias = model.get_submodule(name).bias
    setattr(model.get_submodule(parent), last, QuantisedLinear(weight, bias if isinstance(bias, torch.Tensor) else None))


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
