"""The editor in ComfyUI's page: releases of the frontend on the thin host, and a real ComfyUI where one is installed:

    WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_comfyui.py

WANMOVE_SCREENSHOTS names a folder for a picture of each page at its end.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.comfy_hosts import real_comfyui, thin_host
from tests.e2e.comfy_page import ComfyPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLOOR, NEWEST = "1.42.8", "1.58.1"
REAL = pytest.param("ComfyUI", marks=pytest.mark.comfy)


@pytest.fixture(scope="module", params=[NEWEST, REAL])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running host."""
    folder = tmp_path_factory.mktemp("host")
    with real_comfyui(folder) if request.param == "ComfyUI" else thin_host(request.param, folder) as url:
        yield url


@pytest.fixture(params=["classic", "Nodes 2.0"])
def comfy(request: pytest.FixtureRequest, browser: "Browser", host: str) -> Iterator[ComfyPage]:
    """The page with the tests' workflow open."""
    _post(f"{host}/api/settings/Comfy.TutorialCompleted", True)
    # ComfyUI greets with a workflow of core nodes, most of which the thin host does not have.
    _post(f"{host}/api/settings/Comfy.Workflow.ShowMissingNodesWarning", False)
    _post(f"{host}/api/settings/Comfy.VueNodes.Enabled", request.param == "Nodes 2.0")
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened = ComfyPage(page)
    opened.open(host)
    opened.load()
    yield opened
    if folder := os.environ.get("WANMOVE_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{request.node.name.replace(' ', '_').replace('/', '_')}.png")
    context.close()
    assert errors == []


@pytest.mark.parametrize("host", [NEWEST, FLOOR, REAL], indirect=True, scope="module")
def test_from_drawing_to_frames_and_through_a_saved_workflow(comfy: ComfyPage, host: str) -> None:
    comfy.draw_and_move()
    drawn = comfy.text()
    (layer,) = comfy.layers()
    assert layer["region"]["kind"] == "polygon" and layer["motion"]["path"]["points"][0] == [0, 0]
    assert {key: json.loads(drawn)[key] for key in ("width", "height")} == {"width": 832, "height": 480}, "the picture's size"
    assert comfy.queue() == "execution_success"
    assert len(comfy.shown(4)["images"]) == 9 and comfy.shown(2)["wanmove_picture"][0]["type"] == "temp"
    comfy.load(comfy.saved())
    assert comfy.text() == drawn
    assert comfy.prompt()["2"]["inputs"]["document"] == drawn
    comfy.page.evaluate("prompt => window.app.loadApiJson(prompt, 'api')", comfy.prompt())
    comfy.settle()
    texts = "window.app.graph.nodes.filter(n => n.type === 'TrajectoryEditor').map(n => n.widgets.at(-1).value)"
    assert comfy.page.evaluate(f"() => {texts}") == [drawn]


def test_one_gesture_is_one_step_of_the_graphs_undo(comfy: ComfyPage) -> None:
    before = comfy.text()
    comfy.draw_and_move()
    comfy.undo_graph()
    assert "motion" not in comfy.layers()[0], "the drag that moved it is taken back first"
    comfy.undo_graph()
    assert comfy.text() in (before, "")


def test_keys_in_the_editor_are_not_the_graphs(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    comfy.press("Control+z")
    assert "motion" not in comfy.layers()[0]
    comfy.press("Control+Shift+z")
    assert "motion" in comfy.layers()[0]
    comfy.press("Delete")
    assert comfy.layers() == []
    assert comfy.page.evaluate("() => window.app.graph.nodes.length") == 4


def test_full_screen_shares_the_document_and_is_one_step_of_the_graph(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    drawn = comfy.text()
    comfy.page.get_by_role("button", name="Full screen").first.click()
    dialog = comfy.page.locator("dialog.wanmove-dialog")
    dialog.locator("canvas").first.wait_for()
    comfy.press("Control+a", "Control+d")
    for _ in range(6):
        if dialog.count():
            comfy.press("Escape")
    assert dialog.count() == 0
    assert len(comfy.layers()) == 2
    comfy.undo_graph()
    assert comfy.text() == drawn


def test_removed_nodes_leave_no_listener_behind(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    assert comfy.living() > 0
    comfy.page.evaluate("() => window.app.graph.clear()")
    comfy.page.wait_for_timeout(200)
    assert comfy.living() == 0


def test_what_is_wrong_is_said_on_the_page_and_nothing_else_breaks(comfy: ComfyPage) -> None:
    assert comfy.queue() == "execution_error", "nothing is drawn yet"
    comfy.draw_and_move()
    assert comfy.queue() == "execution_success"


def test_smart_select_outlines_a_thing_and_stays_in_comfyuis_folders(host: str) -> None:
    asked: dict[str, Any] = {"box": [300, 100, 560, 330], "click": None, "strokes": [], "width": 832, "height": 480}
    image = {"filename": "picture.jpg", "subfolder": "", "type": "input"}
    status, answer = _post(f"{host}/wanmove/segment", {**asked, "image": image})
    assert status == 200 and len(answer["points"]) >= 3
    outside = ({**image, "filename": "../log.txt"}, {**image, "subfolder": "/etc", "filename": "passwd"}, "/etc/passwd", None)
    for reference in outside:
        status, answer = _post(f"{host}/wanmove/segment", {**asked, "image": reference})
        assert status == 400 and "error" in answer


def _post(url: str, body: object) -> tuple[int, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")
