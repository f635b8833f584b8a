"""Layers taken hold of on the stage: moved, turned and grown, at the start and later; the camera; the anchor."""

import math

import pytest

from tests.e2e.driver import Editor

BOX = {"region": {"kind": "rectangle", "box": [100, 100, 80, 60]}}
OTHER = {"region": {"kind": "disc", "centre": [400, 200], "radius": 40}}
POLYGON = {"region": {"kind": "polygon", "points": [[300, 200], [400, 200], [400, 300], [300, 300]]}}


def test_at_the_start_a_drag_moves_the_region_and_nothing_else(editor: Editor):
    editor.load(BOX)
    editor.drag((140, 130), (150, 170))
    assert editor.layers() == [{"region": {"kind": "rectangle", "box": [110, 140, 80, 60]}}]
    assert editor.steps() == 1


def test_later_a_drag_says_where_the_layer_goes(editor: Editor):
    editor.load(BOX)
    editor.go_to(1)
    editor.drag((140, 130), (340, 180))
    assert editor.layers() == [{**BOX, "motion": {"path": {"points": [[0, 0], [200, 50]]}}}]
    editor.go_to(0.5)
    editor.drag((240, 155), (240, 255))
    path = editor.motion()["path"]
    assert path["points"] == [[0, 0], [100, 125], [200, 50]]
    assert path["times"] == [0, 0.5, 1]


def test_shift_holds_a_drag_to_an_axis_or_a_diagonal(editor: Editor):
    editor.load(BOX)
    editor.drag((140, 130), (240, 140), shift=True)
    assert editor.layers()[0]["region"]["box"] == [200, 100, 80, 60]
    editor.drag((240, 130), (280, 180), shift=True)
    assert editor.layers()[0]["region"]["box"] == pytest.approx([245, 145, 80, 60])


def test_a_lassoed_region_is_turned_by_its_handle_at_a_later_moment(editor: Editor):
    editor.tool("lasso")
    editor.drag((300, 200), (400, 200), (400, 300), (300, 300), (300, 201), steps=8)
    assert editor.state("state.progress") == 1
    x, y = editor.handle("rotate")
    assert y < 200
    pivot = anchor(editor)
    reach = math.dist((x, y), pivot)
    editor.drag((x, y), (pivot[0] + reach / math.sqrt(2), pivot[1] - reach / math.sqrt(2)), (pivot[0] + reach, pivot[1]))
    [layer] = editor.layers()
    assert layer["region"]["kind"] == "polygon"
    (start, end) = layer["motion"]["rotation"]
    assert start == [0, 0]
    assert end[0] == 1
    assert end[1] == pytest.approx(90, abs=1.5)
    assert editor.steps() == 2


def test_shift_turns_in_steps_of_fifteen_degrees(editor: Editor):
    editor.load(POLYGON)
    editor.select(0)
    editor.go_to(1)
    x, y = editor.handle("rotate")
    reach = 250 - y
    angle = math.radians(50)
    editor.drag((x, y), (350 + reach * math.sin(angle), 250 - reach * math.cos(angle)), shift=True)
    assert editor.motion()["rotation"] == [[0, 0], [1, 45]]


