"""Numbers and choices of the inspector: typed, scrubbed, stepped, refused."""

from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import Editor

if TYPE_CHECKING:
    from playwright.sync_api import Locator

BOX = {"name": "box", "region": {"kind": "rectangle", "box": [100, 100, 80, 60]}}
WIDE = {"name": "wide", "region": {"kind": "rectangle", "box": [300, 200, 160, 60]}}
TURNING = {**BOX, "motion": {"rotation": [[0, 0], [1, 90]]}}


def field(editor: Editor, name: str) -> "Locator":
    """A number of the inspector."""
    return editor.page.locator(".wanmove-side").get_by_role("spinbutton", name=name, exact=True)


def type_into(editor: Editor, name: str, text: str, end: str = "Enter") -> None:
    """Replace a number by what is typed."""
    field(editor, name).click()
    editor.page.keyboard.type(text)
    editor.press(end)


@pytest.mark.parametrize(
    "name, text, box",
    [
        ("Middle, x", "200", [160, 100, 80, 60]),
        ("Width", "40", [120, 100, 40, 60]),
        ("Height", "10.5", [100, 124.75, 80, 10.5]),
    ],
)
def test_a_typed_number_is_taken_by_enter_as_one_step(editor: Editor, name, text, box):
    editor.load(BOX)
    editor.select(0)
    type_into(editor, name, text)
    assert editor.layers()[0]["region"]["box"] == box
    assert editor.steps() == 1


