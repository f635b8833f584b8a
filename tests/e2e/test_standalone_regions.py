"""Regions drawn by hand on the standalone page: each tool that makes one, and what the document file says then."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.e2e.driver import DISC, FLAG, HEIGHT, TOOLS, WIDTH, Editor

AROUND = [(210, 110), (460, 290)]
"""a box around disc and flag"""


def covered(points: list[list[float]]) -> "np.ndarray":
    """Pixels inside a polygon."""
    picture = Image.new("1", (WIDTH, HEIGHT))
    ImageDraw.Draw(picture).polygon([(x, y) for x, y in points], fill=1)
    return np.asarray(picture)


def overlap(points: list[list[float]], with_flag: bool = False) -> float:
    """Of a polygon with the disc in the picture: intersection over union."""
    across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    thing = np.hypot(across + 0.5 - DISC[0], down + 0.5 - DISC[1]) <= DISC[2]
    left, top, right, bottom = FLAG
    if with_flag:
        thing[top:bottom, left:right] = True
    polygon = covered(points)
    return float((thing & polygon).sum() / (thing | polygon).sum())


@pytest.mark.parametrize(
    "tool, places, region",
    [
        ("rectangle", [(100, 120), (260, 200)], {"kind": "rectangle", "box": [100, 120, 160, 80]}),
        ("rectangle", [(260, 200), (100, 120)], {"kind": "rectangle", "box": [100, 120, 160, 80]}),
        ("disc", [(200, 150), (230, 190)], {"kind": "disc", "centre": [200, 150], "radius": 50}),
    ],
)
def test_rectangle_and_disc_are_drawn_by_dragging_and_the_playhead_goes_to_the_end(editor: Editor, tool, places, region):
    editor.tool(tool)
    editor.drag(*places)
    assert editor.layers() == [{"region": region}]
    assert editor.state("[state.tool, state.progress, state.selection.layers]") == ["select", 1, [0]]
    assert editor.steps() == 1


@pytest.mark.parametrize(
    "tool, region",
    [
        ("rectangle", {"kind": "rectangle", "box": [268, 168, 64, 64]}),
        ("disc", {"kind": "disc", "centre": [300, 200], "radius": 32}),
    ],
)
def test_a_click_makes_a_region_of_a_usual_size(editor: Editor, tool, region):
    editor.tool(tool)
    editor.click((300, 200))
    assert editor.layers() == [{"region": region}]


def test_every_tool_has_a_button_that_does_what_its_key_does(editor: Editor):
    for name in [*TOOLS, "select"]:
        editor.page.locator(f'[data-command="tool.{name}"]').click()
        assert editor.state("state.tool") == name
        assert editor.page.locator('[data-command^="tool."][aria-pressed="true"]').count() == 1
        editor.tool("select")
        editor.tool(name)
        assert editor.state("state.tool") == name


def test_shift_makes_the_rectangle_a_square(editor: Editor):
    editor.tool("rectangle")
    editor.drag((100, 100), (180, 130), shift=True)
    assert editor.layers()[0]["region"] == {"kind": "rectangle", "box": [100, 100, 80, 80]}


def test_the_lasso_follows_the_outline_that_was_drawn(editor: Editor):
    editor.tool("lasso")
    editor.drag((100, 100), (300, 100), (300, 200), (100, 200), (100, 102), steps=8)
    region = editor.layers()[0]["region"]
    assert region["kind"] == "polygon"
    inside = covered(region["points"])
    assert len(region["points"]) <= 8
    assert abs(int(inside.sum()) - 200 * 100) < 600


def test_a_lasso_without_an_inside_makes_nothing_and_says_so(editor: Editor):
    editor.tool("lasso")
    editor.drag((100, 100), (140, 100), (100, 100), steps=4)
    assert editor.document()["layers"] == []
    editor.page.locator(".wanmove-toast").wait_for()


def test_the_brush_paints_a_line_with_the_radius_that_the_brackets_set(editor: Editor):
    editor.press("k", "]", "]")
    assert editor.state("state.options.brushRadius") == 25
    editor.press("[")
    editor.drag((100, 300), (300, 300), steps=8)
    assert editor.layers() == [{"region": {"kind": "brush", "points": [[100, 300], [300, 300]], "radius": 20}}]


def test_a_pin_is_a_point_by_a_click_and_a_rectangle_by_a_drag_and_the_tool_stays(editor: Editor):
    editor.tool("pin")
    editor.click((50, 60))
    editor.drag((400, 300), (480, 340))
    assert editor.layers() == [
        {"region": {"kind": "point", "at": [50, 60]}},
        {"region": {"kind": "rectangle", "box": [400, 300, 80, 40]}},
    ]
    assert editor.state("[state.tool, state.progress]") == ["pin", 0]


def test_pin_everything_else_adds_one_layer_at_the_bottom(editor: Editor):
    editor.tool("disc")
    editor.click((300, 200))
    button = editor.page.locator('[data-command="pin-rest"]')
    button.click()
    assert [layer["region"]["kind"] for layer in editor.layers()] == ["rest", "disc"]
    button.click()
    assert len(editor.layers()) == 2
    assert editor.state("state.notice.kind") == "note"


def test_a_region_outside_the_picture_is_not_made_and_the_page_says_so(editor: Editor):
    editor.tool("rectangle")
    editor.drag((-30, -50), (-10, -20))
    assert editor.document()["layers"] == []
    editor.page.locator(".wanmove-toast").wait_for()


def test_smart_select_by_a_box_finds_the_thing(editor: Editor):
    editor.tool("smart")
    editor.drag(*AROUND)
    editor.wait_state("state.smart?.outline")
    assert editor.document()["layers"] == []
    editor.press("Enter")
    region = editor.layers()[0]["region"]
    assert region["kind"] == "polygon"
    assert overlap(region["points"], with_flag=True) > 0.95
    assert editor.state("[state.tool, state.progress, state.smart]") == ["select", 1, None]


def test_smart_select_by_a_click_finds_the_thing_under_it(editor: Editor):
    editor.tool("smart")
    editor.click(DISC[:2])
    editor.wait_state("state.smart?.outline")
    editor.named("button", "Take the outline").click()
    assert overlap(editor.layers()[0]["region"]["points"]) > 0.95


def test_keep_and_leave_strokes_change_what_smart_select_takes(editor: Editor):
    editor.tool("smart")
    editor.drag(*AROUND)
    editor.wait_state("state.smart?.outline && !state.smart.waiting")
    editor.named("button", "Paint what does not").click()
    editor.drag((395, 200), (430, 200))
    editor.wait_state("state.smart.strokes.length === 1 && !state.smart.waiting")
    assert overlap(editor.state("state.smart.outline")) > 0.95
    editor.named("button", "Paint what belongs to it").click()
    editor.drag((395, 200), (430, 200))
    editor.wait_state("state.smart.strokes.length === 2 && !state.smart.waiting")
    assert overlap(editor.state("state.smart.outline"), with_flag=True) > 0.95
    editor.press("Escape")
    assert editor.state("state.smart") is None
    assert editor.document()["layers"] == []


def test_a_smart_selection_that_finds_nothing_says_what_to_do(editor: Editor):
    editor.tool("smart")
    editor.drag((600, 300), (700, 400))
    editor.wait_state("state.smart && (state.smart.outline || state.smart.error)")
    if editor.state("state.smart.error"):
        assert "keep stroke" in editor.page.locator(".wanmove-smart-words").inner_text()
        editor.forgive("status of 400")
    editor.press("Escape")
    assert editor.document()["layers"] == []
