"""Schemas as plain records, under the names of ``comfy_api.v0_0_2``."""

from . import io

__all__ = ["ComfyExtension", "io"]


class ComfyExtension:
    """Base of a pack's extension."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """The pack's nodes."""
        raise NotImplementedError
