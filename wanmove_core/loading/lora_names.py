"""What the tensors of a LoRA file are called: any trainer's spelling, read as a layer of the network and a part of its change.

A name is [prefix] layer suffix. Some trainers write the dots of the layer as underscores, some mix both; so layers are
looked up with underscores only, among the real names of the network, whole names only. A file is either in Wan's own names or
in those of diffusers, where norm2 and norm3 of a block are the other way round.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..errors import CheckpointError
from .tensor_info import shown

Part = Literal["down", "up", "alpha", "bias", "weight delta", "bias delta", "modulation delta"]
"""what a tensor is of its layer's change; "bias" is the upper factor's own, scaled as the pair is"""

PREFIXES = (
    "base_model.model.", "model.diffusion_model.", "diffusion_model.", "lora_transformer_", "lora_unet_", "lycoris_",
    "pipe.dit.", "transformer.", "module.", "model.", "dit.",
)  # fmt: skip
"""more than one may stand before a layer; kohya's is followed by one or two underscores"""

_SPELLINGS = (("lycoris_", "LyCORIS"), ("lora_unet_", "kohya"), ("base_model.model.", "peft"), ("pipe.dit.", "DiffSynth"))
_PAIR = r"\.lora[._](?:{})(?:\.(?!(?:weight|bias)$)[^.]+)?"
"""``.lora_A``, and ``.lora_A.default`` with the name of peft's adapter"""
_SUFFIXES: tuple[tuple[re.Pattern[str], Part], ...] = (
    (re.compile(_PAIR.format("down|A") + r"(?:\.weight)?$"), "down"),
    (re.compile(_PAIR.format("up|B") + r"(?:\.weight)?$"), "up"),
    (re.compile(_PAIR.format("up|B") + r"\.bias$"), "bias"),
    (re.compile(r"\.alpha$"), "alpha"),
    (re.compile(r"\.(?:diff|w_norm)$"), "weight delta"),
    (re.compile(r"\.(?:diff_b|b_norm)$"), "bias delta"),
    (re.compile(r"\.diff_m$"), "modulation delta"),
)
_OTHER_KINDS = (
    (re.compile(r"\.dora_scale$|\.lora_magnitude_vector"), "DoRA"),
    (re.compile(r"\.hada_"), "LoHa"),
    (re.compile(r"\.lokr_"), "LoKr"),
    (re.compile(r"\.b?oft_"), "OFT"),
    (re.compile(r"\.[ab][12]\.weight$"), "GLoRA"),
    (re.compile(r"\.lora_mid\."), "LoCon with a third (Tucker) matrix"),
    (re.compile(r"\.on_input$"), "IA3"),
)
_DIFFUSERS_MARK = re.compile(
    r"(?:^|[._])(?:attn[12][._]|condition_embedder[._]|proj_out[._]|scale_shift_table|ffn[._]net[._]\d)", re.ASCII
)
_DIFFUSERS_NAMES = (
    (r"^time_embedding\.0\b", "condition_embedder.time_embedder.linear_1"),
    (r"^time_embedding\.2\b", "condition_embedder.time_embedder.linear_2"),
    (r"^time_projection\.1\b", "condition_embedder.time_proj"),
    (r"^text_embedding\.0\b", "condition_embedder.text_embedder.linear_1"),
    (r"^text_embedding\.2\b", "condition_embedder.text_embedder.linear_2"),
    (r"^img_emb\.proj\.0\b", "condition_embedder.image_embedder.norm1"),
    (r"^img_emb\.proj\.1\b", "condition_embedder.image_embedder.ff.net.0.proj"),
    (r"^img_emb\.proj\.3\b", "condition_embedder.image_embedder.ff.net.2"),
    (r"^img_emb\.proj\.4\b", "condition_embedder.image_embedder.norm2"),
    (r"^img_emb\.emb_pos\b", "condition_embedder.image_embedder.pos_embed"),
    (r"^head\.modulation\b", "scale_shift_table"),
    (r"^head\.head\b", "proj_out"),
    (r"\bmodulation$", "scale_shift_table"),
    (r"\bcross_attn\.k_img\b", "attn2.add_k_proj"),
    (r"\bcross_attn\.v_img\b", "attn2.add_v_proj"),
    (r"\bcross_attn\.norm_k_img\b", "attn2.norm_added_k"),
    (r"\bself_attn\.([qkv])(?=\.|$)", r"attn1.to_\1"),
    (r"\bcross_attn\.([qkv])(?=\.|$)", r"attn2.to_\1"),
    (r"\bself_attn\.o(?=\.|$)", "attn1.to_out.0"),
    (r"\bcross_attn\.o(?=\.|$)", "attn2.to_out.0"),
    (r"\bself_attn\.(norm_[qk])\b", r"attn1.\1"),
    (r"\bcross_attn\.(norm_[qk])\b", r"attn2.\1"),
    (r"^(blocks\.\d+)\.norm3\b", r"\1.norm2"),
    (r"\bffn\.0\b", "ffn.net.0.proj"),
    (r"\bffn\.2\b", "ffn.net.2"),
)
"""Wan's name of a layer as diffusers' (transformer_wan.py, scripts/convert_wan_to_diffusers.py); at most one row fits"""


