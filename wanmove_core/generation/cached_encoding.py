"""Prompts and pictures encoded by the encoders of files, unless the cache has them: then no encoder is even loaded."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from ..encoding.image_encoder import ImageEncoder, encode_picture, load_image_encoder
from ..encoding.prompts import clean_prompt
from ..encoding.text_encoder import load_text_encoder
from ..encoding.tokenizer import tokenizer_files
from ..host import Host
from ..loading.encoders import find_clip_vision, open_umt5
from ..loading.file_identity import model_identity
from ..loading.model_folder import find_model
from ..pipeline import encode_pictures
from ..request.contents import GenerateRequest, Models
from .encode_cache import EncodeCache, encode_key


def encode_texts(path: Path, prompts: Sequence[str], host: Host, cache: EncodeCache) -> list[torch.Tensor]:
    """[tokens, width] of each prompt on the host's device, by the text encoder in a file or folder.

    Raises:
        CheckpointError: it cannot be read, or is something else.
    """
    opened = open_umt5(path)
    identity = model_identity(opened.path, tokenizer_files(opened.path))
    keys = [encode_key("umT5", identity, host.device, clean_prompt(prompt)) for prompt in prompts]
    found = {key: cache.find(key) for key in keys}
    absent = {key: prompt for key, prompt in zip(keys, prompts, strict=True) if found[key] is None}
    if absent:
        encoded = load_text_encoder(path).encode(list(absent.values()), host)
        found |= {key: cache.keep(key, value, host) for key, value in zip(absent, encoded, strict=True)}
    return [value.to(host.device) for key in keys if (value := found[key]) is not None]


def encode_image_tokens(path: Path, pictures: Sequence[torch.Tensor], host: Host, cache: EncodeCache) -> torch.Tensor:
    """[image tokens, width] of pictures [H, W, 3], one behind the other, by the image encoder in a file or folder.

    Raises:
        CheckpointError: it cannot be read, or is something else.
    """
    identity, encoders = model_identity(find_clip_vision(path)), list[ImageEncoder]()

    def encode(picture: torch.Tensor) -> torch.Tensor:
        if not encoders:
            encoders.append(load_image_encoder(path))
        return encode_picture(encoders[0], picture, host)

    keys = [encode_key("CLIP", identity, host.device, picture) for picture in pictures]
    parts = [cache.get(key, partial(encode, picture), host) for key, picture in zip(keys, pictures, strict=True)]
    return torch.cat(parts).to(host.device)


def encode_stills(vae: Path, models: Models, request: GenerateRequest, host: Host, cache: EncodeCache) -> torch.Tensor | None:
    """``pipeline.encode_pictures`` by the VAE of this file; what ``pipeline.generate`` takes as ``still``."""
    if request.image is None:
        return None

    def encode() -> torch.Tensor:
        encoded = encode_pictures(models, request, host)
        return torch.empty(0) if encoded is None else encoded

    key = still_key(model_identity(find_model(vae, "vae")), models, request, host.device)
    return cache.get(key, encode, host).to(host.device)


def still_key(identity: str, models: Models, request: GenerateRequest, device: torch.device) -> str:
    """The key of ``pipeline.encode_pictures`` by a VAE of this identity."""
    vae = models.vae
    # a host's layers may round otherwise
    network = f"{models.variant.start_image}, {type(vae).__name__} of {type(vae.conv1).__module__}, {vae.conv1.weight.dtype}"
    return encode_key(network, identity, device, request.image, request.last, request.length)
