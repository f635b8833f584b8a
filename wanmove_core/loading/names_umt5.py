"""Names of umT5's tensors in other layouts as Wan's own: transformers and ComfyUI, and llama.cpp's GGUF.

What stands behind a module's name (``weight``, or the scales of a quantised one) is kept.
"""

import re

OWN_MARK = "blocks.0.ffn.gate.0.weight"
TRANSFORMERS_MARK = "encoder.block.0.layer.0.SelfAttention.q.weight"
GGUF_MARK = "enc.blk.0.attn_q.weight"

_TRANSFORMERS = {
    "layer.0.layer_norm": "norm1", "layer.1.layer_norm": "norm2",
    "layer.0.SelfAttention.q": "attn.q", "layer.0.SelfAttention.k": "attn.k",
    "layer.0.SelfAttention.v": "attn.v", "layer.0.SelfAttention.o": "attn.o",
    "layer.0.SelfAttention.relative_attention_bias": "pos_embedding.embedding",
    "layer.1.DenseReluDense.wi_0": "ffn.gate.0", "layer.1.DenseReluDense.wi_1": "ffn.fc1",
    "layer.1.DenseReluDense.wo": "ffn.fc2",
}  # fmt: skip
_GGUF = {
    "attn_norm": "norm1", "ffn_norm": "norm2",
    "attn_q": "attn.q", "attn_k": "attn.k", "attn_v": "attn.v", "attn_o": "attn.o",
    "attn_rel_b": "pos_embedding.embedding",
    "ffn_gate": "ffn.gate.0", "ffn_up": "ffn.fc1", "ffn_down": "ffn.fc2",
}  # fmt: skip
_WHOLE = {
    "shared": "token_embedding", "encoder.embed_tokens": "token_embedding", "encoder.final_layer_norm": "norm",
    "token_embd": "token_embedding", "enc.output_norm": "norm",
}  # fmt: skip


def wan_name(name: str) -> str | None:
    """Wan's own name of a tensor in one of the other layouts; None for a name that they do not have."""
    module, _, leaf = name.rpartition(".")
    if module in _WHOLE:
        return f"{_WHOLE[module]}.{leaf}"
    for pattern, parts in ((r"encoder\.block\.(\d+)\.(.+)", _TRANSFORMERS), (r"enc\.blk\.(\d+)\.(.+)", _GGUF)):
        if (found := re.fullmatch(pattern, module)) and found[2] in parts:
            return f"blocks.{found[1]}.{parts[found[2]]}.{leaf}"
    return None


def is_left_out(name: str) -> bool:
    """Whether a tensor beside the encoder's is expected and not needed: a decoder, a tokenizer, a marker."""
    return name.startswith(("decoder.", "dec.", "lm_head.")) or name in ("spiece_model", "tokenizer_json", "scaled_fp8")
