"""Inputs, outputs and schemas as plain records."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Slot:
    """One input or output."""

    type: str
    id: str | None = None
    display_name: str | None = None
    tooltip: str | None = None
    default: object = None
    min: int | None = None
    max: int | None = None
    step: int | None = None
    options: Sequence[str] = ()
    socketless: bool = False
    extra_dict: dict[str, object] = field(default_factory=dict)


class _Kind:
    def __init__(self, name: str) -> None:
        self.name = name

    def Input(
        self,
        id: str,
        display_name: str | None = None,
        tooltip: str | None = None,
        default: object = None,
        min: int | None = None,
        max: int | None = None,
        step: int | None = None,
        options: Sequence[str] = (),
        socketless: bool = False,
        extra_dict: dict[str, object] | None = None,
    ) -> Slot:
        """An input of this kind."""
        return Slot(self.name, id, display_name, tooltip, default, min, max, step, options, socketless, extra_dict or {})

    def Output(self, id: str | None = None, display_name: str | None = None, tooltip: str | None = None) -> Slot:
        """An output of this kind."""
        return Slot(self.name, id, display_name, tooltip)


Image, Mask, Int, Float = _Kind("IMAGE"), _Kind("MASK"), _Kind("INT"), _Kind("FLOAT")
Combo, String, Tracks = _Kind("COMBO"), _Kind("STRING"), _Kind("TRACKS")


@dataclass(frozen=True)
class Schema:
    """What a node says of itself."""

    node_id: str
    display_name: str = ""
    category: str = ""
    description: str = ""
    inputs: Sequence[Slot] = ()
    outputs: Sequence[Slot] = ()


class NodeOutput:
    """What a run gives: values for the outputs, and what goes to the page."""

    def __init__(self, *args: object, ui: dict[str, object] | None = None) -> None:
        self.args = args
        self.ui = ui


class ComfyNode:
    """Base of a node."""

    @classmethod
    def define_schema(cls) -> Schema:
        """What the node says of itself."""
        raise NotImplementedError
