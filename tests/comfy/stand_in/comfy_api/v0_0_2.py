"""Schemas as plain records, under the names of ``comfy_api.v0_0_2``."""

from dataclasses import dataclass
from fractions import Fraction

import torch

from . import io

__all__ = ["ComfyExtension", "InputImpl", "Types", "io"]


class ComfyExtension:
    """Base of a pack's extension."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """The pack's nodes."""
        raise NotImplementedError


class Types:
    """What values are made of."""

    @dataclass
    class VideoComponents:
        """Pictures [T, H, W, 3] in 0 … 1 and their rate."""

        images: torch.Tensor
        frame_rate: Fraction
        audio: object = None


class InputImpl:
    """Values that have a class of their own."""

    @dataclass
    class VideoFromComponents:
        """A video in memory."""

        components: Types.VideoComponents

        def get_components(self) -> Types.VideoComponents:
            """What it is made of."""
            return self.components
