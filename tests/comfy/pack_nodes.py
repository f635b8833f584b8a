"""The pack's nodes by their ids."""

import asyncio
from types import ModuleType
from typing import Any


def all_nodes(pack: ModuleType) -> dict[str, Any]:
    """Every class that ComfyUI gets, by id."""
    extension = asyncio.run(pack.comfy_entrypoint())
    return {node.define_schema().node_id: node for node in asyncio.run(extension.get_node_list())}


def node_named(pack: ModuleType, node_id: str) -> Any:
    """The class with this id."""
    return all_nodes(pack)[node_id]
