"""LoRA by ComfyUI's own means: patches of the diffusion network that ComfyUI applies where it moves the weights."""

from collections.abc import Iterable

import comfy.lora
import comfy.lora_convert
import comfy.utils
from comfy.model_patcher import ModelPatcher

from ..wanmove_core.errors import CheckpointError


def add_lora(model: ModelPatcher, path: str, strength: float) -> None:
    """Patch the network with a LoRA file.

    Raises:
        CheckpointError: nothing of the file belongs to this network.
    """
    tensors = comfy.lora_convert.convert_lora(comfy.utils.load_torch_file(path, safe_load=True))
    patches = comfy.lora.load_lora(tensors, lora_names(model.model.state_dict()))
    if not model.add_patches(patches, strength):
        names = ", ".join(ascii(name)[:60] for name in list(tensors)[:3])
        raise CheckpointError(
            f"{path} fits no layer of this model: it has {len(tensors)} tensors such as {names}. "
            "Choose a LoRA for Wan 2.1 I2V 14B."
        )


def lora_names(weights: Iterable[str]) -> dict[str, str]:
    """What LoRA files call the weights of the network: Wan's own names plainly, below a prefix, or in kohya's spelling."""
    names: dict[str, str] = {}
    for weight in weights:
        layer = weight.removesuffix(".weight")
        names |= {layer: weight, f"diffusion_model.{layer}": weight, f"lora_unet_{layer.replace('.', '_')}": weight}
    return names
