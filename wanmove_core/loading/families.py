"""Files that are recognised by their tensor names but are no Wan network that this version loads: what to use instead."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind of file. It is recognised when a name ends with one of ``ends`` or begins with one of ``begins``."""

    kind: str
    """the id, also of what a description misses beside a file"""
    label: str
    advice: str
    ends: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()

    def matches(self, names: Iterable[str]) -> bool:
        return any(name.endswith(self.ends) or name.startswith(self.begins) for name in names)


_AS_DIT = "give a Wan diffusion model (Wan-Move-14B-480P or another I2V model) here"
_IN_COMFYUI = "load it with ComfyUI's own nodes; here use Wan-Move-14B-480P or another Wan I2V model"

FAMILIES: tuple[Family, ...] = (
    Family("lora", "a LoRA", f"LoRAs are not supported yet, and a LoRA is no model by itself: {_AS_DIT}",
           ends=(".lora_down.weight", ".lora_up.weight", ".lora_A.weight", ".lora_A.default.weight", ".lora.down.weight",
                 ".diff_b", ".diff_m", ".dora_scale")),
    Family("quantised", "a quantised model with scales (scaled fp8, int8 or nvfp4)",
           "scaled weights are not supported yet; use the bf16 or fp16 file of the same model",
           ends=(".scale_weight", ".weight_scale", ".weight_scale_2", ".comfy_quant", "scaled_fp8")),
    Family("s2v", "Wan 2.2 S2V (speech to video)", _IN_COMFYUI, ends=("casual_audio_encoder.encoder.final_linear.weight",)),
    Family("vace", "Wan VACE", _IN_COMFYUI, ends=("vace_patch_embedding.weight", "vace_blocks.0.before_proj.weight")),
    Family("animate", "Wan 2.2 Animate", _IN_COMFYUI, ends=("face_adapter.fuser_blocks.0.k_norm.weight",),
           begins=("face_adapter.", "model.diffusion_model.face_adapter.", "diffusion_model.face_adapter.")),
    Family("fun", "Wan Fun-Control or Fun-Camera", _IN_COMFYUI, ends=("ref_conv.weight", "control_adapter.conv.weight")),
    Family("humo", "HuMo", _IN_COMFYUI, begins=("audio_proj.", "model.diffusion_model.audio_proj.")),
    Family("dit-diffusers", "a Wan diffusion model in diffusers layout",
           "that layout is not supported yet; use the file in Wan's own layout (original release or ComfyUI repackaged)",
           ends=("condition_embedder.time_embedder.linear_1.weight",)),
    Family("vae-diffusers", "a VAE in diffusers layout",
           "that layout is not supported; use Wan2.1_VAE.pth or wan_2.1_vae.safetensors",
           ends=("decoder.mid_block.resnets.0.conv1.weight", "encoder.mid_block.resnets.0.conv1.weight")),
    Family("vae22", "the Wan 2.2 VAE (of TI2V-5B)",
           "it is not supported yet; Wan-Move and the I2V models want Wan2.1_VAE.pth or wan_2.1_vae.safetensors",
           ends=("decoder.upsamples.0.upsamples.0.residual.2.weight",)),
    Family("umt5", "a umT5 text encoder", _AS_DIT,
           ends=("blocks.0.ffn.gate.0.weight", "block.0.layer.0.SelfAttention.q.weight", "enc.blk.0.attn_q.weight")),
    Family("clip", "a CLIP image encoder", _AS_DIT,
           ends=("visual.transformer.0.attn.to_qkv.weight", "vision_model.embeddings.class_embedding",
                 "visual.class_embedding")),
    Family("taew", "a small preview decoder (TAEHV)", "previews through it are not supported yet; give the Wan 2.1 VAE here",
           ends=("decoder.3.MemBlock.conv.0.weight", "decoder.3.conv.4.weight")),
)  # fmt: skip


def find_family(names: Iterable[str]) -> Family | None:
    """The first family that the tensor names show."""
    listed = list(names)
    return next((family for family in FAMILIES if family.matches(listed)), None)
