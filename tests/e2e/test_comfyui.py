"""The editor in a real ComfyUI, in both renderers of its page. Needs a ComfyUI that somebody has installed:

WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_comfyui.py
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.comfy

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "wanmove_core" / "demo" / "picture.jpg"
WORKFLOW = Path(__file__).parent / "workflow.json"
START_SECONDS = 120


@dataclass(frozen=True)
class Comfy:
    """A running ComfyUI and its folders."""

    url: str
    folder: Path


@pytest.fixture(scope="module")
def comfy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comfy]:
    """ComfyUI on a free port, with folders of its own and this pack in them."""
    program = os.environ.get("WANMOVE_COMFYUI")
    if not program:
        pytest.skip("WANMOVE_COMFYUI names no ComfyUI")
    folder = tmp_path_factory.mktemp("comfyui")
    for name in ("input", "custom_nodes", "output", "temp", "models", "user"):
        (folder / name).mkdir()
    shutil.copy(PICTURE, folder / "input" / "picture.jpg")
    (folder / "custom_nodes" / "ComfyUI-WanMove").symlink_to(ROOT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = os.environ.get("WANMOVE_COMFYUI_PYTHON", sys.executable)
    arguments = ["--cpu", "--port", str(port), "--disable-auto-launch", "--base-directory", str(folder)]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen([python, "main.py", *arguments], cwd=program, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/api/object_info/TrajectoryEditor", process, folder / "log.txt")
        yield Comfy(url, folder)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(params=["classic", "Nodes 2.0"])
def page(request: pytest.FixtureRequest, browser: "Browser", comfy: Comfy) -> Iterator["Page"]:
    """ComfyUI's page with the workflow open."""
    _set(comfy, "Comfy.TutorialCompleted", True)
    _set(comfy, "Comfy.VueNodes.Enabled", request.param == "Nodes 2.0")
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(comfy.url)
    page.wait_for_function("() => window.app?.extensionManager && window.app.graph")
    page.keyboard.press("Escape")
    page.evaluate("workflow => window.app.loadGraphData(workflow)", json.loads(WORKFLOW.read_text()))
    page.wait_for_selector(".wanmove-editor canvas")
    page.wait_for_timeout(500)
    yield page
    if folder := os.environ.get("WANMOVE_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/comfyui_{request.param.replace(' ', '_')}_{request.node.originalname}.png")
    context.close()
    assert errors == []


def test_the_picture_upstream_is_there_before_any_run_and_a_drawn_region_moves(page: "Page", comfy: Comfy) -> None:
    draw_and_move(page)
    drawn = json.loads(document_of(page))
    assert [layer["region"]["kind"] for layer in drawn["layers"]] == ["polygon"]
    assert (drawn["width"], drawn["height"]) == (832, 480)
    assert drawn["layers"][0]["motion"]["path"]["points"][0] == [0, 0]


def test_a_queued_workflow_gets_tracks_of_what_was_drawn(page: "Page", comfy: Comfy) -> None:
    draw_and_move(page)
    finished = "() => new Promise(done => window.app.api.addEventListener('execution_success', () => done(true), {once: true}))"
    page.evaluate("() => { window.wanmoveDone = (" + finished + ")(); window.app.queuePrompt(0); }")
    page.evaluate("() => window.wanmoveDone")
    history = json.loads(_get(f"{comfy.url}/api/history"))
    outputs = max(history.values(), key=lambda run: run["prompt"][0])["outputs"]
    assert outputs["4"]["images"], "the core node that draws TRACKS made a picture of ours"
    assert outputs["2"]["wanmove_picture"][0]["type"] == "temp"


def test_one_gesture_is_one_step_of_the_graphs_undo(page: "Page", comfy: Comfy) -> None:
    before = document_of(page)
    draw_and_move(page)
    assert len(json.loads(document_of(page))["layers"]) == 1
    page.evaluate(
        "async () => { const t = window.app.extensionManager.workflow.activeWorkflow.changeTracker; await t.undo(); }"
    )
    page.wait_for_selector(".wanmove-editor canvas")
    region_only = json.loads(document_of(page))
    assert "motion" not in region_only["layers"][0], "the drag that moved it is taken back first"
    page.evaluate(
        "async () => { const t = window.app.extensionManager.workflow.activeWorkflow.changeTracker; await t.undo(); }"
    )
    page.wait_for_timeout(300)
    assert document_of(page) in (before, "")


def test_keys_in_the_editor_are_not_the_graphs(page: "Page", comfy: Comfy) -> None:
    draw_and_move(page)
    page.keyboard.press("Control+z")
    page.wait_for_timeout(200)
    assert "motion" not in json.loads(document_of(page))["layers"][0]
    page.keyboard.press("Control+Shift+z")
    page.wait_for_timeout(200)
    assert "motion" in json.loads(document_of(page))["layers"][0]
    page.keyboard.press("Delete")
    page.wait_for_timeout(200)
    assert json.loads(document_of(page))["layers"] == []
    assert page.evaluate("() => window.app.graph.nodes.length") == 4


