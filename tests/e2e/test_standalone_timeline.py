"""Keys, bars, spans, depth and speed edited in the timeline with the pointer and the keyboard."""

from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import Editor, Place

if TYPE_CHECKING:
    from playwright.sync_api import Locator

MOVING = {
    "name": "walker",
    "region": {"kind": "rectangle", "box": [100, 100, 80, 60]},
    "motion": {"path": {"points": [[0, 0], [100, 0], [200, 0]]}, "rotation": [[0, 0], [0.5, 45], [1, 90]]},
}
STILL = {"name": "stone", "region": {"kind": "disc", "centre": [400, 200], "radius": 40}}


def row(editor: Editor, index: int) -> "Locator":
    """The timeline's row of a layer."""
    found = editor.page.locator(f'.wanmove-row[data-layer="{index}"]')
    found.wait_for()
    return found


def middle(part: "Locator", down: float = 0.5) -> Place:
    """Of an element, on the page; ``down`` of its height, because keys lie over the middle of a bar's ends."""
    part.scroll_into_view_if_needed()
    box = part.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * down


def frame_width(editor: Editor) -> float:
    """CSS pixels that a frame takes on the lanes."""
    box = editor.page.locator(".wanmove-ruler .wanmove-lane-inner").bounding_box()
    assert box
    return box["width"] / 80


def pull(editor: Editor, part: "Locator", across: float, down: float = 0, held_at: float = 0.5) -> None:
    """Drag an element by CSS pixels."""
    editor.settle()
    x, y = middle(part, held_at)
    mouse = editor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + across, y + down, steps=3)
    mouse.up()


def test_a_key_is_dragged_to_another_frame_as_one_step(editor: Editor):
    editor.load(MOVING)
    key = row(editor, 0).locator('[data-track="rotation"][data-index="1"]')
    pull(editor, key, 20 * frame_width(editor))
    assert editor.motion()["rotation"] == [[0, 0], [0.75, 45], [1, 90]]
    assert editor.state("state.selection.key") == {"layer": 0, "track": "rotation", "index": 1}
    assert editor.steps() == 1


def test_a_point_of_the_path_is_dragged_in_time(editor: Editor):
    editor.load({**MOVING, "motion": {"path": {"points": [[0, 0], [100, 0], [200, 0]]}}})
    key = row(editor, 0).locator('[data-track="path"][data-index="1"]')
    pull(editor, key, -20 * frame_width(editor))
    assert editor.motion()["path"] == {"points": [[0, 0], [100, 0], [200, 0]], "times": [0, 0.25, 1]}


def test_a_selected_key_is_deleted_by_the_delete_key(editor: Editor):
    editor.load(MOVING)
    row(editor, 0).locator('[data-track="rotation"][data-index="1"]').click()
    editor.press("Delete")
    assert editor.motion()["rotation"] == [[0, 0], [1, 90]]


def test_a_double_click_on_an_opened_track_adds_a_key_with_the_value_of_that_moment(editor: Editor):
    editor.load({**MOVING, "motion": {"rotation": [[0, 0], [1, 90]]}})
    layer = row(editor, 0)
    layer.locator('[data-act="graph"]').click()
    lane = layer.locator('.wanmove-tracks [data-track="rotation"] .wanmove-lane-inner').first
    lane.wait_for()
    editor.settle()
    box = lane.bounding_box()
    assert box
    editor.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert editor.motion()["rotation"] == [[0, 0], [0.5, 45], [1, 90]]


def test_the_key_i_sets_keys_at_the_playhead(editor: Editor):
    editor.load({**MOVING, "motion": {"rotation": [[0, 0], [1, 90]]}})
    editor.select(0)
    editor.go_to(0.25)
    editor.press("i")
    motion = editor.motion()
    assert motion["rotation"] == [[0, 0], [0.25, 22.5], [1, 90]]
    assert motion["scale"] == [[0, 1], [0.25, 1]]


def test_the_ends_of_the_bar_trim_the_motion_and_the_bar_shifts_it(editor: Editor):
    editor.load(MOVING)
    frame = frame_width(editor)
    layer = row(editor, 0)
    pull(editor, layer.locator('[data-part="start"]'), 8 * frame, held_at=0.1)
    assert editor.motion()["timing"] == {"start": 0.1}
    pull(editor, layer.locator('[data-part="end"]'), -16 * frame, held_at=0.1)
    assert editor.motion()["timing"] == {"start": 0.1, "end": 0.8}
    x, y = middle(layer.locator('[data-part="bar"]'))
    editor.page.mouse.move(x + 5 * frame, y + 5)
    editor.page.mouse.down()
    editor.page.mouse.move(x + 13 * frame, y + 5, steps=3)
    editor.page.mouse.up()
    assert editor.motion()["timing"] == pytest.approx({"start": 0.2, "end": 0.9})
    assert editor.steps() == 3


