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
_OTHER_FILE = "use the bf16, fp16, scaled fp8 or GGUF file of the same model"


def _below_prefixes(*names: str) -> tuple[str, ...]:
    return tuple(
        prefix + name for prefix in ("", "model.diffusion_model.", "diffusion_model.", "transformer.") for name in names
    )


FAMILIES: tuple[Family, ...] = (
    Family("lora", "a LoRA", f"a LoRA is no model by itself: {_AS_DIT}, and the LoRA as one",
           ends=(".lora_down.weight", ".lora_up.weight", ".lora_A.weight", ".lora_A.default.weight", ".lora.down.weight",
                 ".diff_b", ".diff_m", ".dora_scale", ".hada_w1_a", ".lokr_w1")),
    Family("quantised", "a quantised model (nvfp4)", f"nvfp4 weights are not supported; {_OTHER_FILE}",
           ends=(".weight_scale_2",)),
    Family("quantised", "a quantised model (bitsandbytes)", f"bitsandbytes weights are not supported; {_OTHER_FILE}",
           ends=(".weight.absmax", ".weight.quant_map")),
    Family("quantised", "a quantised model (GPTQ or AWQ)", f"packed integer weights are not supported; {_OTHER_FILE}",
           ends=(".qweight", ".qzeros")),
    Family("quantised", "a quantised model (nunchaku, SVDQuant)", f"its weights are not supported; {_OTHER_FILE}",
           ends=(".wscales", ".smooth_factor", ".proj_down")),
    Family("quantised", "a quantised model (quanto)", f"quanto weights are not supported; {_OTHER_FILE}",
           ends=(".weight._data", ".weight._scale")),
    Family("quantised", "a quantised model (fp8 in blocks)", f"a scale for each block is not supported; {_OTHER_FILE}",
           ends=(".weight_scale_inv",)),
    Family("s2v", "Wan 2.2 S2V (speech to video)", _IN_COMFYUI, ends=("casual_audio_encoder.encoder.final_linear.weight",)),
    Family("vace", "Wan VACE", _IN_COMFYUI,
           ends=("vace_patch_embedding.weight", "vace_blocks.0.before_proj.weight", "vace_blocks.0.proj_in.weight")),
    Family("animate", "Wan 2.2 Animate", _IN_COMFYUI, ends=("face_adapter.fuser_blocks.0.k_norm.weight",),
           begins=_below_prefixes("face_adapter.", "motion_encoder.", "pose_patch_embedding.")),
    Family("fun", "Wan Fun-Control or Fun-Camera", _IN_COMFYUI,
           ends=("ref_conv.weight", "control_adapter.conv.weight")),
    Family("talking", "MultiTalk or InfiniteTalk", _IN_COMFYUI,
           ends=("blocks.0.audio_cross_attn.q_linear.weight", "audio_proj.proj1.weight"),
           begins=_below_prefixes("blocks.0.audio_cross_attn.", "multitalk_audio_proj.")),
    Family("humo", "HuMo", _IN_COMFYUI, ends=("blocks.0.audio_cross_attn_wrapper.norm1_audio.weight",),
           begins=_below_prefixes("audio_proj.", "blocks.0.audio_cross_attn_wrapper.")),
    Family("recammaster", "ReCamMaster", _IN_COMFYUI, ends=("blocks.0.cam_encoder.weight",)),
    Family("fantasytalking", "FantasyTalking", _IN_COMFYUI, ends=("blocks.0.cross_attn.processor.k_proj.weight",),
           begins=_below_prefixes("proj_model.")),
    Family("umt5", "a umT5 text encoder", _AS_DIT,
           ends=("blocks.0.ffn.gate.0.weight", "block.0.layer.0.SelfAttention.q.weight", "enc.blk.0.attn_q.weight")),
    Family("clip", "a CLIP image encoder", _AS_DIT,
           ends=("visual.transformer.0.attn.to_qkv.weight", "vision_model.embeddings.class_embedding",
                 "visual.class_embedding")),
    Family("taew", "a small preview decoder (TAEHV)", "previews through it are not supported yet; give the Wan 2.1 VAE here",
           ends=("decoder.3.MemBlock.conv.0.weight", "decoder.3.conv.4.weight")),
    Family("hunyuan", "HunyuanVideo or Flux", _IN_COMFYUI,
           ends=("double_blocks.0.img_attn.norm.key_norm.scale", "double_blocks.0.img_attn_k_norm.weight",
                 "double_blocks.0.img_attn.qkv.weight")),
    Family("qwen", "Qwen-Image or another transformer of two streams", _IN_COMFYUI,
           ends=("transformer_blocks.0.attn.add_q_proj.weight", "joint_blocks.0.context_block.attn.qkv.weight")),
    Family("ltx", "LTX-Video", _IN_COMFYUI, ends=("adaln_single.emb.timestep_embedder.linear_1.weight",)),
    Family("unet", "a Stable Diffusion model", _IN_COMFYUI,
           ends=("input_blocks.0.0.weight", "down_blocks.0.resnets.0.time_emb_proj.weight")),
)  # fmt: skip


def find_family(names: Iterable[str]) -> Family | None:
    """The first family that the tensor names show."""
    listed = list(names)
    return next((family for family in FAMILIES if family.matches(listed)), None)
