"""The networks of a model from its files: recognised by their headers first, loaded when they are needed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from ..demo.assets import DIT, VAE
from ..errors import CheckpointError, RequestError
from ..host import Host
from ..loading.checkpoint import LoadedDiT, load_dit, load_vae
from ..loading.detect import detect
from ..loading.lora import read_lora
from ..loading.lora_applying import apply_loras
from ..loading.lora_beside import AppliedLoras
from ..loading.model_folder import expert_of, find_experts, find_model
from ..loading.tensor_file import read_header
from ..models.dit import DiTConfig, WanDiT
from ..models.vae22 import VAE22Config
from ..request.contents import GenerateRequest, Models
from ..residency.one_on_device import OneOnDevice
from ..variants import WAN22_STRIDE, WanVariant, find_pair
from .kernels import KernelChoice, use_kernels
from .lora_choice import LoraChoice
from .memory_choice import MemoryChoice, context_layers, is_limited, plan_networks, size_of


@dataclass(frozen=True)
class ModelFiles:
    """The files of one model, recognised."""

    dit: Path
    """of two experts the one for high noise"""
    low_noise: Path | None
    vae: Path
    variant: WanVariant
    config: DiTConfig
    dtype: torch.dtype | None
    """compute dtype of the diffusion network; None = the file's own"""
    loras: tuple[LoraChoice, ...] = ()
    memory: MemoryChoice = "auto"
    """that the diffusion network may take of the host's device; what does not fit is streamed through it"""
    kernels: KernelChoice = field(default_factory=KernelChoice)
    """what it computes with"""


@dataclass(frozen=True)
class _Applied:
    """The LoRAs of one network, and how each was chosen."""

    loras: AppliedLoras
    choices: tuple[LoraChoice, ...]


def demo_files(dtype: torch.dtype | None) -> ModelFiles:
    """The embedded demo model."""
    return find_files(DIT, VAE, None, None, dtype or torch.float32)


def find_files(dit: Path, vae: Path, low_noise: Path | None, named: WanVariant | None, dtype: torch.dtype | None) -> ModelFiles:
    """What the files are, from their headers.

    Args:
        dit: a file or a folder, also the folder of both experts.
        named: the row that the user says it is, where the tensors cannot tell.

    Raises:
        CheckpointError: a file cannot be read, is something else, or is not supported.
        RequestError: the files, or the files and the name, do not belong together.
    """
    experts = find_experts(dit) if low_noise is None else None
    if experts is not None:
        dit, low_noise = experts.high, experts.low
    variant, config = _recognise(dit)
    if low_noise is not None:
        variant = _pair(dit, variant, low_noise, _recognise(low_noise)[0])
    if named is not None:
        if named.inputs != variant.inputs or named.experts != (1 if low_noise is None else 2):
            raise RequestError(
                f"{dit} is {variant.label} by its tensors, and --variant says {named.name}, which has other ones. Leave it out."
            )
        variant = named
    if experts is not None and experts.boundary is not None:
        variant = replace(variant, boundary=experts.boundary)
    _check_vae(vae, variant)
    return ModelFiles(dit, low_noise, vae, variant, config, dtype)


def load_models(files: ModelFiles, host: Host, request: GenerateRequest | None = None) -> Models:
    """All networks. One without a limit of memory is on the host's device; others wait in the CPU's memory until they run.

    Args:
        request: whose video has to fit beside the weights; None: one of the size that the model makes by default.

    Raises:
        CheckpointError: a file cannot be read, does not fit, or is for another model.
        RequestError: a LoRA's strength or expert cannot be, there is too little memory, or no such kernel.
    """
    vae = load_vae(files.vae, host.device, torch.float32)  # as released
    pair = files.low_noise is not None
    waiting = pair or is_limited(files.memory, host.device)
    place = torch.device("cpu") if waiting else host.device
    high = load_dit(files.dit, place, files.dtype)
    low = None if files.low_noise is None else load_dit(files.low_noise, place, high.dtype)
    loaded = [high] if low is None else [high, low]
    tokens = size_of(files.variant, files.config, request).tokens
    use_kernels(files.kernels, [each.model for each in loaded], high.dtype, tokens, host)
    applied = _apply_loras(files, high, low, host)
    if files.variant.note:
        host.note(files.variant.note)
    if files.low_noise is not None and (expert_of(files.dit), expert_of(files.low_noise)) == ("low", "high"):
        host.note(f"{files.dit} is used for high noise and {files.low_noise} for low noise; their names say the opposite.")
    mover = _mover(files, loaded, host, request) if waiting else None
    return Models(
        dit=high.model,
        vae=vae,
        variant=files.variant,
        dtype=high.dtype,
        low_noise=None if low is None else low.model,
        bring=mover,
        around=None if mover is None else mover.around,
        set_distilled=_distilled_switch(applied),
    )


