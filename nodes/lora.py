"""A LoRA beside the weights of a network under ComfyUI's management: exact on quantised weights, and switched between steps."""

from comfy.model_patcher import ModelPatcher

from ..wanmove_core.host import Host
from ..wanmove_core.loading.lora import read_lora
from ..wanmove_core.loading.lora_applying import apply_loras
from ..wanmove_core.loading.lora_beside import AppliedLoras


def add_lora(model: ModelPatcher, path: str, strength: float, host: Host) -> AppliedLoras:
    """Let the network compute with a LoRA file.

    Raises:
        CheckpointError: the file is no LoRA, or one for another network.
        RequestError: the strength is out of its limits.
    """
    network = model.model
    lora = read_lora(path, network)
    applied = apply_loras(network, [(lora, strength)], how="side")
    if lora.report.ignored_count:
        host.note(str(lora.report))
    # ComfyUI counts what is in the state dict; the factors are not.
    model.size = model.model_size() + applied.bytes
    return applied