def test_the_document_survives_copy_save_and_load(page: "Page", comfy: Comfy) -> None:
    draw_and_move(page)
    drawn = document_of(page)
    saved = page.evaluate("() => JSON.parse(JSON.stringify(window.app.graph.serialize()))")
    page.evaluate("workflow => window.app.loadGraphData(workflow)", saved)
    page.wait_for_selector(".wanmove-editor canvas")
    assert document_of(page) == drawn
    prompt = page.evaluate("async () => (await window.app.graphToPrompt()).output")
    assert prompt["2"]["inputs"]["document"] == drawn
    page.evaluate("prompt => window.app.loadApiJson(prompt, 'api')", prompt)
    page.wait_for_timeout(500)
    texts = page.evaluate(
        "() => window.app.graph.nodes.filter(n => n.type === 'TrajectoryEditor')"
        ".map(n => n.widgets.find(w => w.name === 'document').value)"
    )
    assert texts == [drawn]


def test_the_full_screen_editor_shares_the_document_and_closes_on_escape(page: "Page", comfy: Comfy) -> None:
    draw_and_move(page)
    drawn = document_of(page)
    page.get_by_role("button", name="Full screen").first.click()
    dialog = page.locator("dialog.wanmove-dialog")
    dialog.locator("canvas").first.wait_for()
    if folder := os.environ.get("WANMOVE_SCREENSHOTS"):
        page.wait_for_timeout(500)
        page.screenshot(path=f"{folder}/comfyui_dialog.png")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    for _ in range(6):
        if dialog.count():
            page.keyboard.press("Escape")
            page.wait_for_timeout(100)
    assert dialog.count() == 0
    assert len(json.loads(document_of(page))["layers"]) == 2
    page.evaluate(
        "async () => { const t = window.app.extensionManager.workflow.activeWorkflow.changeTracker; await t.undo(); }"
    )
    page.wait_for_timeout(300)
    assert document_of(page) == drawn, "all that was done full screen is one step of the graph"


def test_removed_nodes_leave_no_listener_behind(page: "Page", comfy: Comfy) -> None:
    draw_and_move(page)
    page.evaluate("() => window.app.graph.clear()")
    page.wait_for_timeout(200)
    living = "async () => (await import('/extensions/ComfyUI-WanMove/editor/lifetime.js')).countLiving()"
    assert page.evaluate(living) == 0


def test_smart_select_outlines_a_thing_and_stays_in_comfyuis_folders(page: "Page", comfy: Comfy) -> None:
    asked: dict[str, Any] = {"box": [300, 100, 560, 330], "click": None, "strokes": [], "width": 832, "height": 480}
    image = {"filename": "picture.jpg", "subfolder": "", "type": "input"}
    status, answer = _post(f"{comfy.url}/wanmove/segment", {**asked, "image": image})
    assert status == 200 and len(answer["points"]) >= 3
    for reference in (
        {**image, "filename": "../log.txt"},
        {**image, "subfolder": "/etc", "filename": "passwd"},
        "/etc/passwd",
        None,
    ):
        status, answer = _post(f"{comfy.url}/wanmove/segment", {**asked, "image": reference})
        assert status == 400 and "error" in answer


def draw_and_move(page: "Page") -> None:
    """Lasso a square in the middle of the stage, then drag it to the right."""
    stage = stage_of(page)
    box = stage.bounding_box()
    assert box
    x, y, side = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 24
    page.mouse.click(x, y)
    page.keyboard.press("l")
    page.mouse.move(x - side, y - side)
    page.mouse.down()
    for dx, dy in ((side, -side), (side, side), (-side, side), (-side, -side)):
        page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 2 * side, y, steps=6)
    page.mouse.up()
    page.wait_for_timeout(100)


def undo_graph(page: "Page") -> None:
    """ComfyUI's own undo, as Ctrl+Z outside the editor."""
    page.evaluate("() => window.app.extensionManager.workflow.activeWorkflow.changeTracker.undo()")
    page.wait_for_selector(".wanmove-editor canvas")
    page.wait_for_timeout(300)


def stage_of(page: "Page") -> "Locator":
    """The stage of the editor in the node."""
    return page.locator(".wanmove-editor canvas").last


def document_of(page: "Page") -> str:
    """The value of the document's widget."""
    return page.evaluate("() => window.app.graph.getNodeById(2).widgets.find(w => w.name === 'document').value")


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            _get(url)
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    pytest.fail(f"ComfyUI did not start:\n{log.read_text()[-3000:]}")


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def _post(url: str, body: object) -> tuple[int, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def _set(comfy: Comfy, name: str, value: object) -> None:
    _post(f"{comfy.url}/api/settings/{name}", value)