def _mover(files: ModelFiles, loaded: list[LoadedDiT], host: Host, request: GenerateRequest | None) -> OneOnDevice:
    """Tells the host the plan, if there is a limit."""
    networks, size = [each.model for each in loaded], size_of(files.variant, files.config, request)
    plans = plan_networks(networks, loaded[0].dtype, size, files.memory, host.device)
    for line in dict.fromkeys(map(str, plans or ())):
        host.note(line)
    return OneOnDevice(networks, host.device, plans, context_layers)


def _recognise(path: Path) -> tuple[WanVariant, DiTConfig]:
    file = read_header(find_model(path, "dit"))
    detected = detect(file)
    if detected.refusal:
        raise CheckpointError(f"{path} is {detected.label}: {detected.refusal}.")
    if detected.variant is None or detected.dit is None:
        raise CheckpointError(f"{path} is {detected.label}; a Wan diffusion model is needed here.")
    return detected.variant, detected.dit


def _pair(dit: Path, variant: WanVariant, low_noise: Path, other: WanVariant) -> WanVariant:
    pair = find_pair(variant)
    if pair is None:
        raise RequestError(
            f"{dit} is {variant.label}, which has one network, and --low-noise gives a second one. Leave it out; two networks "
            "make Wan 2.2 T2V-A14B or I2V-A14B."
        )
    if find_pair(other) is not pair:
        raise RequestError(
            f"{dit} is an expert of {pair.label} and {low_noise} is {other.label}; give both experts of one model."
        )
    return pair


def _check_vae(path: Path, variant: WanVariant) -> None:
    file = read_header(find_model(path, "vae"))
    detected = detect(file)
    if detected.vae is None:
        raise CheckpointError(f"{path} is {detected.label}; a Wan VAE is needed here.")
    wide = isinstance(detected.vae, VAE22Config)
    if wide != (variant.stride == WAN22_STRIDE):
        right = "wan_2.1_vae.safetensors or Wan2.1_VAE.pth" if wide else "wan2.2_vae.safetensors or Wan2.2_VAE.pth"
        raise CheckpointError(f"{path} is {detected.label}, which {variant.label} does not work with. Use {right}.")


def _apply_loras(files: ModelFiles, high: LoadedDiT, low: LoadedDiT | None, host: Host) -> list[_Applied]:
    """Beside the weights, so that mapped and quantised weights stay as they are."""
    if low is None and any(choice.expert is not None for choice in files.loras):
        raise RequestError(
            f"A LoRA is for one of two experts, and {files.variant.label} has one network. Leave :high or :low out."
        )
    applied: list[_Applied] = []
    experts: tuple[tuple[str, WanDiT | None], ...] = (("high", high.model), ("low", None if low is None else low.model))
    for name, network in experts:
        chosen = tuple(choice for choice in files.loras if choice.expert in (None, name))
        if network is None or not chosen:
            continue
        loras = apply_loras(network, [(read_lora(one.path, network), one.strength) for one in chosen], "side")
        applied.append(_Applied(loras, chosen))
        for report in loras.reports:
            host.note(str(report) if low is None else f"{report} ({name} noise)")
    return applied


def _distilled_switch(applied: list[_Applied]) -> Callable[[bool], None] | None:
    """Of the step-distilled LoRAs of all networks; None where there are none."""
    if not any(choice.is_distilled for each in applied for choice in each.choices):
        return None

    def switch(on: bool) -> None:
        for each in applied:
            each.loras.strengths = tuple(choice.strength if on or not choice.is_distilled else 0.0 for choice in each.choices)

    return switch
