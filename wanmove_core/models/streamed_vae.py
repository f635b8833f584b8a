"""A Wan VAE without its layers: frames streamed through an encoder, latents through a decoder, in chunks.

Frame 0 stands alone; each later latent frame holds four frames. Any split of the frames into chunks of 1 + 4k, 4, 4, ...
gives the same values, because each layer keeps the last frames that it saw in a ``CausalMemory``. Where the frames stand
still, as grey ones after a picture do, only what can still change is computed (``StillEncoder``).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import torch
from torch import nn

from .still_encoder import StillEncoder
from .vae_layers import CausalMemory


class StreamedVAE(nn.Module):
    """Frames in -1 ... 1 to normalised latents and back. A subclass brings the layers, the statistics and the patches."""

    latent_mean: ClassVar[tuple[float, ...]]
    """of each channel of the released latents"""
    latent_std: ClassVar[tuple[float, ...]]
    spatial_stride: ClassVar[int]
    """pixels of a cell's side"""
    encoder: Any
    decoder: Any
    conv1: Any
    conv2: Any

    def encode(self, frames: torch.Tensor, chunk: int = 4, on_chunk: Callable[[int, int], None] | None = None) -> torch.Tensor:
        """Normalised latent means.

        Args:
            frames: [B, 3, 4k + 1, H, W] in -1 ... 1, H and W multiples of the spatial stride s.
            chunk: frames that go through the network together after the first, a multiple of 4. 4 is the released
                code's choice and bit-equal to it; more is faster, takes memory and differs by rounding only.
            on_chunk: told (chunks done, all chunks) before the first chunk and after each; may raise to stop.

        Returns:
            [B, C, k + 1, H / s, W / s]
        """
        first, rest = frames[:, :, :1], frames[:, :, 1:]
        return self.encode_chunks((first, *rest.split(chunk, dim=2)) if rest.shape[2] else (first,), on_chunk)

    def encode_chunks(self, chunks: Sequence[torch.Tensor], on_chunk: Callable[[int, int], None] | None = None) -> torch.Tensor:
        """``encode`` of frames that come in chunks: the first frame alone, then 4 k at a time. The same tensor may stand for
        several chunks, so that frames that stand still take memory once."""
        told = on_chunk or (lambda done, total: None)
        told(0, len(chunks))
        encoder, parts, repeated = StillEncoder(self.encoder, CausalMemory()), [], False
        for index, part in enumerate(chunks):
            repeats = index + 1 < len(chunks) and (part is chunks[index + 1] or torch.equal(part, chunks[index + 1]))
            parts.append(encoder.encode(self.to_patches(part), repeated, repeats))
            repeated = repeats
            told(len(parts), len(chunks))
        return self.normalised_mean(torch.cat(parts, dim=2))

    def normalised_mean(self, encoded: torch.Tensor) -> torch.Tensor:
        """What ``encode`` gives, of what the encoder gave for all chunks [B, 2 C, k + 1, H / s, W / s]."""
        mean = self.conv1(encoded).chunk(2, dim=1)[0]
        shift, inverse = self._latent_statistics(mean)
        return (mean - shift) * inverse

    def decode_frames(self, latent: torch.Tensor, chunk: int = 1) -> Iterator[torch.Tensor]:
        """Frames of a normalised latent [B, C, T', H', W'], ``chunk`` latent frames at a time.

        Yields:
            [B, 3, T, s H', s W'] in -1 ... 1: one frame for the first latent frame, four for each later one.
        """
        for part in self.decode_unclamped(latent, chunk):
            yield part.clamp(-1, 1)

    def decode_unclamped(self, latent: torch.Tensor, chunk: int) -> Iterator[torch.Tensor]:
        """``decode_frames`` before the clamp, for training."""
        memory = CausalMemory()
        shift, inverse = self._latent_statistics(latent)
        for part in self.conv2(latent / inverse + shift).split(chunk, dim=2):
            yield self.from_patches(self.decoder(part, memory))

    def decode(self, latent: torch.Tensor, chunk: int = 1) -> torch.Tensor:
        """The whole clip [B, 3, 4 (T' - 1) + 1, H, W] in -1 ... 1; see ``decode_frames``."""
        return torch.cat(list(self.decode_frames(latent, chunk)), dim=2)

    def to_patches(self, frames: torch.Tensor) -> torch.Tensor:
        """What the encoder is given for frames [B, 3, T, H, W]."""
        return frames

    def from_patches(self, decoded: torch.Tensor) -> torch.Tensor:
        """Frames [B, 3, T, H, W] of what the decoder gives."""
        return decoded

    def _latent_statistics(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and reciprocal deviation of the released latents, [1, C, 1, 1, 1]."""
        shape = (1, -1, 1, 1, 1)
        return like.new_tensor(self.latent_mean).view(shape), (1 / like.new_tensor(self.latent_std)).view(shape)
