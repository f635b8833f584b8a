"""A tiny network, changes to it, and LoRA files of them in every trainer's spelling."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from wanmove_core.models.dit import DiTConfig, WanDiT

RANK = 3
SIZES = DiTConfig(dim=24, ffn_dim=32, layers=11, head_dim=12, freq_dim=8, text_dim=8, image_tokens=5, image_dim=16)
"""eleven blocks, so that block 1 and block 10 are there"""
T2V = DiTConfig(dim=24, ffn_dim=32, layers=11, head_dim=12, freq_dim=8, text_dim=8, in_channels=16)
WIDER = DiTConfig(dim=36, ffn_dim=48, layers=2, head_dim=12, freq_dim=8, text_dim=8, image_tokens=5, image_dim=16)

Tensors = dict[str, torch.Tensor]
Spell = Callable[[str, str], str]

PAIRS = (
    "blocks.0.self_attn.q", "blocks.1.ffn.0", "blocks.10.ffn.0", "blocks.10.cross_attn.k_img", "blocks.3.cross_attn.o",
    "patch_embedding", "time_embedding.2", "time_projection.1", "text_embedding.0", "head.head", "img_emb.proj.3",
)  # fmt: skip
"""layers with low-rank pairs"""


def network(sizes: DiTConfig = SIZES, dtype: torch.dtype = torch.float32) -> WanDiT:
    """A new network, always with the same weights."""
    return _template(sizes, dtype)()


@functools.cache
def _template(sizes: DiTConfig, dtype: torch.dtype) -> Callable[[], WanDiT]:
    torch.manual_seed(3)
    state = WanDiT(sizes).to(dtype).state_dict()

    def build() -> WanDiT:
        with torch.device("meta"):
            model = WanDiT(sizes)
        model.load_state_dict({name: value.clone() for name, value in state.items()}, assign=True)
        return model.eval().requires_grad_(False)

    return build


def run(model: WanDiT) -> torch.Tensor:
    """The network's answer to one fixed input, in the dtype of its weights."""
    generator = torch.Generator().manual_seed(9)
    sizes, dtype = model.config, model.patch_embedding.weight.dtype

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator).to(dtype)

    latent, text = noise(1, sizes.in_channels, 2, 4, 4), noise(1, 4, sizes.text_dim)
    image = noise(1, sizes.image_tokens, sizes.image_dim) if sizes.image_tokens else None
    with torch.no_grad():
        return model(latent, torch.tensor([500.0]), text, image)


def pair_tensors(model: WanDiT, layers: tuple[str, ...] = PAIRS, seed: int = 0, rank: int = RANK) -> Tensors:
    """``layer.down`` and ``layer.up`` of each layer, large enough to be seen in the network's answer."""
    generator = torch.Generator().manual_seed(seed)
    tensors: Tensors = {}
    for layer in layers:
        weight = model.get_parameter(f"{layer}.weight")
        tensors[f"{layer}.down"] = 0.2 * torch.randn(rank, *weight.shape[1:], generator=generator)
        up = (len(weight), rank, 1, 1, 1) if weight.ndim == 5 else (len(weight), rank)
        tensors[f"{layer}.up"] = 0.2 * torch.randn(*up, generator=generator)
    return tensors


def delta_tensors(model: WanDiT, seed: int = 5) -> Tensors:
    """Whole changes as lightx2v's files have them: norms, biases and modulation."""
    generator = torch.Generator().manual_seed(seed)
    parts = {
        "blocks.2.self_attn.norm_q.diff": "weight", "blocks.2.norm3.diff": "weight", "blocks.2.norm3.diff_b": "bias",
        "blocks.0.self_attn.q.diff_b": "bias", "time_projection.1.diff_b": "bias", "head.head.diff_b": "bias",
    }  # fmt: skip
    shapes = {name: model.get_parameter(f"{name.rpartition('.')[0]}.{part}").shape for name, part in parts.items()}
    shapes |= {"blocks.4.diff_m": model.get_parameter("blocks.4.modulation").shape}
    return {name: 0.1 * torch.randn(*shape, generator=generator) for name, shape in shapes.items()}


