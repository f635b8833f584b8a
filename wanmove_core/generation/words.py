"""What a user says to a network, encoded: by the encoders of their files, which are gone again when this returns."""

from dataclasses import dataclass
from pathlib import Path

import torch

from ..errors import RequestError
from ..host import Host
from ..loading.tensor_file import read_header, read_tensors
from ..request.contents import GenerateRequest, Prompt
from ..variants import WanVariant
from .cached_encoding import encode_image_tokens, encode_texts
from .encode_cache import EncodeCache
from .model_files import ModelFiles


@dataclass(frozen=True)
class Words:
    """A prompt and the files to encode it with; ``embeddings`` holds it encoded and goes first."""

    prompt: str = ""
    negative: str | None = None
    """None = as released"""
    text_encoder: Path | None = None
    image_encoder: Path | None = None
    embeddings: Path | None = None
    """safetensors with text [tokens, width] and, where needed, negative and image"""


def encode_words(
    files: ModelFiles, words: Words, request: GenerateRequest, host: Host, cache: EncodeCache | None = None
) -> Prompt | None:
    """The prompt for the model, and the image tokens of the request's pictures; None for a model that reads neither.

    Args:
        cache: what is found in it is not encoded again.

    Raises:
        RequestError: an encoder is needed and not given.
        CheckpointError: an encoder's file cannot be read or is something else.
    """
    variant, cache = files.variant, cache or EncodeCache()
    if not variant.needs_text:
        if words.embeddings is not None:
            return _read_embeddings(words.embeddings)
        if words.prompt:
            host.note(f'{variant.label}: the prompt "{words.prompt[:40]}" is not read by it.')
        return None
    given = None if words.embeddings is None else _read_embeddings(words.embeddings)
    if given is None:
        text, negative = _encode_text(variant, words, host, cache)
    else:
        text, negative = given.text, given.negative
        if words.prompt:
            host.note(f'The prompt "{words.prompt[:40]}" is not used, as {words.embeddings} holds one.')
    image = None if given is None else given.image
    if variant.needs_image_encoder and image is None:
        image = _encode_pictures(variant, words, request, host, cache)
    return Prompt(text, negative, image)


def _encode_text(variant: WanVariant, words: Words, host: Host, cache: EncodeCache) -> tuple[torch.Tensor, torch.Tensor]:
    if words.text_encoder is None:
        raise RequestError(
            f"{variant.label} reads a prompt, and there is no text encoder. Give umT5-xxl with --text-encoder, or the encoded "
            "prompt with --embeddings."
        )
    negative = variant.negative_prompt if words.negative is None else words.negative
    text, without = encode_texts(words.text_encoder, [words.prompt, negative], host, cache)
    return text, without


def _encode_pictures(
    variant: WanVariant, words: Words, request: GenerateRequest, host: Host, cache: EncodeCache
) -> torch.Tensor:
    """[image tokens, width], those of the last picture behind those of the first."""
    if words.image_encoder is None:
        raise RequestError(
            f"{variant.label} sees its pictures through an image encoder, and there is none. Give CLIP ViT-H with "
            "--image-encoder, or the image tokens with --embeddings."
        )
    pictures = [picture for picture in (request.image, request.last) if picture is not None]
    return encode_image_tokens(words.image_encoder, pictures, host, cache)


def _read_embeddings(path: Path) -> Prompt:
    read = dict(read_tensors(path, list(read_header(path).tensors)))
    if "text" not in read:
        raise RequestError(f'{path} has no tensor "text" [tokens, width]; it has {", ".join(map(ascii, list(read)[:5]))}.')
    return Prompt(read["text"], read.get("negative"), read.get("image"))
