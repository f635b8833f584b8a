"""The editor's node copied, inside a subgraph, and queued without a page; workflow files of before."""

import json
from pathlib import Path

import pytest

from tests.comfy.record_object_info import GOLDEN
from tests.e2e.comfy_hosts import finished, post
from tests.e2e.comfy_page import EDITOR, FRAMES, ComfyPage

OLD = Path(__file__).parents[1] / "golden" / "workflows"


def test_a_copied_node_has_the_drawing_and_goes_its_own_way(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    drawn = comfy.text()
    comfy.click_title(EDITOR)
    comfy.press("Control+c")
    comfy.page.mouse.move(200, 700)
    comfy.press("Control+v")
    comfy.page.wait_for_function("() => document.querySelectorAll('.wanmove-editor').length === 2")
    assert comfy.texts() == [drawn, drawn]
    comfy.stage().click()
    comfy.press("Control+a", "Delete")
    assert [len(json.loads(text)["layers"]) for text in comfy.texts()] == [1, 0]
    comfy.press("Control+z")
    assert comfy.texts() == [drawn, drawn]
    assert comfy.queue() == "execution_success"


def test_inside_a_subgraph_one_draws_saves_and_queues(comfy: ComfyPage) -> None:
    comfy.click_title(EDITOR)
    comfy.command("Comfy.Graph.ConvertToSubgraph")
    comfy.enter_subgraph()
    comfy.page.get_by_text("No picture yet").wait_for(state="detached")
    comfy.draw_and_move()
    (drawn,) = comfy.texts()
    assert len(json.loads(drawn)["layers"]) == 1
    comfy.leave_subgraph()
    comfy.load_without_editor(comfy.saved())
    (editor,) = [node for node in comfy.prompt().values() if node["class_type"] == "TrajectoryEditor"]
    assert editor["inputs"]["document"] == drawn
    assert comfy.queue() == "execution_success"
    assert len(comfy.shown(FRAMES)["images"]) == 9
    comfy.enter_subgraph()
    assert comfy.texts() == [drawn]


def test_the_api_format_runs_by_itself(comfy: ComfyPage, host: str) -> None:
    comfy.draw_and_move()
    status, answer = post(f"{host}/api/prompt", {"prompt": json.loads(json.dumps(comfy.prompt()))})
    assert status == 200, answer
    over = finished(host, answer["prompt_id"])
    assert over["status"]["status_str"] == "success"
    assert len(over["outputs"][str(FRAMES)]["images"]) == 9


@pytest.mark.parametrize("file", sorted(OLD.glob("*.workflow.json")), ids=lambda path: path.name.split(".")[0])
def test_an_old_workflow_is_queued_as_it_was(comfy: ComfyPage, file: Path) -> None:
    comfy.load(json.loads(file.read_text(encoding="utf-8")))
    expected = json.loads(file.with_name(file.name.replace(".workflow.", ".prompt.")).read_text(encoding="utf-8"))
    prompt = comfy.prompt()
    assert prompt.keys() == expected.keys()
    for name, node in expected.items():
        queued = prompt[name]
        assert queued["class_type"] == node["class_type"]
        assert {key: queued["inputs"].get(key) for key in node["inputs"]} == node["inputs"], "a newer input may be there, too"


def test_every_node_of_the_pack_is_in_an_old_workflow() -> None:
    promised = set(json.loads(GOLDEN.read_text(encoding="utf-8")))
    prompts = [json.loads(file.read_text(encoding="utf-8")) for file in OLD.glob("*.prompt.json")]
    there = {node["class_type"] for prompt in prompts for node in prompt.values()}
    assert promised - there == set(), "record them: python -m tests.e2e.record_workflow"