def test_what_is_hidden_is_made_by_x_and_its_edge_dragged(editor: Editor):
    editor.load(STILL)
    editor.select(0)
    editor.go_to(0.5)
    editor.press("x")
    assert editor.layers()[0]["visible"][0][0] == 0
    hidden_from = editor.layers()[0]["visible"][0][1]
    assert hidden_from == pytest.approx(0.5, abs=1 / 80)
    pull(editor, row(editor, 0).locator('[data-part="span"]').first, -20 * frame_width(editor))
    assert editor.layers()[0]["visible"] == [[0, 0.25]]
    editor.press("Control+z", "Control+z")
    assert "visible" not in editor.layers()[0]


def test_a_row_dragged_above_another_changes_the_depth(editor: Editor):
    editor.load(MOVING, STILL)
    assert [row["name"] for row in editor.document()["layers"]] == ["walker", "stone"]
    pull(editor, row(editor, 0).locator('[data-part="name"]'), 0, -40)
    assert [row["name"] for row in editor.layers()] == ["stone", "walker"]
    assert editor.state("state.selection.layers") == [1]


def test_the_handles_of_the_speed_graph_bend_the_easing(editor: Editor):
    editor.load(MOVING)
    layer = row(editor, 0)
    layer.locator('[data-act="graph"]').click()
    handle = layer.locator('.wanmove-bezier-handle[data-handle="0"]')
    handle.wait_for()
    editor.settle()
    pull(editor, handle, 20 * frame_width(editor))
    easing = editor.motion()["timing"]["easing"]
    assert easing[0] == pytest.approx(0.25, abs=0.02)
    assert easing[1:] == pytest.approx([0, 1, 1], abs=0.02)
    assert editor.steps() == 1


def test_eye_and_lock_are_steps_like_others(editor: Editor):
    editor.load(MOVING)
    layer = row(editor, 0)
    layer.locator('[data-act="eye"]').click()
    layer.locator('[data-act="lock"]').click()
    assert {key: editor.layers()[0][key] for key in ("enabled", "locked")} == {"enabled": False, "locked": True}
    editor.press("Control+z", "Control+z")
    assert editor.document()["layers"] == [MOVING]


def test_a_name_is_changed_by_a_double_click(editor: Editor):
    editor.load(MOVING)
    row(editor, 0).locator('[data-part="name"]').dblclick()
    editor.page.keyboard.type("runner")
    editor.press("Enter")
    assert editor.layers()[0]["name"] == "runner"


def test_the_ruler_moves_the_playhead_to_whole_frames_and_steps_by_keys(editor: Editor):
    editor.load(MOVING)
    box = editor.page.locator(".wanmove-ruler .wanmove-lane-inner").bounding_box()
    assert box
    editor.page.mouse.click(box["x"] + box["width"] * 0.5 + 2, box["y"] + 8)
    assert editor.state("state.progress") == 0.5
    editor.focus()
    editor.press(".", "PageDown")
    assert editor.state("state.progress * 80") == pytest.approx(44)
    editor.press(",", "PageUp")
    assert editor.state("state.progress * 80") == pytest.approx(40)
    editor.select(0)
    editor.press(">")
    assert editor.state("state.progress") == 1
    editor.press("<", "<")
    assert editor.state("state.progress") == 0
    assert editor.steps() == 0


def test_keys_and_edges_move_with_the_arrows_and_each_press_is_a_step(editor: Editor):
    editor.load(MOVING)
    row(editor, 0).locator('[data-part="end"]').focus()
    editor.press("Shift+ArrowLeft")
    assert editor.motion()["timing"] == pytest.approx({"end": 0.95})
    row(editor, 0).locator('[data-track="rotation"][data-index="1"]').focus()
    editor.press("ArrowRight")
    assert editor.motion()["rotation"][1][0] > 0.5
    assert editor.steps() == 2
    row(editor, 0).locator('[data-part="name"]').focus()
    editor.press("F2")
    editor.page.keyboard.type("x")
    editor.press("Escape")
    assert editor.layers()[0]["name"] == "walker"
