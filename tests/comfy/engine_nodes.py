"""The engine's nodes as tests call them, and what they are given."""

import importlib
from types import ModuleType
from typing import Any

import torch

from tests.comfy.pack_nodes import all_nodes

EMBEDDED = "embedded demo model"
LENGTH, SIDE = 5, 64
IMAGE = (torch.rand(1, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(0)) * 255).round() / 255


class Nodes:
    """The engine's nodes of a pack, called as ComfyUI calls them."""

    def __init__(self, pack: ModuleType) -> None:
        self.named = all_nodes(pack)
        self.objects: dict[str, Any] = {}
        """as ComfyUI makes one of each node before its first run, and drops them when it frees memory"""

    def run(self, node_id: str, **given: Any) -> tuple[Any, ...]:
        """The outputs of a node; widgets that are not given have their defaults."""
        node = self.named[node_id]
        if node_id not in self.objects:
            self.objects[node_id] = node()
        defaults = {slot.id: slot.default for slot in node.define_schema().inputs if slot.default is not None}
        return node.execute(**{**defaults, **given}).args

    def guide(self, **given: Any) -> Any:
        """A guide of the embedded model."""
        (model,) = self.run("LoadWanMove") if "model" not in given else (given["model"],)
        return self.run("TrajectoryToLatentGuide", **{"image": IMAGE, "tracks": walking(), **given, "model": model})[0]


def comfy(name: str) -> Any:
    """A module of the stand-in."""
    return importlib.import_module(name)


def walking(step: float = 4.0, length: int = LENGTH, size: tuple[int, int] | None = (SIDE, SIDE)) -> dict[str, Any]:
    """TRACKS of four points that walk to the right."""
    starts = torch.tensor([[8.0, 8.0], [8.0, 40.0], [24.0, 24.0], [40.0, 8.0]])
    path = starts + torch.arange(length)[:, None, None] * torch.tensor([step, 0.0])
    said = {} if size is None else {"wanmove_size": size}
    return {"track_path": path, "track_visibility": torch.ones(length, 4, dtype=torch.bool), **said}