def test_at_the_start_the_corner_of_the_box_scales_the_region_and_the_opposite_corner_stays(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    editor.drag(editor.handle("scale", 4), (260, 220))
    assert editor.layers() == [{"region": {"kind": "rectangle", "box": [100, 100, 160, 120]}}]
    editor.drag(editor.handle("scale", 3), (280, 160))
    assert editor.layers()[0]["region"]["box"] == [100, 100, 180, 120]


def test_later_the_corner_of_the_box_sets_a_scale_key(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    editor.go_to(1)
    editor.drag(editor.handle("scale", 4), (220, 190))
    assert editor.layers() == [{**BOX, "motion": {"scale": [[0, 1], [1, 2]]}}]


def test_the_radius_of_a_disc_has_a_handle(editor: Editor):
    editor.load(OTHER)
    editor.select(0)
    x, y = editor.handle("radius")
    editor.drag((x, y), (400 + 2 * (x - 400), 200 + 2 * (y - 200)))
    region = editor.layers()[0]["region"]
    assert region["centre"] == [400, 200]
    assert region["radius"] == pytest.approx(80, abs=0.01)


def test_the_anchor_of_a_layer_that_turns_is_moved_and_the_layer_turns_about_it(editor: Editor):
    editor.load({**BOX, "motion": {"rotation": [[0, 0], [1, 90]]}})
    editor.select(0)
    assert editor.handle("anchor") == (140, 130)
    editor.drag((140, 130), (100, 100))
    assert editor.motion() == {"rotation": [[0, 0], [1, 90]], "anchor": [100, 100]}


def test_a_click_selects_shift_adds_and_a_click_on_nothing_lets_go(editor: Editor):
    editor.load(BOX, OTHER)
    editor.click((140, 130))
    assert editor.state("state.selection.layers") == [0]
    editor.page.keyboard.down("Shift")
    editor.click((400, 200))
    assert editor.state("state.selection.layers") == [0, 1]
    editor.click((140, 130))
    editor.page.keyboard.up("Shift")
    assert editor.state("state.selection.layers") == [1]
    editor.click((600, 400))
    assert editor.state("state.selection.layers") == []
    assert editor.steps() == 0


def test_a_rectangle_over_empty_ground_selects_what_it_touches(editor: Editor):
    editor.load(BOX, OTHER)
    editor.drag((50, 50), (150, 150))
    assert editor.state("state.selection.layers") == [0]
    editor.drag((50, 50), (420, 250))
    assert editor.state("state.selection.layers") == [0, 1]


def test_several_layers_are_moved_together_as_one_step(editor: Editor):
    editor.load(BOX, OTHER)
    editor.select(0, 1)
    editor.go_to(1)
    editor.drag((140, 130), (160, 130))
    assert [layer["motion"]["path"]["points"] for layer in editor.layers()] == [[[0, 0], [20, 0]]] * 2
    assert editor.steps() == 1


def test_tab_goes_through_what_lies_over_each_other(editor: Editor):
    editor.load(BOX, {"region": {"kind": "disc", "centre": [140, 130], "radius": 30}}, OTHER)
    editor.page.mouse.move(*editor.on_page((140, 130)))
    seen = []
    for key in ["Tab", "Tab", "Tab", "Shift+Tab"]:
        editor.press(key)
        seen.append(editor.state("state.selection.layers"))
    assert seen == [[1], [0], [1], [0]]


def test_a_locked_layer_is_not_hit(editor: Editor):
    editor.load({**BOX, "locked": True})
    editor.drag((140, 130), (200, 130))
    assert editor.document()["layers"][0]["region"] == BOX["region"]
    assert editor.state("state.selection.layers") == []


def test_dragging_with_the_camera_tool_makes_a_camera_that_pans(editor: Editor):
    editor.tool("camera")
    editor.drag((400, 240), (440, 250))
    assert editor.layers() == [{"region": {"kind": "frame"}, "motion": {"path": {"points": [[0, 0], [40, 10]]}}}]
    assert editor.state("state.progress") == 1
    editor.drag((500, 240), (490, 240))
    assert editor.motion()["path"]["points"] == [[0, 0], [30, 10]]
    assert len(editor.layers()) == 1


def test_the_handles_around_the_picture_zoom_and_roll_the_camera(editor: Editor):
    editor.tool("camera")
    editor.drag(editor.handle("scale", 4), (416 + 416 * 1.5, 240 + 240 * 1.5))
    assert editor.motion() == {"scale": [[0, 1], [1, 1.5]]}
    editor.press("Control+z")
    x, y = editor.handle("rotate")
    editor.drag((x, y), (x + 60, y), shift=True)
    [[_, first], [_, last]] = editor.motion()["rotation"]
    assert (first, last) == (0, 15)


def test_escape_in_the_middle_of_a_drag_puts_everything_back(editor: Editor):
    editor.load(BOX)
    with editor.held_down((140, 130), (300, 300)):
        assert editor.state("state.document !== state.committed.document")
        editor.press("Escape")
        assert editor.state("state.document === state.committed.document")
    assert editor.document()["layers"] == [BOX]
    assert editor.steps() == 0


def test_losing_the_pointer_in_the_middle_of_a_drag_puts_everything_back(editor: Editor):
    editor.load(BOX)
    with editor.held_down((140, 130), (300, 300)):
        assert editor.state("state.gesture.kind") == "drag"
        editor.page.evaluate(
            """() => {
              const captured = [...document.querySelectorAll('[role=application] *')].filter(one => one.hasPointerCapture(1));
              captured[0].releasePointerCapture(1);
            }"""
        )
        editor.page.mouse.move(*editor.on_page((310, 300)))
        assert editor.state("[state.gesture.kind, state.document === state.committed.document]") == ["none", True]
    assert editor.document()["layers"] == [BOX]
    assert editor.steps() == 0


def anchor(editor: Editor) -> tuple[float, float]:
    """What the first layer turns about, in pixels of the picture."""
    x, y = editor.page.evaluate(
        """async () => {
          const { anchorOf } = await import(new URL("js/model/motion.js", location.href));
          const { document } = window.wanmoveEditor.store.state();
          return anchorOf(document, document.layers[0]);
        }"""
    )
    return x, y
