"""Inputs, outputs and schemas as plain records, and what ComfyUI's ``/object_info`` makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True)
class Slot:
    """One input or output."""

    type: str
    id: str | None = None
    display_name: str | None = None
    tooltip: str | None = None
    optional: bool = False
    extra_dict: dict[str, object] = field(default_factory=dict)
    said: dict[str, object] = field(default_factory=dict)
    """what its kind adds, under the names of ``/object_info``; None is left out there"""

    @property
    def default(self) -> object:
        """The value of the widget before anybody changes it."""
        return self.said.get("default")

    def as_input(self) -> list[object]:
        """The input as ``/object_info`` has it: its type and what is said of it."""
        said = {"display_name": self.display_name, "tooltip": self.tooltip, **self.said, **self.extra_dict}
        return [self.type, {name: value for name, value in said.items() if value is not None}]


Input = Slot
"""what an input's type is called"""


class _Type:
    def __init__(self, name: str) -> None:
        self.io_type = name

    def Output(self, id: str | None = None, display_name: str | None = None, tooltip: str | None = None) -> Slot:
        """An output of this kind."""
        return Slot(self.io_type, id, display_name or id, tooltip)


class _Kind(_Type):
    """A type whose inputs have a socket and no widget."""

    def Input(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        extra_dict: dict[str, object] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
    ) -> Slot:
        """An input of this kind."""
        said: dict[str, object] = {"lazy": lazy, "rawLink": raw_link, "advanced": advanced}
        return Slot(self.io_type, id, display_name, tooltip, optional, extra_dict or {}, said)


class _Whole(_Type):
    def Input(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        *,
        default: int | None = None,
        min: int | None = None,
        max: int | None = None,
        step: int | None = None,
        control_after_generate: bool | None = None,
        advanced: bool | None = None,
    ) -> Slot:
        """A whole number, with its limits."""
        said: dict[str, object] = {"default": default, "min": min, "max": max, "step": step, "advanced": advanced}
        said["control_after_generate"] = control_after_generate
        return Slot(self.io_type, id, display_name, tooltip, optional, {}, said)


class _Number(_Type):
    def Input(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        *,
        default: float | None = None,
        min: float | None = None,
        max: float | None = None,
        step: float | None = None,
        round: float | None = None,
        advanced: bool | None = None,
    ) -> Slot:
        """A number, with its limits."""
        said: dict[str, object] = {"default": default, "min": min, "max": max, "step": step, "advanced": advanced}
        return Slot(self.io_type, id, display_name, tooltip, optional, {}, {**said, "round": round})


class _Flag(_Type):
    def Input(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        *,
        default: bool | None = None,
        advanced: bool | None = None,
    ) -> Slot:
        """A switch."""
        return Slot(self.io_type, id, display_name, tooltip, optional, {}, {"default": default, "advanced": advanced})


class _Text(_Type):
    def Input(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        *,
        multiline: bool = False,
        placeholder: str | None = None,
        default: str | None = None,
        dynamic_prompts: bool | None = None,
        socketless: bool | None = None,
        force_input: bool | None = None,
        extra_dict: dict[str, object] | None = None,
        advanced: bool | None = None,
    ) -> Slot:
        """A text."""
        said: dict[str, object] = {"default": default, "multiline": multiline, "placeholder": placeholder}
        said |= {"dynamicPrompts": dynamic_prompts, "socketless": socketless, "forceInput": force_input, "advanced": advanced}
        return Slot(self.io_type, id, display_name, tooltip, optional, extra_dict or {}, said)


class _Choice(_Type):
    def Input(
        self,
        id: str,
        options: Sequence[str] = (),
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        *,
        default: str | None = None,
        advanced: bool | None = None,
    ) -> Slot:
        """One of some words."""
        said: dict[str, object] = {"default": default, "multiselect": False, "options": list(options), "advanced": advanced}
        return Slot(self.io_type, id, display_name, tooltip, optional, {}, said)


Image, Mask, Video, Latent = _Kind("IMAGE"), _Kind("MASK"), _Kind("VIDEO"), _Kind("LATENT")
Model, Clip, Vae, Conditioning = _Kind("MODEL"), _Kind("CLIP"), _Kind("VAE"), _Kind("CONDITIONING")
ClipVision, ClipVisionOutput, Tracks = _Kind("CLIP_VISION"), _Kind("CLIP_VISION_OUTPUT"), _Kind("TRACKS")
Int, Float, Boolean, String, Combo = _Whole("INT"), _Number("FLOAT"), _Flag("BOOLEAN"), _Text("STRING"), _Choice("COMBO")