def test_per_cent_of_the_picture_are_another_way_to_say_pixels(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    editor.named("button", "Pixels or per cent of the picture").click()
    type_into(editor, "Middle, x", "50")
    assert editor.layers()[0]["region"]["box"] == [376, 100, 80, 60]
    editor.named("button", "Pixels or per cent of the picture").click()
    assert field(editor, "Middle, x").input_value() == "416"


def test_text_that_is_no_number_is_refused_and_the_document_stays(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    type_into(editor, "Width", "wide")
    assert field(editor, "Width").get_attribute("aria-invalid") == "true"
    editor.page.get_by_text("“wide” is no number").wait_for()
    editor.press("Escape")
    assert field(editor, "Width").input_value() == "80"
    assert editor.document()["layers"] == [BOX]
    assert editor.steps() == 0


def test_a_number_beyond_its_limit_is_held_there_and_the_limit_said(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    type_into(editor, "Density: tracks in a cell of 8 px", "1000")
    assert editor.layers()[0]["density"] == 64
    editor.page.get_by_text("At most 64").wait_for()


def test_scrubbing_a_number_is_one_step_and_escape_takes_it_back(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    box = field(editor, "Middle, x").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = editor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 25, y, steps=5)
    assert editor.state("state.document.layers[0].region.box[0]") == 125
    assert editor.state("state.committed.document.layers[0].region.box[0]") == 100
    mouse.up()
    assert editor.layers()[0]["region"]["box"] == [125, 100, 80, 60]
    assert editor.steps() == 1
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 40, y, steps=5)
    editor.press("Escape")
    mouse.up()
    assert editor.document()["layers"][0]["region"]["box"] == [125, 100, 80, 60]
    assert editor.steps() == 1


def test_arrow_keys_step_a_number(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    field(editor, "Middle, y").click()
    editor.press("ArrowUp", "ArrowUp", "ArrowDown")
    assert editor.layers()[0]["region"]["box"] == [100, 101, 80, 60]


def test_layers_that_differ_show_a_dash_and_take_what_is_typed_together(editor: Editor):
    editor.load(BOX, WIDE)
    editor.select(0, 1)
    assert field(editor, "Width").input_value() == ""
    assert field(editor, "Width").get_attribute("placeholder") == "–"
    assert field(editor, "Height").input_value() == "60"
    type_into(editor, "Width", "100")
    assert [layer["region"]["box"] for layer in editor.layers()] == [[90, 100, 100, 60], [330, 200, 100, 60]]
    assert editor.steps() == 1


def test_timing_is_set_in_frames_and_in_per_cent(editor: Editor):
    editor.load({**BOX, "motion": {"path": {"points": [[0, 0], [80, 0]]}}})
    editor.select(0)
    type_into(editor, "Start, frame", "20")
    type_into(editor, "End, per cent of the clip", "75")
    assert editor.motion()["timing"] == {"start": 0.25, "end": 0.75}
    editor.page.get_by_label("Repeat", exact=True).select_option("ping-pong")
    type_into(editor, "Cycles", "3")
    editor.page.get_by_label("Backwards").check()
    timing = editor.motion()["timing"]
    assert timing == {"start": 0.25, "end": 0.75, "repeat": "ping-pong", "cycles": 3, "reverse": True}
    assert editor.steps() == 5


def test_keys_are_numbers_that_can_be_typed_added_and_removed(editor: Editor):
    editor.load(TURNING)
    editor.select(0)
    type_into(editor, "Rotation, key 2: value", "-30")
    assert editor.motion()["rotation"] == [[0, 0], [1, -30]]
    editor.go_to(0.5)
    editor.page.locator(".wanmove-side").get_by_role("button", name="Add key at the playhead").first.click()
    assert editor.motion()["rotation"] == [[0, 0], [0.5, -15], [1, -30]]
    type_into(editor, "Rotation, key 2: frame", "60")
    assert editor.motion()["rotation"][1] == [0.75, -15]
    editor.named("button", "Remove key 2").click()
    assert editor.motion()["rotation"] == [[0, 0], [1, -30]]


def test_the_curve_of_a_path_can_be_another_and_the_path_closed_and_cleared(editor: Editor):
    editor.load({**BOX, "motion": {"path": {"points": [[0, 0], [80, 0], [80, 80]]}}})
    editor.select(0)
    editor.page.get_by_label("Curve", exact=True).select_option("catmull-rom")
    assert editor.motion()["path"]["kind"] == "catmull-rom"
    editor.page.locator(".wanmove-side").get_by_role("button", name="Close", exact=True).click()
    assert editor.motion()["path"]["points"] == [[0, 0], [80, 0], [80, 80], [0, 0]]
    editor.page.locator(".wanmove-side").get_by_role("button", name="Clear", exact=True).click()
    assert editor.document()["layers"] == [BOX]


def test_visibility_and_depth_have_buttons(editor: Editor):
    editor.load(BOX, WIDE)
    editor.select(0)
    editor.named("button", "To the top").click()
    assert [layer["name"] for layer in editor.layers()] == ["wide", "box"]
    editor.go_to(0.5)
    editor.named("button", "Hide or show here").click()
    assert editor.layers()[1]["visible"] == [[0, 0.4875], [0.5125, 1]]
    editor.named("button", "Always").click()
    assert "visible" not in editor.layers()[1]


def test_name_group_and_colour_are_kept(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    side = editor.page.locator(".wanmove-side")
    for label, text in (("Name", "door"), ("Group", "house")):
        side.get_by_role("textbox", name=label, exact=True).fill(text)
        editor.press("Enter")
    side.get_by_label("Colour", exact=True).evaluate(
        """input => {
          input.value = "#123456";
          input.dispatchEvent(new Event("input"));
          input.dispatchEvent(new Event("change"));
        }"""
    )
    layer = editor.layers()[0]
    assert [layer["name"], layer["group"], layer["colour"]] == ["door", "house", "#123456"]


def test_the_length_of_the_clip_is_one_more_than_a_multiple_of_four(editor: Editor):
    editor.load(BOX)
    type_into(editor, "Frames", "50")
    editor.wait_state("state.clip.length === 49")
    editor.page.get_by_text("49 frames: lengths are 4k + 1.").wait_for()
    assert editor.document()["layers"] == [BOX]
