"""Names of diffusers' Wan models as Wan's own: of the transformer and of the Wan 2.1 VAE.

Source of the pairs: diffusers ``scripts/convert_wan_to_diffusers.py`` and ``loaders/single_file_utils.py``; parity tests hold
them against diffusers' own classes. Names that are not known stay as they are and show as unexpected later.
"""

import re
from collections.abc import Iterable

DIT_MARK = "condition_embedder.time_embedder.linear_1.weight"
VAE21_MARK = "decoder.mid_block.resnets.0.norm1.gamma"

_DIT = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^condition_embedder\.time_embedder\.linear_1\.", "time_embedding.0."),
        (r"^condition_embedder\.time_embedder\.linear_2\.", "time_embedding.2."),
        (r"^condition_embedder\.time_proj\.", "time_projection.1."),
        (r"^condition_embedder\.text_embedder\.linear_1\.", "text_embedding.0."),
        (r"^condition_embedder\.text_embedder\.linear_2\.", "text_embedding.2."),
        (r"^condition_embedder\.image_embedder\.norm1\.", "img_emb.proj.0."),
        (r"^condition_embedder\.image_embedder\.ff\.net\.0\.proj\.", "img_emb.proj.1."),
        (r"^condition_embedder\.image_embedder\.ff\.net\.2\.", "img_emb.proj.3."),
        (r"^condition_embedder\.image_embedder\.norm2\.", "img_emb.proj.4."),
        (r"^condition_embedder\.image_embedder\.pos_embed$", "img_emb.emb_pos"),
        (r"^scale_shift_table$", "head.modulation"),
        (r"^proj_out\.", "head.head."),
        (r"^(blocks\.\d+\.)scale_shift_table$", r"\1modulation"),
        (r"^(blocks\.\d+\.)attn1\.to_([qkv])\.", r"\1self_attn.\2."),
        (r"^(blocks\.\d+\.)attn2\.to_([qkv])\.", r"\1cross_attn.\2."),
        (r"^(blocks\.\d+\.)attn1\.to_out\.0\.", r"\1self_attn.o."),
        (r"^(blocks\.\d+\.)attn2\.to_out\.0\.", r"\1cross_attn.o."),
        (r"^(blocks\.\d+\.)attn1\.(norm_[qk])\.", r"\1self_attn.\2."),
        (r"^(blocks\.\d+\.)attn2\.(norm_[qk])\.", r"\1cross_attn.\2."),
        (r"^(blocks\.\d+\.)attn2\.add_([kv])_proj\.", r"\1cross_attn.\2_img."),
        (r"^(blocks\.\d+\.)attn2\.norm_added_k\.", r"\1cross_attn.norm_k_img."),
        (r"^(blocks\.\d+\.)norm2\.", r"\1norm3."),  # diffusers counts the norms in the order of their use
        (r"^(blocks\.\d+\.)ffn\.net\.0\.proj\.", r"\1ffn.0."),
        (r"^(blocks\.\d+\.)ffn\.net\.2\.", r"\1ffn.2."),
    )
)
_RESIDUAL = {
    "norm1": "residual.0", "conv1": "residual.2", "norm2": "residual.3", "conv2": "residual.6", "conv_shortcut": "shortcut",
}  # fmt: skip
_VAE_ENDS = {
    "quant_conv": "conv1", "post_quant_conv": "conv2",
    "encoder.conv_in": "encoder.conv1", "encoder.norm_out": "encoder.head.0", "encoder.conv_out": "encoder.head.2",
    "decoder.conv_in": "decoder.conv1", "decoder.norm_out": "decoder.head.0", "decoder.conv_out": "decoder.head.2",
}  # fmt: skip
_MIDDLE = {"resnets.0": "0", "attentions.0": "1", "resnets.1": "2"}


def dit_names(names: Iterable[str]) -> dict[str, str]:
    """Wan's name of each of a transformer's tensors."""
    return {name: _first_match(name) for name in names}


def vae21_names(names: Iterable[str]) -> dict[str, str]:
    """Wan's name of each of a Wan 2.1 VAE's tensors.

    Wan numbers the decoder's layers through, diffusers within each stage; so the names together tell how many a stage has.
    """
    listed = list(names)
    found = (re.match(r"decoder\.up_blocks\.0\.resnets\.(\d{1,3})\.", name) for name in listed)
    stage = 2 + max((int(match.group(1)) for match in found if match), default=-1)
    return {name: _vae21_name(name, stage) for name in listed}


def _first_match(name: str) -> str:
    for pattern, replacement in _DIT:
        changed, count = pattern.subn(replacement, name)
        if count:
            return changed
    return name


def _vae21_name(name: str, stage: int) -> str:
    """Args: stage: layers of a stage of the decoder, its upsampling one included."""
    module, _, last = name.rpartition(".")
    if module in _VAE_ENDS:
        return f"{_VAE_ENDS[module]}.{last}"
    if match := re.fullmatch(r"(encoder|decoder)\.mid_block\.(resnets\.[01]|attentions\.0)\.(.+)", name):
        return f"{match[1]}.middle.{_MIDDLE[match[2]]}.{_layer(match[3])}"
    if match := re.fullmatch(r"encoder\.down_blocks\.(\d{1,3})\.(.+)", name):
        return f"encoder.downsamples.{match[1]}.{_layer(match[2])}"
    if match := re.fullmatch(r"decoder\.up_blocks\.(\d{1,3})\.resnets\.(\d{1,3})\.(.+)", name):
        return f"decoder.upsamples.{int(match[1]) * stage + int(match[2])}.{_layer(match[3])}"
    if match := re.fullmatch(r"decoder\.up_blocks\.(\d{1,3})\.upsamplers\.0\.(.+)", name):
        return f"decoder.upsamples.{int(match[1]) * stage + stage - 1}.{match[2]}"
    return name


def _layer(rest: str) -> str:
    """``conv1.weight`` -> ``residual.2.weight``"""
    head, _, tail = rest.partition(".")
    return f"{_RESIDUAL.get(head, head)}.{tail}"
