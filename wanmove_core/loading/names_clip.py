"""Names of the CLIP picture tower's tensors in the layout of transformers and ComfyUI as Wan's own.

There query, key and value are three tensors, here one: its thirds.
"""

import re
from dataclasses import dataclass

OWN_MARK = "transformer.0.attn.to_qkv.weight"
TRANSFORMERS_MARK = "encoder.layers.0.self_attn.q_proj.weight"
OWN_PREFIXES = ("visual.", "")
TRANSFORMERS_PREFIXES = ("vision_model.", "clip_vision.vision_model.", "image_encoder.vision_model.", "")

_WHOLE = {
    "embeddings.patch_embedding.weight": "patch_embedding.weight",
    "embeddings.class_embedding": "cls_embedding", "embeddings.position_embedding.weight": "pos_embedding",
    "pre_layrnorm.weight": "pre_norm.weight", "pre_layrnorm.bias": "pre_norm.bias",
    "post_layernorm.weight": "post_norm.weight", "post_layernorm.bias": "post_norm.bias",
}  # fmt: skip
_IN_BLOCK = {
    "layer_norm1": "norm1", "layer_norm2": "norm2", "self_attn.out_proj": "attn.proj", "mlp.fc1": "mlp.0", "mlp.fc2": "mlp.2",
}  # fmt: skip
_THIRDS = {"self_attn.q_proj": 0, "self_attn.k_proj": 1, "self_attn.v_proj": 2}


@dataclass(frozen=True)
class Place:
    """Where a tensor of the other layout goes: a tensor of ours, or one of its three parts along axis 0."""

    name: str
    third: int | None = None


def place_of(name: str) -> Place | None:
    """The place of a tensor; ``vision_model.`` has been taken off. None for a name that the layout does not have."""
    if name in _WHOLE:
        return Place(_WHOLE[name])
    found = re.fullmatch(r"encoder\.layers\.(\d+)\.([\w.]+)\.(\w+)", name)
    if found is None:
        return None
    block, part, leaf = found.groups()
    if part in _THIRDS:
        return Place(f"transformer.{block}.attn.to_qkv.{leaf}", _THIRDS[part])
    return Place(f"transformer.{block}.{_IN_BLOCK[part]}.{leaf}") if part in _IN_BLOCK else None


def is_left_out(name: str) -> bool:
    """Whether a tensor beside the tower's is expected and not needed: the text tower, what joins the two, counters."""
    ends = ("log_scale", "logit_scale", "position_ids", "visual_projection.weight", "text_projection.weight", "visual.head")
    return name.startswith(("textual.", "text_model.")) or name.endswith(ends)
