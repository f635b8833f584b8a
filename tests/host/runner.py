"""Executes prompts: what ComfyUI's executor tells the page, in the same order, one node after another."""

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import comfy.model_management as management
import comfy.utils

from tests.host import core_nodes
from tests.host.validation import Prompt, Verdict, needs, sources, validate

Tell = Callable[[str, dict[str, Any]], None]


@dataclass
class Runner:
    """Nodes of the pack by id, and what has been made so far."""

    nodes: Mapping[str, Any]
    folder: Path
    made: dict[str, core_nodes.Result] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """what each kept result was made from"""
    history: dict[str, dict[str, Any]] = field(default_factory=dict)
    """the prompts that are over, as ``/history`` has them"""

    def definitions(self) -> dict[str, Any]:
        """``/object_info``."""
        module = {"python_module": "custom_nodes.ComfyUI-WanMove"}
        ours = {name: {**node.define_schema().as_info(), **module} for name, node in self.nodes.items()}
        return {**core_nodes.definitions(self.folder), **ours}

    def validate(self, prompt: Prompt) -> Verdict:
        """What is wrong with a prompt, and what of it can run."""
        return validate(prompt, self.definitions())

    def interrupt(self) -> None:
        """What runs stops when it next asks, as nodes ask ComfyUI."""
        management.interrupted_after = 0

    def run(self, prompt: Prompt, outputs: list[str], prompt_id: str, tell: Tell) -> None:
        """Execute what the output nodes need; ``tell`` sends a message to the page."""
        management.interrupted_after = None
        order = needs(prompt, outputs)
        kept = [name for name in order if self.keys.get(name) == _key(prompt, name)]
        tell("execution_start", {"prompt_id": prompt_id})
        tell("execution_cached", {"nodes": kept, "prompt_id": prompt_id})
        shown: dict[str, Any] = {}
        kind, said = "execution_success", {"prompt_id": prompt_id}
        for name in order:
            about = {"node": name, "display_node": name, "prompt_id": prompt_id}
            end = None if name in kept else self._make(prompt, name, about, tell)
            if end is not None:
                kind, said = end
                break
            if self.made[name].shown:
                shown[name] = self.made[name].shown
                tell("executed", {**about, "output": shown[name]})
        over = {"status_str": "success" if kind == "execution_success" else "error", "messages": [[kind, said]]}
        self.history[prompt_id] = {"outputs": shown, "status": over}
        tell(kind, said)
        tell("executing", {"node": None, "prompt_id": prompt_id})

    def _make(self, prompt: Prompt, name: str, about: dict[str, Any], tell: Tell) -> tuple[str, dict[str, Any]] | None:
        """Execute a node; the message that ends the run if it did not succeed."""
        place = {"prompt_id": about["prompt_id"], "node_id": name, "node_type": prompt[name]["class_type"], "executed": []}
        comfy.utils.listener = lambda value, most: tell("progress", {**about, "value": value, "max": most})
        tell("executing", about)
        try:
            management.throw_exception_if_processing_interrupted()
            self.made[name] = self._execute(prompt[name])
            self.keys[name] = _key(prompt, name)
        except management.InterruptProcessingException:
            return "execution_interrupted", place
        except Exception as error:
            told = {"exception_message": f"{error}\n", "exception_type": type(error).__name__}
            return "execution_error", {**place, **told, "traceback": traceback.format_exc().splitlines()}
        return None

    def _execute(self, node: Mapping[str, Any]) -> core_nodes.Result:
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


def _key(prompt: Prompt, name: str) -> str:
    """What a node's result depends on: its own inputs and those of all before it."""
    before = [_key(prompt, source) for source in sources(prompt[name])]
    return repr((prompt[name]["class_type"], sorted(prompt[name]["inputs"].items(), key=lambda item: item[0]), before))
