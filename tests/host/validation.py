"""What is wrong with a prompt before anything runs, in ComfyUI's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Prompt = Mapping[str, Mapping[str, Any]]
Definitions = Mapping[str, Mapping[str, Any]]
GROWING = "COMFY_AUTOGROW"
"""the type of an input that has none of its own name, but as many others as are connected"""


@dataclass(frozen=True)
class Verdict:
    """What may run of a prompt."""

    outputs: list[str]
    """output nodes that have all they need"""
    errors: dict[str, Any]
    """by node, as ``/prompt`` answers them"""


def validate(prompt: Prompt, known: Definitions) -> Verdict:
    """Like ComfyUI: an output node is left out if a node before it has an error."""
    wanted = [name for name, node in prompt.items() if known[node["class_type"]].get("output_node")]
    needed = {name: needs(prompt, [name]) for name in wanted}
    errors: dict[str, Any] = {}
    for name in {name: None for names in needed.values() for name in names}:
        node = prompt[name]
        found = list(_input_errors(known[node["class_type"]], node["inputs"]))
        if found:
            after = [output for output in wanted if name in needed[output]]
            errors[name] = {"errors": found, "dependent_outputs": after, "class_type": node["class_type"]}
    return Verdict([name for name in wanted if not errors.keys() & needed[name]], errors)


def needs(prompt: Prompt, wanted: list[str]) -> list[str]:
    """The wanted nodes and all that they need, each after what it needs."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        for source in sources(prompt[name]):
            visit(source)
        order.append(name)

    for name in wanted:
        visit(name)
    return order


def sources(node: Mapping[str, Any]) -> list[str]:
    """The nodes that a node is linked to."""
    return [str(value[0]) for value in node["inputs"].values() if isinstance(value, list) and len(value) == 2]


def _input_errors(definition: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, said in definition["input"].get("required", {}).items():
        kind, options = said[0], said[1] if len(said) > 1 else {}
        choices = options.get("options") if kind == "COMBO" else kind
        value = inputs.get(name)
        if name not in inputs and not str(kind).startswith(GROWING):
            yield _error("required_input_missing", "Required input is missing", name, name)
        elif isinstance(choices, list) and not isinstance(value, list) and value not in choices:
            yield _error("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {choices}", name)
        elif isinstance(value, int | float) and kind in ("INT", "FLOAT"):
            yield from _limit_errors(name, value, options)


def _limit_errors(name: str, value: float, limits: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    if "min" in limits and value < limits["min"]:
        yield _error("value_smaller_than_min", f"Value {value} smaller than min of {limits['min']}", name, name)
    if "max" in limits and value > limits["max"]:
        yield _error("value_bigger_than_max", f"Value {value} bigger than max of {limits['max']}", name, name)


def _error(kind: str, message: str, details: str, name: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {"input_name": name}}
