"""The editor in ComfyUI's page, classic and Nodes 2.0: releases of the frontend on the thin host, and a real ComfyUI:

WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_comfyui.py

WANMOVE_SCREENSHOTS names a folder for a picture of each page at its end.
"""

import json
from typing import Any
from uuid import uuid4

from tests.e2e.comfy_hosts import post
from tests.e2e.comfy_page import FRAMES, VIDEO, ComfyPage


def test_from_drawing_to_a_video_through_a_saved_workflow(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    drawn = comfy.text()
    (layer,) = comfy.layers()
    assert layer["region"]["kind"] == "polygon" and layer["motion"]["path"]["points"][0] == [0, 0]
    assert {key: json.loads(drawn)[key] for key in ("width", "height")} == {"width": 832, "height": 480}, "the picture's size"
    comfy.press("Control+z")
    assert "motion" not in comfy.layers()[0]
    comfy.press("Control+Shift+z")
    assert comfy.text() == drawn
    name = f"drawn {uuid4().hex[:8]}"
    comfy.save_as(name)
    comfy.reload()
    comfy.open_saved(name)
    assert comfy.text() == drawn
    assert comfy.prompt()["2"]["inputs"]["document"] == drawn
    assert comfy.queue() == "execution_success"
    assert len(comfy.shown(FRAMES)["images"]) == 9 and comfy.shown(2)["wanmove_picture"][0]["type"] == "temp"
    (saved,) = comfy.shown(VIDEO)["images"]
    assert saved["filename"].endswith(".mp4")
    assert comfy.plays()


def test_a_workflow_in_the_apis_format_opens_with_its_drawing(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    drawn = comfy.text()
    comfy.page.evaluate("prompt => window.app.loadApiJson(prompt, 'api')", comfy.prompt())
    comfy.settle()
    assert comfy.texts() == [drawn]


def test_one_gesture_is_one_step_of_the_graphs_undo(comfy: ComfyPage) -> None:
    before = comfy.text()
    comfy.draw_and_move()
    comfy.undo_graph()
    assert "motion" not in comfy.layers()[0], "the drag that moved it is taken back first"
    comfy.undo_graph()
    assert comfy.text() in (before, "")


def test_what_a_run_achieved_is_shown_in_the_editor_its_tracks_came_from(comfy: ComfyPage) -> None:
    comfy.draw_and_move()
    comfy.measure_the_draft()
    note, older = (comfy.page.locator(f".wanmove-measured{part}").first for part in ("", "-older"))
    assert not note.is_visible()
    assert comfy.queue() == "execution_success"
    note.wait_for()
    assert "mean error" in note.inner_text() and "% lost" in note.inner_text() and not older.is_visible()
    shown = comfy.measured(2)
    assert shown["measured"]["count"] > 0 and shown["document"] == comfy.text()
    comfy.page.get_by_role("button", name="Full screen").first.click()
    dialog = comfy.page.locator("dialog.wanmove-dialog")
    dialog.locator(".wanmove-measured").wait_for()
    while dialog.count():
        comfy.press("Escape")
    comfy.stage().click(position={"x": 8, "y": 80})
    comfy.press("Control+a", "ArrowRight")
    older.wait_for()
    comfy.press("5")
    assert not note.is_visible()
    comfy.press("5")
    note.wait_for()


def test_keys_in_the_editor_are_not_the_graphs(comfy: ComfyPage) -> None:
    nodes = len(comfy.saved()["nodes"])
    comfy.draw_and_move()
    comfy.press("Control+z")
    assert "motion" not in comfy.layers()[0]
    comfy.press("Control+Shift+z")
    assert "motion" in comfy.layers()[0]
    comfy.press("Delete")
    assert comfy.layers() == []
    assert len(comfy.saved()["nodes"]) == nodes


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


def test_smart_select_outlines_a_thing_and_stays_in_comfyuis_folders(host: str) -> None:
    asked: dict[str, Any] = {"box": [300, 100, 560, 330], "click": None, "strokes": [], "width": 832, "height": 480}
    image = {"filename": "picture.jpg", "subfolder": "", "type": "input"}
    status, answer = post(f"{host}/wanmove/segment", {**asked, "image": image})
    assert status == 200 and len(answer["points"]) >= 3
    outside = ({**image, "filename": "../log.txt"}, {**image, "subfolder": "/etc", "filename": "passwd"}, "/etc/passwd", None)
    for reference in outside:
        status, answer = post(f"{host}/wanmove/segment", {**asked, "image": reference})
        assert status == 400 and "error" in answer