@dataclass(frozen=True)
class LoraKey:
    """A tensor's name taken apart; the layer as the file has it, prefix included."""

    name: str
    layer: str
    part: Part


class LayerNames:
    """The weights of a network by what a file may call their layers.

    Args:
        parameters: names of the network's parameters, as ``blocks.0.self_attn.q.weight``.
        diffusers: the file's names are those of diffusers.
    """

    def __init__(self, parameters: Iterable[str], diffusers: bool) -> None:
        self._known: dict[str, str] = {}
        for parameter in parameters:
            layer, _, last = parameter.rpartition(".")
            name = layer if last in ("weight", "bias") else parameter
            self._known[_underscored(diffusers_name(name) if diffusers else name)] = name

    def find(self, layer: str) -> str | None:
        """The network's own name of a layer, or of a bare parameter as ``blocks.0.modulation``; None if it has none such."""
        rest = _underscored(layer)
        while rest not in self._known:
            prefix = next((prefix for prefix in map(_underscored, PREFIXES) if rest.startswith(prefix)), "_")
            if not rest.startswith(prefix):
                return None
            rest = rest[len(prefix) :]
        return self._known[rest]


def read_key(where: str, name: str) -> LoraKey:
    """A tensor's name as layer and part.

    Raises:
        CheckpointError: it is of another kind of adaptation than LoRA, or of none that is known.
    """
    for pattern, kind in _OTHER_KINDS:
        if pattern.search(name):
            raise CheckpointError(
                f"{where} is a {kind} file (tensor {shown(name)}), which is not supported here. Use a plain LoRA, or load "
                "it in ComfyUI with the Load Wan-Move node, which reads more kinds."
            )
    for pattern, part in _SUFFIXES:
        if match := pattern.search(name):
            layer = name[: match.start()]
            return LoraKey(name, f"{layer}.modulation" if part == "modulation delta" else layer, part)
    whole = re.search(r"\.(weight|bias|modulation)$|^modulation$", name)
    kind = (
        "a whole weight: the file is a model, or a LoRA saved together with one" if whole else "no part of a LoRA that is known"
    )
    raise CheckpointError(
        f"{where}: tensor {shown(name)} is {kind}. Give a LoRA with lora_down and lora_up, lora_A and lora_B, or diff tensors."
    )


def uses_diffusers_names(names: Iterable[str]) -> bool:
    """Whether a file calls layers as diffusers does; one such name decides."""
    return any(_DIFFUSERS_MARK.search(name) for name in names)


def diffusers_name(name: str) -> str:
    """What diffusers calls a layer or bare parameter of Wan's own name; the same name where both agree."""
    for pattern, replacement in _DIFFUSERS_NAMES:
        found, count = re.subn(pattern, replacement, name)
        if count:
            return found
    return name


def spelling_of(names: Iterable[str]) -> str:
    """How a file writes its names, as its trainer's users know it."""
    names = list(names)
    for start, spelling in _SPELLINGS:
        if any(name.startswith(start) for name in names):
            return spelling
    return "diffusers" if uses_diffusers_names(names) else "Wan's own names"


def group_layers(layers: Iterable[str]) -> list[str]:
    """Layers with their block numbers left out and counted, printable: ``blocks.*.cross_attn.k_img (40)``."""
    groups = Counter(re.sub(r"(?<=blocks[._])\d+", "*", layer, count=1) for layer in layers)
    return [f"{shown(group)[1:-1]} ({count})" if count > 1 else shown(group)[1:-1] for group, count in groups.items()]


def _underscored(name: str) -> str:
    return name.replace(".", "_")
