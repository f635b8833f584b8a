"""A LoRA file described without a network, from its header: its spelling, its ranks, and which models its widths fit."""

from dataclasses import dataclass

from .lora_layers import WIDTHS, read_layers, width_of
from .lora_names import group_layers, spelling_of
from .lora_scale import read_stated_scale
from .tensor_info import TensorFile


@dataclass(frozen=True)
class LoraDescription:
    """A LoRA file in words and numbers."""

    spelling: str
    ranks: tuple[int, ...]
    """in rising order; empty for a file without pairs"""
    layers: int
    groups: tuple[str, ...]
    """the layers with their block numbers left out and counted"""
    width: int
    """of the model that it is for; 0 if its layers do not tell"""
    fits: str
    """the released models of that width"""
    has_alpha: bool
    """alpha is in the file or in peft's settings; else it is the rank"""
    has_image_layers: bool
    """it changes layers of the image tokens, which Wan 2.2 and T2V models lack"""

    def __str__(self) -> str:
        ranks = f"rank {' to '.join(map(str, sorted({self.ranks[0], self.ranks[-1]})))}" if self.ranks else "whole changes only"
        width = f"for a width of {self.width} ({self.fits})" if self.width else "for a width that its layers do not tell"
        image = "; it changes image layers, which Wan 2.2 and T2V models leave out" if self.has_image_layers else ""
        layers = f"{self.layers} {'layer' if self.layers == 1 else 'layers'}"
        return f"LoRA of {layers}, {ranks}, {width}, spelled as {self.spelling}{image}"


def describe_lora(file: TensorFile) -> LoraDescription:
    """What a LoRA file is.

    Raises:
        CheckpointError: it is no LoRA, of a kind that is not supported, or damaged.
    """
    layers = read_layers(file)
    width = width_of(file, layers)
    shapes = (file.tensors[parts["down"].name].shape for parts in layers.values() if "down" in parts)
    stated = read_stated_scale(file)
    return LoraDescription(
        spelling=spelling_of(file.tensors),
        ranks=tuple(sorted({shape[0] for shape in shapes if shape})),
        layers=len(layers),
        groups=tuple(group_layers(layers)),
        width=width,
        fits=WIDTHS.get(width, "no released Wan model"),
        has_alpha=stated.alpha is not None or any("alpha" in parts for parts in layers.values()),
        has_image_layers=any(_is_of_image(layer) for layer in layers),
    )


def _is_of_image(layer: str) -> bool:
    return any(mark in layer for mark in ("k_img", "v_img", "img_emb", "add_k_proj", "add_v_proj", "image_embedder"))
