"""Undo and redo over everything, the clipboard, groups, presets, the view, and a whole session by the keyboard."""

import json
from typing import Literal

import pytest

from tests.e2e.driver import CORNER, Editor

BOX = {"region": {"kind": "rectangle", "box": [100, 100, 80, 60]}}
OTHER = {"region": {"kind": "disc", "centre": [400, 200], "radius": 40}}
MOVED = {**BOX, "motion": {"path": {"points": [[0, 0], [200, 0]]}}}


def test_every_gesture_is_one_step_back_to_nothing_and_forward_again(editor: Editor):
    def do(*acts):
        for act in acts:
            act()
        documents.append(editor.text())
        assert editor.steps() == len(documents) - 1, f"step {len(documents) - 1}"

    documents = [editor.text()]
    do(lambda: editor.tool("rectangle"), lambda: editor.drag((100, 100), (180, 160)))
    do(lambda: editor.drag((140, 130), (300, 200)))
    do(lambda: editor.tool("disc"), lambda: editor.drag((500, 100), (540, 100)))
    do(lambda: editor.drag(editor.handle("rotate"), (600, 100)))
    do(lambda: editor.press("Control+d"))
    do(lambda: editor.press("Shift+ArrowRight"))
    do(lambda: editor.press("Delete"))
    do(
        lambda: editor.tool("points"),
        *[lambda x=x: editor.click((x, 400)) for x in (100, 200, 300)],
        lambda: editor.press("Enter"),
    )
    do(lambda: editor.tool("pencil"), lambda: editor.drag((600, 300), (700, 350), steps=6))
    do(lambda: editor.press("x"))
    do(lambda: editor.press("i"))
    do(lambda: editor.press("Control+a", "g"))
    do(lambda: apply_preset(editor, "sway"))
    do(lambda: editor.page.locator('[data-command="pin-rest"]').click())
    do(lambda: editor.tool("camera"), lambda: editor.drag((700, 450), (660, 440)))

    for wanted in reversed(documents[:-1]):
        editor.press("Control+z")
        assert editor.text() == wanted
    editor.press("Control+z")
    assert editor.layers() == []
    for wanted in documents[1:]:
        editor.press("Control+Shift+z")
        assert editor.text() == wanted
    editor.press("Control+y")
    assert editor.saved() == json.loads(documents[-1])


def test_undo_and_redo_have_buttons_and_revert_is_a_step(editor: Editor):
    editor.load(BOX)
    editor.drag((140, 130), (150, 130))
    undo, redo, revert = (editor.page.locator(f'[data-command="{name}"]') for name in ("undo", "redo", "revert"))
    undo.click()
    assert editor.document()["layers"] == [BOX]
    assert undo.get_attribute("aria-disabled") == "true"
    redo.click()
    assert editor.layers()[0]["region"]["box"][0] == 110
    revert.click()
    assert editor.layers() == [BOX]
    editor.press("Control+z")
    assert editor.layers()[0]["region"]["box"][0] == 110


def test_an_edit_after_undo_forgets_what_was_undone(editor: Editor):
    editor.load(BOX)
    editor.drag((140, 130), (150, 130))
    editor.press("Control+z")
    editor.drag((140, 130), (140, 150))
    editor.press("Control+y")
    assert editor.layers()[0]["region"]["box"] == [100, 120, 80, 60]


def test_copy_paste_cut_duplicate_and_delete(editor: Editor):
    editor.load(MOVED)
    editor.select(0)
    editor.press("Control+c", "Control+v")
    first, second = editor.layers()
    assert first == MOVED
    assert second["motion"] == MOVED["motion"]
    assert second["region"]["box"][2:] == [80, 60]
    assert second["region"]["box"][:2] != [100, 100]
    assert editor.state("state.selection.layers") == [1]
    editor.press("Control+d")
    assert len(editor.layers()) == 3
    editor.press("Delete")
    assert len(editor.layers()) == 2
    editor.press("Control+a")
    assert editor.state("state.selection.layers") == [0, 1]
    editor.press("Control+x")
    assert editor.layers() == []
    editor.press("Control+v")
    assert len(editor.layers()) == 2
    assert editor.steps() == 5


def test_the_clipboard_is_text_that_another_editor_can_paste(editor: Editor):
    editor.load(MOVED)
    editor.select(0)
    editor.page.keyboard.down("Control")
    copied = editor.page.evaluate(
        """() => {
          const clipboardData = new DataTransfer();
          const event = new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(event);
          return clipboardData.getData("text/plain");
        }"""
    )
    assert json.loads(copied)["layers"] == [MOVED]
    text = json.dumps({"version": 1, "width": 832, "height": 480, "layers": [OTHER]})
    editor.page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    editor.page.keyboard.up("Control")
    assert [layer["region"]["kind"] for layer in editor.layers()] == ["rectangle", "disc"]


