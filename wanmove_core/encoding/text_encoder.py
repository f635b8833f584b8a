"""A prompt to the vectors that the diffusion network reads: cleaned, tokenised, encoded by umT5."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ..host import Host
from ..loading.encoders import load_umt5, open_umt5
from ..models.ops import TORCH_OPS, Ops
from ..models.umt5 import UMT5Encoder, position_buckets
from .layers import run_each_on
from .prompts import clean_prompt
from .tokenizer import Tokenizer, find_tokenizer

STAGE = "read prompt"
SHORTEST = 16
"""tokens; shorter prompts are padded to so many and masked. From here on matrix products round alike for any length, so that a
prompt alone gives what it gives padded to 512 tokens, as released: to the last bit in bfloat16, within 1e-6 in float32
(measured on a CPU at full width; other devices may round otherwise)."""


@dataclass(frozen=True)
class TextEncoder:
    """umT5 with its tokenizer."""

    model: UMT5Encoder
    tokenizer: Tokenizer
    dtype: torch.dtype
    """the compute dtype"""

    @torch.no_grad()
    def encode(self, prompts: Sequence[str], host: Host) -> list[torch.Tensor]:
        """[tokens, dim] of each prompt, not padded, in the compute dtype on the host's device.

        One layer after the other goes to the device, if it is not there, and all prompts through it.

        Args:
            host: asked to stop before each layer, told of each one that is done (stage "read prompt").
        """
        device, config = host.device, self.model.config
        texts = [_Text(self.tokenizer.tokens(clean_prompt(prompt)), device) for prompt in prompts]
        states = [self.model.token_embedding(text.ids, self.dtype) for text in texts]
        buckets = [position_buckets(text.ids.shape[1], config).to(device) for text in texts]
        host.progress(STAGE, 0, len(self.model.blocks))
        for done, block in enumerate(self.model.blocks, start=1):
            host.check_interrupted()
            given = [(state, bucket, text.mask) for state, bucket, text in zip(states, buckets, texts, strict=True)]
            states = run_each_on(device, self.dtype, block, given)
            host.progress(STAGE, done, len(self.model.blocks))
        normed = run_each_on(device, self.dtype, self.model.norm, [(state,) for state in states])
        return [state[0, : text.length] for state, text in zip(normed, texts, strict=True)]


class _Text:
    """Tokens as the network takes them."""

    def __init__(self, tokens: list[int], device: torch.device) -> None:
        self.length = len(tokens)
        padding = max(0, SHORTEST - self.length)
        self.ids = torch.tensor([tokens + [0] * padding], device=device)
        self.mask = (torch.arange(self.ids.shape[1], device=device) < self.length).unsqueeze(0) if padding else None


def load_text_encoder(
    path: str | Path, device: torch.device | str = "cpu", dtype: torch.dtype | None = None, ops: Ops = TORCH_OPS
) -> TextEncoder:
    """The umT5 text encoder in a file, with the tokenizer in it or beside it.

    Args:
        path: a file (.pth, safetensors, GGUF), the index or one of several safetensors files, or a folder with one of them.
        device: where the weights lie between uses. On the CPU they stay mapped from the file, and go to the host's device layer
            by layer, a fraction of a gigabyte at a time.
        dtype: the compute dtype; None takes the file's, but bfloat16, as released, for float16, 8-bit and packed weights.

    Raises:
        CheckpointError: the file cannot be read, is something else or does not fit; or there is no tokenizer.
    """
    opened = open_umt5(path)
    tokenizer = find_tokenizer(opened.path, opened.spiece_model, opened.config.vocabulary)
    model, compute = load_umt5(opened, device, dtype, ops)
    return TextEncoder(model, tokenizer, compute)


def encode_prompt(encoder: TextEncoder, text: str, host: Host) -> torch.Tensor:
    """[tokens, dim] of one prompt; see ``TextEncoder.encode``."""
    return encoder.encode([text], host)[0]
