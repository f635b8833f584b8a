"""What goes wrong on ComfyUI's page is said there, on its node, and nothing else breaks: the same graph, mended, runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.comfy_page import EDITOR, WORKFLOW, ComfyPage
from wanmove_core.demo.assets import DOCUMENT

ENGINE = Path(__file__).with_name("engine_workflow.json")
"""the demo model: 1 picture, 2 editor, 3 Load Wan-Move, 4 guide, 5 sampler, 6 Preview Image"""
LOADER, SAMPLER = 3, 5
MANY_STEPS = 500


def opened(path: Path, **widgets: Any) -> Any:
    """A workflow with other values of widgets: ``widget_2_4=value`` is the fifth of node 2."""
    workflow = json.loads(path.read_text(encoding="utf-8"))
    nodes = {node["id"]: node for node in workflow["nodes"]}
    for place, value in widgets.items():
        _, node, index = place.split("_")
        nodes[int(node)]["widgets_values"][int(index)] = value
    return workflow


def another_shape(text: str) -> str:
    """The drawing as if made on a picture of 512 x 512."""
    return json.dumps({**json.loads(text), "width": 512, "height": 512})


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        pytest.param(lambda text: "{", "The document is not JSON", id="no JSON"),
        pytest.param(lambda text: '{"version": 99}', "99", id="from the future"),
        pytest.param(another_shape, "Connect the picture that they were drawn on", id="a picture of another shape"),
        pytest.param(lambda text: "", "Draw around a thing", id="nothing drawn"),
    ],
)
def test_a_document_that_cannot_be_used_is_named_on_the_editor(
    comfy: ComfyPage, break_it: Callable[[str], str], said: str
) -> None:
    drawn = DOCUMENT.read_text(encoding="utf-8")
    comfy.load(opened(WORKFLOW, widget_2_4=break_it(drawn)))
    assert not comfy.is_marked(EDITOR)
    assert comfy.queue() == "execution_error"
    assert said in comfy.complaint()
    assert comfy.is_marked(EDITOR)
    comfy.set_widget(EDITOR, "document", drawn)
    assert comfy.queue() == "execution_success"
    assert not comfy.is_marked(EDITOR)


def test_a_model_file_that_is_gone_is_named_on_the_loader(comfy: ComfyPage) -> None:
    comfy.load(opened(ENGINE, widget_3_1="gone.safetensors"))
    assert comfy.queue() == "refused"
    assert "gone.safetensors" in comfy.complaint()
    assert comfy.is_marked(LOADER)
    comfy.set_widget(LOADER, "vae", "embedded demo model")
    assert comfy.queue() == "execution_success"
    assert not comfy.is_marked(LOADER)


def test_an_interruption_stops_the_sampler_within_a_step_and_the_next_run_works(comfy: ComfyPage) -> None:
    comfy.load(opened(ENGINE, widget_2_1=224, widget_2_2=128, widget_5_3=MANY_STEPS))
    asked, reached = comfy.queue_and_interrupt(SAMPLER, 2)
    assert 2 <= asked <= reached <= asked + 1
    comfy.set_widget(SAMPLER, "steps", 1)
    assert comfy.queue() == "execution_success"
