"""A small text encoder and a small picture tower, and their files in the layouts that people have."""

import functools
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from tests.core.tiny_tokenizer import tiny_sentencepiece
from wanmove_core.models.clip_vision import ClipVision, ClipVisionConfig
from wanmove_core.models.umt5 import UMT5Config, UMT5Encoder

State = dict[str, torch.Tensor]

TEXT = UMT5Config(160, 64, 96, 64, 3, 2)
PICTURE = ClipVisionConfig(80, 96, 1, 3, 28, 14)
TRANSFORMERS = (
    ("token_embedding.", "shared."), ("blocks.", "encoder.block."), (".norm1.", ".layer.0.layer_norm."),
    (".norm2.", ".layer.1.layer_norm."), (".attn.", ".layer.0.SelfAttention."),
    (".pos_embedding.embedding.", ".layer.0.SelfAttention.relative_attention_bias."),
    (".ffn.gate.0.", ".layer.1.DenseReluDense.wi_0."), (".ffn.fc1.", ".layer.1.DenseReluDense.wi_1."),
    (".ffn.fc2.", ".layer.1.DenseReluDense.wo."),
)  # fmt: skip
LLAMA_CPP = (
    ("token_embedding.", "token_embd."), ("blocks.", "enc.blk."), (".norm1.", ".attn_norm."), (".norm2.", ".ffn_norm."),
    (".attn.", ".attn_"), (".pos_embedding.embedding.", ".attn_rel_b."), (".ffn.gate.0.", ".ffn_gate."),
    (".ffn.fc1.", ".ffn_up."), (".ffn.fc2.", ".ffn_down."),
)  # fmt: skip


@functools.cache
def text_network() -> Any:
    torch.manual_seed(5)
    return UMT5Encoder(TEXT).eval().requires_grad_(False)


@functools.cache
def picture_network() -> Any:
    torch.manual_seed(6)
    return ClipVision(PICTURE).eval().requires_grad_(False)


def renamed(state: State, pairs: tuple[tuple[str, str], ...], last_norm: str) -> State:
    result: State = {}
    for name, value in state.items():
        for ours, theirs in pairs:
            name = name.replace(ours, theirs)
        result[f"{last_norm}.weight" if name == "norm.weight" else name] = value
    return result


def text_state(dtype: torch.dtype = torch.float32) -> State:
    return {name: value.to(dtype) for name, value in text_network().state_dict().items()}


def as_transformers(state: State) -> State:
    return renamed(state, TRANSFORMERS, "encoder.final_layer_norm")


def as_llama_cpp(state: State) -> State:
    return renamed(state, LLAMA_CPP, "enc.output_norm")


def with_tokenizer(state: State) -> State:
    """As ComfyUI's files bring it."""
    return {**state, "spiece_model": torch.frombuffer(bytearray(tiny_sentencepiece()), dtype=torch.uint8)}


def write_text_encoder(path: Path, dtype: torch.dtype = torch.float32) -> Path:
    """In ComfyUI's layout with its tokenizer."""
    save_file(with_tokenizer(as_transformers(text_state(dtype))), path)
    return path


def picture_state() -> State:
    """As released: the whole tower and the text tower beside it."""
    state = {f"visual.{name}": value for name, value in picture_network().state_dict().items()}
    last = {
        name.replace(".transformer.0.", ".transformer.2."): value.clone()
        for name, value in state.items()
        if ".transformer.0." in name
    }
    norm = {f"visual.post_norm.{leaf}": torch.ones(80) for leaf in ("weight", "bias")}
    return {**state, **last, **norm, "visual.head": torch.ones(80, 8), "textual.head.0.weight": torch.ones(4, 4),
            "log_scale": torch.ones(())}  # fmt: skip


def picture_as_transformers() -> State:
    names = {
        "cls_embedding": "embeddings.class_embedding", "pos_embedding": "embeddings.position_embedding.weight",
        "patch_embedding": "embeddings.patch_embedding", "pre_norm": "pre_layrnorm", "post_norm": "post_layernorm",
        "transformer": "encoder.layers", "norm1": "layer_norm1", "norm2": "layer_norm2", "attn.proj": "self_attn.out_proj",
        "mlp.0": "mlp.fc1", "mlp.2": "mlp.fc2",
    }  # fmt: skip
    result: State = {"vision_model.embeddings.position_ids": torch.arange(5), "visual_projection.weight": torch.ones(8, 80)}
    for name, value in picture_state().items():
        if not name.startswith("visual.") or name == "visual.head":
            continue
        name = name.removeprefix("visual.")
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        if "attn.to_qkv" in name:
            for part, third in zip("qkv", value.chunk(3), strict=True):
                result[f"vision_model.{name.replace('attn.to_qkv', f'self_attn.{part}_proj')}"] = third.clone()
        else:
            plain = value.flatten() if "class" in name else value.squeeze(0) if "position" in name else value
            result[f"vision_model.{name}"] = plain.clone()
    return result
