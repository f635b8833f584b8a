"""A workflow while it is put together, and the file that it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docs.workflows.content import ModelFile

Socket = tuple[str, str]
Link = tuple[int, int, int, int, int, str]


@dataclass
class Node:
    """One node of a workflow while it is put together."""

    id: int
    data: dict[str, Any]
    inputs: list[str]
    outputs: list[str]


@dataclass
class Workflow:
    """Nodes and links, and the file they become."""

    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def add(
        self,
        kind: str,
        at: tuple[int, int],
        size: tuple[int, int],
        widgets: Sequence[Any] = (),
        inputs: Sequence[Socket] = (),
        outputs: Sequence[Socket] = (),
        models: Sequence[ModelFile] = (),
        title: str = "",
    ) -> Node:
        """A node; its inputs are those that get a link."""
        properties: dict[str, Any] = {"Node name for S&R": kind}
        if models:
            properties["models"] = [file.entry for file in models]
        data = {
            "id": len(self.nodes) + 1,
            "type": kind,
            "pos": list(at),
            "size": list(size),
            "flags": {},
            "order": len(self.nodes),
            "mode": 0,
            "inputs": [{"name": name, "type": type_, "link": None} for name, type_ in inputs],
            "outputs": [{"name": name, "type": type_, "links": []} for name, type_ in outputs],
            "properties": properties,
            "widgets_values": list(widgets),
        }
        if title:
            data["title"] = title
        node = Node(data["id"], data, [name for name, _ in inputs], [name for name, _ in outputs])
        self.nodes.append(node)
        return node

    def link(self, source: Node, output: str, target: Node, name: str) -> None:
        """From an output to an input, by their names."""
        number = len(self.links) + 1
        start, end = source.outputs.index(output), target.inputs.index(name)
        source.data["outputs"][start]["links"].append(number)
        target.data["inputs"][end]["link"] = number
        self.links.append((number, source.id, start, target.id, end, source.data["outputs"][start]["type"]))

    def note(self, text: str, at: tuple[int, int], size: tuple[int, int]) -> None:
        """A note beside the nodes."""
        self.add("MarkdownNote", at, size, [text], title="Read me")

    def as_file(self) -> dict[str, Any]:
        """What a workflow file holds."""
        return {
            "last_node_id": len(self.nodes),
            "last_link_id": len(self.links),
            "nodes": [node.data for node in self.nodes],
            "links": [list(link) for link in self.links],
            "groups": [],
            "config": {},
            "extra": {"ds": {"scale": 0.7, "offset": [590, 150]}},
            "version": 0.4,
        }