def Custom(io_type: str) -> _Kind:
    """A type that a pack brings."""
    return _Kind(io_type)


class DynamicCombo:
    """A choice that brings inputs of its own with each word."""

    Type = dict[str, object]

    @dataclass(frozen=True)
    class Option:
        """A word and the inputs that it brings."""

        key: str
        inputs: Sequence[Slot]

    @staticmethod
    def Input(
        id: str,
        options: "Sequence[DynamicCombo.Option]",
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
    ) -> Slot:
        """One of some words, with what each brings."""
        said = [{"key": option.key, "inputs": inputs_info(option.inputs)} for option in options]
        return Slot("COMFY_DYNAMICCOMBO_V3", id, display_name, tooltip, optional, {}, {"options": said})


class Autogrow:
    """As many inputs of one kind as are connected."""

    Type = dict[str, object]

    @dataclass(frozen=True)
    class TemplatePrefix:
        """Inputs ``prefix`` + 0, 1, 2 …"""

        input: Slot
        prefix: str
        min: int = 1
        max: int = 10

    @staticmethod
    def Input(
        id: str,
        template: "Autogrow.TemplatePrefix",
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
    ) -> Slot:
        """The inputs of a template."""
        said = {"input": inputs_info([template.input]), "prefix": template.prefix, "min": template.min, "max": template.max}
        return Slot("COMFY_AUTOGROW_V3", id, display_name, tooltip, optional, {}, {"template": said})


class Hidden(Enum):
    """What a node may ask the server for."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"


@dataclass(frozen=True)
class Schema:
    """What a node says of itself."""

    node_id: str
    display_name: str = ""
    category: str = ""
    inputs: Sequence[Slot] = ()
    outputs: Sequence[Slot] = ()
    hidden: Sequence[Hidden] = ()
    description: str = ""
    search_aliases: Sequence[str] = ()
    is_output_node: bool = False
    is_experimental: bool = False
    not_idempotent: bool = False
    has_intermediate_output: bool = False

    def as_info(self) -> dict[str, object]:
        """The node as ``/object_info`` has it, without what depends on where the pack lies."""
        asked = [*self.hidden, *((Hidden.prompt, Hidden.extra_pnginfo) if self.is_output_node else ())]
        inputs = inputs_info(self.inputs)
        if asked:
            inputs["hidden"] = {hidden.name: [hidden.value] for hidden in asked}
        return {
            "input": inputs,
            "input_order": {need: list(slots) for need, slots in inputs.items()},
            "is_input_list": False,
            "output": [slot.type for slot in self.outputs],
            "output_is_list": [False for _ in self.outputs],
            "output_name": [slot.display_name or slot.type for slot in self.outputs],
            "output_tooltips": [slot.tooltip for slot in self.outputs],
            "output_matchtypes": None,
            "name": self.node_id,
            "display_name": self.display_name,
            "category": self.category,
            "description": self.description,
            "output_node": self.is_output_node,
            "has_intermediate_output": self.has_intermediate_output,
            "deprecated": False,
            "experimental": self.is_experimental,
            "dev_only": False,
            "api_node": False,
            "price_badge": None,
            "search_aliases": list(self.search_aliases) or None,
            "essentials_category": None,
        }


def inputs_info(inputs: Sequence[Slot]) -> dict[str, dict[str, object]]:
    """Inputs as ``/object_info`` has them, by whether they must be there."""
    found: dict[str, dict[str, object]] = {"required": {}}
    for slot in inputs:
        found.setdefault("optional" if slot.optional else "required", {})[slot.id or ""] = slot.as_input()
    return found


class NodeOutput:
    """What a run gives: values for the outputs, and what goes to the page."""

    def __init__(self, *args: object, ui: dict[str, object] | None = None) -> None:
        self.args = args
        self.ui = ui


@dataclass
class HiddenHolder:
    """What the server told a node."""

    unique_id: str | None = None


class ComfyNode:
    """Base of a node."""

    hidden = HiddenHolder()

    @classmethod
    def define_schema(cls) -> Schema:
        """What the node says of itself."""
        raise NotImplementedError