def write(folder: Path, tensors: Tensors, name: str = "lora.safetensors", metadata: Mapping[str, str] | None = None) -> Path:
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / name, dict(metadata or {}))
    return folder / name


def spelled(tensors: Tensors, spell: Spell) -> Tensors:
    """The same values under another trainer's names."""
    return {spell(*name.rsplit(".", 1)): value for name, value in tensors.items()}


def _dotted(prefix: str, down: str, up: str, rename: Callable[[str], str] = str) -> Spell:
    suffixes = {"down": down, "up": up}
    return lambda layer, part: f"{prefix}{rename(layer)}.{suffixes.get(part, part)}"


def _with_underscores(layer: str) -> str:
    return layer.replace(".", "_")


def in_diffusers_words(layer: str) -> str:
    """Written out for the layers here, apart from the map that is tested."""
    block, _, rest = layer.partition(".")[2].partition(".") if layer.startswith("blocks.") else ("", "", "")
    inside = {
        "self_attn.q": "attn1.to_q", "cross_attn.k_img": "attn2.add_k_proj", "cross_attn.o": "attn2.to_out.0",
        "ffn.0": "ffn.net.0.proj", "norm3": "norm2", "self_attn.norm_q": "attn1.norm_q",
    }  # fmt: skip
    outside = {
        "time_embedding.2": "condition_embedder.time_embedder.linear_2", "time_projection.1": "condition_embedder.time_proj",
        "text_embedding.0": "condition_embedder.text_embedder.linear_1", "head.head": "proj_out",
        "img_emb.proj.3": "condition_embedder.image_embedder.ff.net.2", "patch_embedding": "patch_embedding",
    }  # fmt: skip
    return f"blocks.{block}.{inside[rest]}" if block else outside[layer]


SPELLINGS: dict[str, Spell] = {
    "ComfyUI, lora_down": _dotted("diffusion_model.", "lora_down.weight", "lora_up.weight"),
    "ComfyUI, lora_A": _dotted("diffusion_model.", "lora_A.weight", "lora_B.weight"),
    "plain, lora_down": _dotted("", "lora_down.weight", "lora_up.weight"),
    "plain, lora.down": _dotted("", "lora.down.weight", "lora.up.weight"),
    "DiffSynth": _dotted("pipe.dit.", "lora_A.default.weight", "lora_B.default.weight"),
    "DiffSynth without prefix": _dotted("", "lora_A.default.weight", "lora_B.default.weight"),
    "peft": _dotted("base_model.model.", "lora_A.weight", "lora_B.weight"),
    "peft of ComfyUI's names": _dotted("base_model.model.diffusion_model.", "lora_A.weight", "lora_B.weight"),
    "kohya": _dotted("lora_unet_", "lora_down.weight", "lora_up.weight", _with_underscores),
    "kohya with two underscores": _dotted("lora_unet__", "lora_down.weight", "lora_up.weight", _with_underscores),
    "LyCORIS": _dotted("lycoris_", "lora_down.weight", "lora_up.weight", _with_underscores),
    "diffusers": _dotted("transformer.", "lora_A.weight", "lora_B.weight", in_diffusers_words),
    "diffusers under ComfyUI's prefix": _dotted("diffusion_model.", "lora_A.weight", "lora_B.weight", in_diffusers_words),
    "diffusers by kohya": _dotted(
        "lora_unet_", "lora_down.weight", "lora_up.weight", lambda layer: _with_underscores(in_diffusers_words(layer))
    ),
    "half kohya": _dotted("lora_unet_", "lora_down.weight", "lora_up.weight", lambda layer: layer.replace(".", "_", 1)),
}
