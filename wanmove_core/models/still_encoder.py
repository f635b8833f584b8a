"""Encoding where the frames stand still: of a chunk that equals the one before only what can still change is computed.

A step of the encoder gives what it gave for the last chunk if its input is the same and its layers remember the same. Then it
remembers the same afterwards, too. So, chunk by chunk, the first steps settle, each for as long as the chunks stay the same;
what the last settled one gave is kept. Nothing is assumed about kernels, lengths or strides: the memories are compared, and a
result equals that of the whole encoder as far as equal inputs give equal outputs, which on a CPU is to the last bit.
"""

import torch

from .vae_layers import Carried, CausalMemory, Coder


class StillEncoder:
    """An encoder that is fed one clip, chunk by chunk."""

    def __init__(self, encoder: Coder, memory: CausalMemory) -> None:
        self._steps, self._memory = tuple(encoder.steps()), memory
        self._settled: int = 0
        """so many first steps will give for the next chunk, if it is the same, what they gave for the last"""
        self._kept: Carried = ()
        """what the last of these gave"""

    def encode(self, patches: torch.Tensor, repeated: bool, repeats: bool) -> torch.Tensor:
        """What the whole encoder gives for the next chunk.

        Args:
            patches: the chunk [B, C, T, H, W].
            repeated: it equals the last chunk, of which ``repeats`` was said.
            repeats: the next chunk will equal it.
        """
        begin, carried = (self._settled, self._kept) if repeated else (0, (patches,))
        self._settled, self._kept, settling = begin, carried, repeats
        for step in self._steps[begin:]:
            before = self._memory.snapshot() if settling else {}
            carried = step(carried, self._memory)
            settling = settling and self._memory.is_as(before)
            if settling:
                self._settled, self._kept = self._settled + 1, carried
        if not repeats:
            self._kept = ()
        return carried[0]