def test_a_group_is_selected_and_moved_as_one_and_dissolved(editor: Editor):
    editor.load(BOX, OTHER)
    editor.press("Control+a", "g")
    first, second = editor.layers()
    assert first["group"] == second["group"] != ""
    editor.select()
    editor.drag((140, 130), (150, 140))
    assert [layer["region"].get("box", layer["region"].get("centre"))[:2] for layer in editor.layers()] == [
        [110, 110],
        [410, 210],
    ]
    editor.press("Shift+g")
    assert not any("group" in layer for layer in editor.layers())


def test_presets_are_applied_from_the_menu_and_stay_editable(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    apply_preset(editor, "roll")
    apply_preset(editor, "sway")
    motion = editor.motion()
    assert motion["rotation"] == [[0, 0], [1, 15]]
    assert motion["components"] == [{"kind": "sway"}]
    amplitude = editor.page.locator(".wanmove-component").get_by_role("spinbutton").first
    amplitude.click()
    editor.page.keyboard.type("40")
    editor.press("Enter")
    assert editor.motion()["components"] == [{"kind": "sway", "amplitude": 40}]
    assert editor.steps() == 3


def test_a_preset_with_nothing_selected_is_for_the_camera(editor: Editor):
    editor.load(BOX)
    apply_preset(editor, "zoom")
    assert [(layer["region"]["kind"], layer.get("motion")) for layer in editor.layers()] == [
        ("rectangle", None),
        ("frame", {"scale": [[0, 1], [1, 1.3]]}),
    ]


@pytest.mark.parametrize(
    "name",
    ["pan", "zoom", "dolly", "roll", "orbit", "pendulum", "sway", "wave", "gravity", "spring", "breathe", "explode", "shake"],
)
def test_each_preset_makes_a_region_move(editor: Editor, name):
    editor.load(BOX)
    editor.select(0)
    apply_preset(editor, name)
    assert editor.motion() != {}
    assert editor.steps() == 1


def test_the_wheel_zooms_about_the_pointer(editor: Editor):
    editor.page.mouse.move(*editor.on_page((400, 200)))
    before = editor.on_page((400, 200))
    editor.page.mouse.wheel(0, -200)
    editor.wait_state("state.viewport.scale > 1.2")
    assert editor.on_page((400, 200)) == pytest.approx(before, abs=0.01)
    editor.press("0")
    assert editor.state("state.viewport.scale") == pytest.approx(
        editor.state("Math.min(state.stage[0] / (832 * 1.4), state.stage[1] / (480 * 1.4))")
    )


def test_middle_button_space_and_hand_move_the_view_and_leave_the_document_alone(editor: Editor):
    editor.load(BOX)
    page = editor.page
    wanted = list(CORNER)
    ways: list[tuple[str, Literal["left", "middle"]]] = [("", "middle"), ("space", "left"), ("hand", "left")]
    for start, button in ways:
        x, y = editor.on_page((140, 130))
        if start == "space":
            page.keyboard.down("Space")
        if start == "hand":
            editor.tool("hand")
        page.mouse.move(x, y)
        page.mouse.down(button=button)
        page.mouse.move(x + 30, y - 20, steps=3)
        page.mouse.up(button=button)
        if start == "space":
            page.keyboard.up("Space")
        wanted = [wanted[0] + 30, wanted[1] - 20]
        assert editor.state("[state.viewport.x, state.viewport.y, state.viewport.scale]") == [*wanted, 1], start or button
    assert editor.state("state.playing") is False
    assert editor.document()["layers"] == [BOX]


def test_the_zoom_tool_comes_nearer_goes_away_and_fits_a_rectangle(editor: Editor):
    editor.tool("zoom")
    editor.click((400, 200))
    assert editor.state("state.viewport.scale") == 2
    editor.page.keyboard.down("Shift")
    editor.click((400, 200))
    editor.page.keyboard.up("Shift")
    assert editor.state("state.viewport") == {"scale": 1, "x": CORNER[0], "y": CORNER[1]}
    editor.drag((300, 100), (500, 200))
    width, height = editor.state("state.stage")
    assert editor.state("state.viewport.scale") == pytest.approx(min(width / 200, height / 100))
    assert editor.document()["layers"] == []


def test_overlays_are_switched_by_their_keys_and_drawn_without_a_complaint(editor: Editor):
    editor.load(MOVED, OTHER)
    editor.go_to(0.5)
    for key, name in (("1", "dots"), ("2", "warp"), ("3", "model"), ("4", "coverage")):
        before = editor.state(f"state.overlays.{name}")
        editor.press(key)
        editor.settle()
        assert editor.state(f"state.overlays.{name}") is not before
        assert editor.page.locator(f'[data-command="overlay.{name}"]').get_attribute("aria-pressed") == str(not before).lower()


def test_the_clip_plays_in_its_own_time_and_stops(editor: Editor):
    editor.load(MOVED)
    editor.press(" ")
    editor.wait_state("state.playing && state.progress > 0.05")
    editor.press(" ")
    assert editor.state("state.playing") is False
    stood = editor.state("state.progress")
    editor.settle()
    assert editor.state("state.progress") == stood


def apply_preset(editor: Editor, name: str) -> None:
    """By the menu."""
    editor.page.locator('[data-command="presets"]').click()
    editor.page.locator(f'[data-preset="{name}"]').click()
