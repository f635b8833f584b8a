"""Paths drawn by hand on the standalone page: points, pen, pencil and record, and what the document file says then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.driver import Editor, Place

BOX = {"region": {"kind": "rectangle", "box": [100, 100, 80, 60]}}
POINT = {"region": {"kind": "point", "at": [100, 300]}}


def test_clicks_of_the_points_tool_become_one_layer_with_a_smooth_path_and_one_step(editor: Editor):
    editor.tool("points")
    for place in [(100, 100), (200, 100), (300, 200)]:
        editor.click(place)
    assert editor.document()["layers"] == []
    editor.press("Enter")
    assert editor.layers() == [
        {
            "region": {"kind": "point", "at": [100, 100]},
            "motion": {"path": {"kind": "catmull-rom", "points": [[0, 0], [100, 0], [200, 100]]}},
        }
    ]
    assert editor.steps() == 1


def test_points_are_added_to_the_path_of_the_selected_layer_by_a_later_session_of_clicks(editor: Editor):
    editor.load({**POINT, "motion": {"path": {"points": [[0, 0], [50, 0]]}}})
    editor.select(0)
    editor.tool("points")
    editor.click((220, 340))
    editor.press("Enter")
    assert editor.motion()["path"] == {"points": [[0, 0], [50, 0], [120, 40]]}


def test_a_double_click_ends_a_path_without_a_point_twice(editor: Editor):
    editor.tool("points")
    editor.click((100, 100))
    editor.double_click((200, 100))
    assert editor.motion()["path"]["points"] == [[0, 0], [100, 0]]
    assert editor.state("state.gesture.kind") == "none"


def test_dragging_with_the_pen_pulls_both_handles_of_a_point(editor: Editor):
    editor.tool("pen")
    editor.click((100, 100))
    editor.drag((200, 100), (250, 130))
    editor.click((300, 200))
    editor.press("Enter")
    assert editor.motion()["path"] == {
        "kind": "bezier",
        "points": [[0, 0], [100, 0], [200, 100]],
        "handles": [[0, 0, 0, 0], [-50, -30, 50, 30], [0, 0, 0, 0]],
    }


def test_a_bezier_handle_can_be_dragged_and_its_partner_stays_in_line_until_control_is_held(editor: Editor):
    handles = [[0, 0, 0, 0], [-50, 0, 50, 0], [0, 0, 0, 0]]
    path = {"kind": "bezier", "points": [[0, 0], [100, 0], [200, 0]], "handles": handles}
    editor.load({**POINT, "motion": {"path": path}})
    editor.select(0)
    editor.click((200, 300))
    assert editor.state("state.selection.points") == [1]
    editor.drag((250, 300), (200, 350))
    turned = editor.motion()["path"]["handles"][1]
    assert turned == [0, -50, 0, 50]
    editor.page.keyboard.down("Control")
    editor.drag((200, 350), (230, 350))
    editor.page.keyboard.up("Control")
    assert editor.motion()["path"]["handles"][1] == [0, -50, 30, 50]


@pytest.mark.parametrize("at_the_start", [True, False])
def test_a_pencil_stroke_becomes_the_path_of_the_selected_layer(editor: Editor, at_the_start):
    editor.load(BOX)
    editor.select(0)
    editor.go_to(0 if at_the_start else 1)
    editor.tool("pencil")
    editor.drag((140, 130), (240, 130), (340, 230), steps=10)
    layers = editor.layers()
    assert layers[0]["region"] == BOX["region"]
    points = layers[0]["motion"]["path"]["points"]
    assert points[-1][0] - points[0][0] == pytest.approx(200, abs=2)
    assert points[-1][1] - points[0][1] == pytest.approx(100, abs=2)
    assert len(points) <= 6
    assert editor.steps() == 1


def test_a_pencil_stroke_over_nothing_makes_a_point_that_follows_it(editor: Editor):
    editor.tool("pencil")
    editor.drag((400, 100), (500, 100), steps=10)
    [layer] = editor.layers()
    assert layer["region"] == {"kind": "point", "at": [400, 100]}
    first, *_, last = layer["motion"]["path"]["points"]
    assert [last[0] - first[0], last[1] - first[1]] == [100, 0]


def test_a_recording_keeps_when_the_pointer_was_where(editor: Editor):
    set_clip(editor, length=33, fps=2)  # 16 seconds
    editor.load(BOX)
    editor.select(0)
    editor.tool("record")
    with recording(editor) as send:
        send("mousePressed", (140, 130), 0)
        editor.wait_state("state.playing && state.progress > 0")
        send("mouseMoved", (140, 131), 6)
        send("mouseMoved", (240, 130), 8)
        send("mouseMoved", (240, 210), 16 * 0.75)
        send("mouseReleased", (240, 210), 16 * 0.75)
    path = editor.motion()["path"]
    assert path["times"][0] == 0
    assert path["times"][-1] == 1
    assert editor.state("[state.playing, state.gesture.kind]") == [False, "none"]
    assert editor.steps() == 1
    for progress, place in ((0.25, (0, 0)), (0.5, (100, 0)), (0.75, (100, 80)), (1, (100, 80))):
        assert walked(editor, progress) == pytest.approx(place, abs=2.5)


def test_a_recording_ends_by_itself_where_the_clip_ends(editor: Editor):
    set_clip(editor, length=33, fps=2)
    editor.tool("record")
    with recording(editor) as send:
        send("mousePressed", (140, 130), 0)
        send("mouseMoved", (240, 130), 8)
        send("mouseMoved", (240, 230), 16.1)
        assert editor.state("[state.playing, state.gesture.kind]") == [False, "none"]
        send("mouseMoved", (400, 400), 17)
        send("mouseReleased", (400, 400), 18)
    [layer] = editor.layers()
    assert layer["region"] == {"kind": "point", "at": [140, 130]}
    assert layer["motion"]["path"]["points"][-1] == [100, 100]
    assert editor.steps() == 1


def test_a_point_of_a_path_is_dragged_deleted_and_put_in_by_a_double_click(editor: Editor):
    editor.load({**POINT, "motion": {"path": {"points": [[0, 0], [100, 0], [200, 0]]}}})
    editor.select(0)
    editor.drag((200, 300), (210, 350))
    assert editor.motion()["path"]["points"] == [[0, 0], [110, 50], [200, 0]]
    editor.double_click((255, 325))
    points = editor.motion()["path"]["points"]
    assert points[2] == [155, 25]
    assert len(points) == 4
    editor.press("Delete")
    assert editor.motion()["path"]["points"] == [[0, 0], [110, 50], [200, 0]]
    assert editor.steps() == 3


def test_shift_holds_a_new_point_of_a_path_to_an_eighth_of_a_turn(editor: Editor):
    editor.tool("points")
    editor.click((100, 100))
    editor.page.keyboard.down("Shift")
    editor.click((300, 110))
    editor.click((400, 190))
    editor.page.keyboard.up("Shift")
    editor.press("Enter")
    points = editor.motion()["path"]["points"]
    assert points[:2] == [[0, 0], [200, 0]]
    assert points[2] == pytest.approx([295, 95], abs=0.01)


def test_another_tool_keeps_an_unfinished_path(editor: Editor):
    editor.tool("points")
    editor.click((100, 100))
    editor.click((200, 100))
    editor.tool("select")
    assert editor.motion()["path"]["points"] == [[0, 0], [100, 0]]


@contextmanager
def recording(editor: Editor) -> Iterator[Callable[[str, Place, float], None]]:
    """Sends the mouse's events at moments of their own, seconds from now, so that nobody has to wait for the clip."""
    session, now = editor.page.context.new_cdp_session(editor.page), time.time()

    def send(kind: str, place: Place, second: float) -> None:
        x, y = editor.on_page(place)
        pressed = {"button": "left", "buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1}
        session.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pressed, "timestamp": now + second})

    yield send
    session.detach()


def set_clip(editor: Editor, length: int, fps: float) -> None:
    """A shorter clip."""
    editor.page.evaluate(
        """([length, fps]) => {
          const { store, setClip } = window.wanmoveEditor;
          setClip({ ...store.state().clip, length, fps });
        }""",
        [length, fps],
    )


def walked(editor: Editor, progress: float) -> list[float]:
    """How far the first layer has gone at a moment."""
    return editor.page.evaluate(
        """async progress => {
          const { affineAt } = await import(new URL("js/model/motion.js", location.href));
          const { document } = window.wanmoveEditor.store.state();
          const [, , x, , , y] = affineAt(document, document.layers[0], progress);
          return [x, y];
        }""",
        progress,
    )
