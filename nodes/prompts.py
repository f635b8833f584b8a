"""Prompts as the network reads them: from ComfyUI's CONDITIONING and image tokens, or encoded by ComfyUI's own encoders."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import comfy.clip_vision
import torch

from ..wanmove_core.errors import RequestError
from ..wanmove_core.generation.encode_cache import encode_key
from ..wanmove_core.pipeline import Prompt
from .comfy_host import ComfyHost
from .guide import Guide
from .hosted_model import HostedModel

Conditioning = list[tuple[torch.Tensor, dict[str, Any]]]


@dataclass(frozen=True)
class Words:
    """What a user says to the network, in words or already encoded; what is encoded goes first."""

    prompt: str = ""
    negative_prompt: str = ""
    positive: Conditioning | None = None
    negative: Conditioning | None = None
    image: comfy.clip_vision.Output | None = None


def encode_prompt(guide: Guide, words: Words, host: ComfyHost) -> Prompt | None:
    """None for a network that reads no prompt; the user is told if there was one.

    Raises:
        RequestError: the network reads a prompt or image tokens, and there is neither an encoder nor something encoded.
    """
    model, variant = guide.model, guide.model.models.variant
    if not variant.needs_text:
        if words.prompt.strip() or words.positive is not None:
            host.note(f"The {variant.label} reads no prompt; what was written changes nothing.")
        return None
    text = _read("positive", words.positive) if words.positive is not None else _encode(model, words.prompt, host)
    if words.negative is not None:
        negative = _read("negative", words.negative)
    else:
        negative = None if model.text_encoder is None else _encode(model, words.negative_prompt, host)
    return Prompt(text, negative, _image_tokens(guide, words, host) if variant.needs_image_encoder else None)


def _read(name: str, conditioning: Conditioning) -> torch.Tensor:
    """[tokens, width] of a CONDITIONING."""
    shapes = [list(tokens.shape) for tokens, _ in conditioning]
    if len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][0] != 1:
        raise RequestError(
            f"The {name} conditioning holds {shapes}; one encoded prompt [1, tokens, width] is needed. "
            "Connect a CLIP Text Encode directly, without combining, averaging or scheduling."
        )
    return conditioning[0][0][0]


def _encode(model: HostedModel, text: str, host: ComfyHost) -> torch.Tensor:
    encoder = model.text_encoder
    if encoder is None:
        raise RequestError(
            f"{model.models.variant.label} reads a prompt, and there is no text encoder. Choose umt5_xxl in Load Wan-Move, or "
            "connect a CLIP Text Encode (type wan) to positive and negative."
        )

    def encode() -> torch.Tensor:
        return _read("encoded", encoder.encode_from_tokens_scheduled(encoder.tokenize(text)))

    if "embedding:" in text:  # the file that it names may change
        return encode()
    return model.encodes.get(encode_key(f"{_comfyui()} umT5", model.text_identity, host.device, text), encode, host)


def _image_tokens(guide: Guide, words: Words, host: ComfyHost) -> torch.Tensor:
    model, encoder = guide.model, guide.model.image_encoder
    if words.image is not None:
        return words.image.penultimate_hidden_states[0]
    if encoder is None:
        raise RequestError(
            f"{model.models.variant.label} sees the start image through an image encoder, and there is none. Choose "
            "clip_vision_h in Load Wan-Move, or connect a CLIP Vision Encode."
        )

    def encode() -> torch.Tensor:
        # the whole picture, squeezed to the encoder's square: Wan's own code cuts nothing off
        return encoder.encode_image(guide.image[None], crop=False).penultimate_hidden_states[0]

    return model.encodes.get(encode_key(f"{_comfyui()} CLIP", model.image_identity, host.device, guide.image), encode, host)


def _comfyui() -> str:
    """Whose encoders these are, as another release may compute otherwise."""
    try:
        return f"ComfyUI {import_module('comfyui_version').__version__}"
    except ImportError:  # older than 0.3
        return "ComfyUI"
