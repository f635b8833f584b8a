"""A small network in each layout and precision that people have, written as their own tools write it."""

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from wanmove_core.models.dit import DiTConfig, WanDiT

State = dict[str, torch.Tensor]

ONE_HEAD = DiTConfig(dim=128, ffn_dim=64, layers=2, image_tokens=257, image_dim=32, text_dim=32, freq_dim=32)
"""of the released head dimension, so that no file has to state it; all widths are whole blocks of 32"""
FP8_MAX = {torch.float8_e4m3fn: 448.0, torch.float8_e5m2: 57344.0, torch.int8: 127.0}


@functools.cache
def one_head_dit() -> WanDiT:
    torch.manual_seed(2)
    return WanDiT(ONE_HEAD).eval().requires_grad_(False)


def state(dtype: torch.dtype = torch.float32) -> State:
    return {name: value.to(dtype).contiguous() for name, value in one_head_dit().state_dict().items()}


@torch.no_grad()
def velocity(model: torch.nn.Module, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """The network's answer to one fixed input."""
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(1, 36, 2, 4, 4, generator=generator).to(dtype)
    text = torch.randn(1, 5, 32, generator=generator)
    image = torch.randn(1, 257, 32, generator=generator)
    return model(x, torch.tensor([700.0]), text, image)


def is_matrix(name: str) -> bool:
    """What quantising tools shrink: the weights of linear layers in the blocks."""
    return name.startswith("blocks.") and name.endswith(".weight") and "norm" not in name


def quantise(value: torch.Tensor, kind: torch.dtype, rows: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """(stored, scale): the largest value of the tensor, or of each row, becomes the type's largest."""
    largest = value.abs().amax(dim=1, keepdim=True) if rows else value.abs().max()
    scale = largest / FP8_MAX[kind]
    scaled = value / scale
    return (scaled.round() if kind == torch.int8 else scaled).to(kind), scale.float()


def scaled(kind: torch.dtype, scale_name: str, rows: bool = False) -> tuple[State, State]:
    """A bfloat16 network with quantised matrices; and the float32 network that its values stand for."""
    stored, meant = state(torch.bfloat16), state(torch.bfloat16)
    for name in [name for name in stored if is_matrix(name)]:
        stored[name], scale = quantise(one_head_dit().state_dict()[name], kind, rows)
        stored[name.replace(".weight", scale_name)] = scale
        meant[name] = stored[name].float() * scale
    return stored, meant


def reference(meant: Mapping[str, torch.Tensor], dtype: torch.dtype) -> WanDiT:
    """A plain network of these weights, matrices rounded to ``dtype``."""
    model = WanDiT(ONE_HEAD).eval().requires_grad_(False)
    rounded = {name: value.to(dtype) if is_matrix(name) else value for name, value in meant.items()}
    model.load_state_dict(rounded, assign=True)
    return model


def write_shards(folder: Path, tensors: State, count: int = 3, name: str = "diffusion_pytorch_model") -> Path:
    """Files of equally many tensors and their index, as diffusers and Wan publish them."""
    folder.mkdir(parents=True, exist_ok=True)
    names, weight_map = list(tensors), {}
    for shard in range(count):
        file = f"{name}-{shard + 1:05}-of-{count:05}.safetensors"
        part = names[shard::count]
        save_file({key: tensors[key] for key in part}, folder / file, {"format": "pt"})
        weight_map |= dict.fromkeys(part, file)
    index = folder / f"{name}.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))
    return index


def write_gguf(
    path: Path,
    tensors: Mapping[str, torch.Tensor],
    kinds: Mapping[str, str],
    shape: list[int] | None = None,
    flatten: bool = True,
) -> Path:
    """A GGUF file quantised where ``kinds`` says; five axes flattened with their shape beside, or as they are.

    Args:
        shape: to state instead of the true one.
    """
    import gguf

    writer = gguf.GGUFWriter(path, arch="wan")
    for name, value in tensors.items():
        array = value.float().numpy()
        if value.ndim > 4 and flatten:
            writer.add_array(f"comfy.gguf.orig_shape.{name}", shape or list(value.shape))
            array = array.reshape(value.shape[0], -1)
        kind = gguf.GGMLQuantizationType[kinds.get(name, "F32")]
        writer.add_tensor(name, gguf.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def renamed(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names with each pair's first text replaced by its second, one after the other."""
    result = {name: name for name in names}
    for old, new in pairs:
        result = {name: changed.replace(old, new) for name, changed in result.items()}
    return result


DIFFUSERS_DIT = (
    ("time_embedding.0", "condition_embedder.time_embedder.linear_1"),
    ("time_embedding.2", "condition_embedder.time_embedder.linear_2"),
    ("time_projection.1", "condition_embedder.time_proj"),
    ("text_embedding.0", "condition_embedder.text_embedder.linear_1"),
    ("text_embedding.2", "condition_embedder.text_embedder.linear_2"),
    ("img_emb.proj.0", "condition_embedder.image_embedder.norm1"),
    ("img_emb.proj.1", "condition_embedder.image_embedder.ff.net.0.proj"),
    ("img_emb.proj.3", "condition_embedder.image_embedder.ff.net.2"),
    ("img_emb.proj.4", "condition_embedder.image_embedder.norm2"),
    ("norm3", "norm2"), ("ffn.0", "ffn.net.0.proj"), ("ffn.2", "ffn.net.2"), ("head.modulation", "scale_shift_table"),
    ("head.head", "proj_out"), ("modulation", "scale_shift_table"), ("norm_k_img", "norm_added_k"), ("k_img", "add_k_proj"),
    ("v_img", "add_v_proj"), ("attn.q", "attn.to_q"), ("attn.k.", "attn.to_k."), ("attn.v.", "attn.to_v."),
    ("attn.o.", "attn.to_out.0."), ("self_attn", "attn1"), ("cross_attn", "attn2"),
)  # fmt: skip


def as_diffusers(tensors: Mapping[str, torch.Tensor]) -> State:
    """A transformer's weights under diffusers' names."""
    names = renamed(tensors, DIFFUSERS_DIT)
    return {names[name]: value for name, value in tensors.items()}


def write_json(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path
