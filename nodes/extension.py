"""What ComfyUI asks of a pack: its nodes. The pack's routes are added on the way."""

from comfy_api.v0_0_2 import ComfyExtension, io

from .routes import add_routes
from .trajectory_editor import TrajectoryEditor


class WanMoveExtension(ComfyExtension):
    """The pack."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """All nodes of the pack."""
        return [TrajectoryEditor]


async def comfy_entrypoint() -> WanMoveExtension:
    """Called by ComfyUI once, when it loads the pack."""
    add_routes()
    return WanMoveExtension()
