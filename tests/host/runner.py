"""Executes prompts: what ComfyUI's executor tells the page, in the same order, one node after another."""

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.host import core_nodes

Prompt = Mapping[str, Mapping[str, Any]]
Tell = Callable[[str, dict[str, Any]], None]


class Interrupted(BaseException):
    """Somebody asked the run to stop; like ComfyUI's, no ``Exception``."""


@dataclass
class Runner:
    """Nodes of the pack by id, and what has been made so far."""

    nodes: Mapping[str, Any]
    folder: Path
    made: dict[str, core_nodes.Result] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """what each kept result was made from"""
    stop: bool = False

    def definitions(self) -> dict[str, Any]:
        """``/object_info``."""
        module = {"python_module": "custom_nodes.ComfyUI-WanMove"}
        ours = {name: {**node.define_schema().as_info(), **module} for name, node in self.nodes.items()}
        return {**core_nodes.definitions(self.folder), **ours}

    def errors(self, prompt: Prompt) -> dict[str, Any]:
        """Errors by node, as ``/prompt`` answers them; empty where it can run."""
        known = self.definitions()
        found = {}
        for name, node in prompt.items():
            errors = _input_errors(known[node["class_type"]], node["inputs"])
            if errors:
                found[name] = {"errors": errors, "dependent_outputs": [], "class_type": node["class_type"]}
        return found

    def run(self, prompt: Prompt, prompt_id: str, tell: Tell) -> None:
        """Execute what the output nodes need; ``tell`` sends a message to the page."""
        self.stop = False
        order = _order(prompt, [name for name, node in prompt.items() if self._is_output(node["class_type"])])
        kept = [name for name in order if self.keys.get(name) == _key(prompt, name)]
        tell("execution_start", {"prompt_id": prompt_id})
        tell("execution_cached", {"nodes": kept, "prompt_id": prompt_id})
        for name in order:
            about = {"node": name, "display_node": name, "prompt_id": prompt_id}
            try:
                if name not in kept:
                    tell("executing", about)
                    self._check_stop()
                    self.made[name] = self._execute(prompt, name)
                    self.keys[name] = _key(prompt, name)
            except Interrupted:
                tell("execution_interrupted", {**_place(prompt, name, prompt_id), "executed": []})
                return
            except Exception as error:
                told = {"exception_message": f"{error}\n", "exception_type": type(error).__name__}
                lines = traceback.format_exc().splitlines()
                tell("execution_error", {**_place(prompt, name, prompt_id), **told, "traceback": lines, "executed": []})
                return
            if self.made[name].shown:
                tell("executed", {**about, "output": self.made[name].shown})
        tell("execution_success", {"prompt_id": prompt_id})
        tell("executing", {"node": None, "prompt_id": prompt_id})

    def _execute(self, prompt: Prompt, name: str) -> core_nodes.Result:
        node = prompt[name]
        inputs = {key: self._value(value) for key, value in node["inputs"].items()}
        if node["class_type"] not in self.nodes:
            return core_nodes.run(node["class_type"], inputs, self.folder)
        accepted = inspect.signature(self.nodes[node["class_type"]].execute).parameters
        output = self.nodes[node["class_type"]].execute(**{key: value for key, value in inputs.items() if key in accepted})
        return core_nodes.Result(output.args, output.ui or {})

    def _value(self, value: object) -> object:
        """An input's value: of a link [node, slot] what that node made."""
        if isinstance(value, list) and len(value) == 2 and str(value[0]) in self.made:
            return self.made[str(value[0])].values[int(value[1])]
        return value

    def _is_output(self, kind: str) -> bool:
        return bool(self.definitions()[kind].get("output_node"))

    def _check_stop(self) -> None:
        if self.stop:
            raise Interrupted


def _order(prompt: Prompt, wanted: list[str]) -> list[str]:
    """The wanted nodes and all that they need, each after what it needs."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        for source in _sources(prompt[name]):
            visit(source)
        order.append(name)

    for name in wanted:
        visit(name)
    return order


def _sources(node: Mapping[str, Any]) -> list[str]:
    return [str(value[0]) for value in node["inputs"].values() if isinstance(value, list) and len(value) == 2]


def _key(prompt: Prompt, name: str) -> str:
    """What a node's result depends on: its own inputs and those of all before it."""
    before = [_key(prompt, source) for source in _sources(prompt[name])]
    return repr((prompt[name]["class_type"], sorted(prompt[name]["inputs"].items(), key=lambda item: item[0]), before))


def _place(prompt: Prompt, name: str, prompt_id: str) -> dict[str, Any]:
    return {"prompt_id": prompt_id, "node_id": name, "node_type": prompt[name]["class_type"]}


def _input_errors(definition: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = []
    for name, said in definition["input"].get("required", {}).items():
        value = inputs.get(name)
        if name not in inputs:
            errors.append(_error("required_input_missing", "Required input is missing", name))
        elif isinstance(said[0], list) and not isinstance(value, list) and value not in said[0]:
            errors.append(_error("value_not_in_list", "Value not in list", name))
        elif said[0] == "INT" and isinstance(value, int) and not said[1]["min"] <= value <= said[1]["max"]:
            errors.append(_error("value_bigger_than_max", "Value is out of its limits", name))
    return errors


def _error(kind: str, message: str, name: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": name, "extra_info": {"input_name": name}}
