"""LoRA by ComfyUI's own means: patches of the diffusion network that ComfyUI applies where it moves the weights."""

from collections.abc import Iterable, Mapping

import comfy.lora
import comfy.lora_convert
import comfy.utils
from comfy.model_patcher import ModelPatcher
from torch import nn

from ..wanmove_core.errors import CheckpointError


def add_lora(model: ModelPatcher, path: str, strength: float) -> None:
    """Patch the network with a LoRA file.

    Raises:
        CheckpointError: nothing of the file belongs to this network.
    """
    tensors = comfy.lora_convert.convert_lora(comfy.utils.load_torch_file(path, safe_load=True))
    network = model.model
    patches = comfy.lora.load_lora(tensors, lora_names(network.state_dict()))
    own = {name: patch for name, patch in patches.items() if not hasattr(_layer_of(network, name), "comfy_cast_weights")}
    change_now(network, own, strength)
    later = {name: patch for name, patch in patches.items() if name not in own}
    if not model.add_patches(later, strength) and not own:
        names = ", ".join(ascii(name)[:60] for name in list(tensors)[:3])
        raise CheckpointError(
            f"{path} fits no layer of this model: it has {len(tensors)} tensors such as {names}. "
            "Choose a LoRA for Wan 2.1 I2V 14B."
        )


def change_now(network: nn.Module, patches: Mapping[str, object], strength: float) -> None:
    """Patch for good the small weights outside ComfyUI's layers (norms, modulation), which it forgets if it loads in parts."""
    for name, patch in patches.items():
        weight = network.get_parameter(name)
        changed = comfy.lora.calculate_weight([(strength, patch, 1.0, None, None)], weight.detach().float().clone(), name)
        setattr(_layer_of(network, name), name.rpartition(".")[2], nn.Parameter(changed.to(weight.dtype), requires_grad=False))


def lora_names(weights: Iterable[str]) -> dict[str, str]:
    """What LoRA files call the weights of the network: Wan's own names plainly, below a prefix, or in kohya's spelling."""
    names: dict[str, str] = {}
    for weight in weights:
        layer = weight.removesuffix(".weight")
        names |= {layer: weight, f"diffusion_model.{layer}": weight, f"lora_unet_{layer.replace('.', '_')}": weight}
    return names


def _layer_of(network: nn.Module, name: str) -> nn.Module:
    return network.get_submodule(name.rpartition(".")[0])
