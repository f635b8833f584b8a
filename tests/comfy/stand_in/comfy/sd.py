"""Text encoders. Here: a token a word, its value the word's length."""

from collections.abc import Sequence
from enum import Enum

import torch

encoded: list[str] = []
"""what was encoded"""
WIDTH = 8


class CLIPType(Enum):
    """Families of text encoders."""

    WAN = 12


class CLIP:
    """A text encoder."""

    def tokenize(self, text: str) -> list[str]:
        """The words."""
        return text.split()

    def encode_from_tokens_scheduled(self, tokens: list[str]) -> list[tuple[torch.Tensor, dict[str, object]]]:
        """CONDITIONING of the words."""
        encoded.append(" ".join(tokens))
        lengths = torch.tensor([float(len(word)) for word in tokens]).reshape(1, -1, 1)
        return [(lengths.expand(1, -1, WIDTH), {})]


def load_clip(ckpt_paths: Sequence[str], embedding_directory: Sequence[str], clip_type: CLIPType) -> CLIP:
    """A text encoder from its files."""
    return CLIP()
