"""Fingers and pens, as Chromium's own input events."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import CORNER, Editor, Place, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

BOX = {"region": {"kind": "rectangle", "box": [100, 100, 80, 60]}}


@pytest.fixture(scope="module")
def page_of_module(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """A page that knows of fingers."""
    with opened(browser, tmp_path_factory.mktemp("touch"), touch=True) as editor:
        yield editor


@pytest.fixture
def editor(page_of_module: Editor, tmp_path: Path) -> Iterator[Editor]:
    """Loaded anew, because a page remembers that it has met a pen."""
    page_of_module.open()
    page_of_module.reset(tmp_path / "drawing.wanmove.json")
    yield page_of_module
    page_of_module.settle()
    assert page_of_module.problems == []


@pytest.fixture
def browser_input(editor: Editor) -> Iterator["CDPSession"]:
    session = editor.page.context.new_cdp_session(editor.page)
    yield session
    session.detach()


def touch(session: "CDPSession", kind: str, *places: Place) -> None:
    """Fingers at places of the page, in their order."""
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def pen(session: "CDPSession", kind: str, place: Place) -> None:
    """A pen at a place of the page."""
    down = 0 if kind == "mouseReleased" else 1
    session.send(
        "Input.dispatchMouseEvent",
        {
            "type": kind,
            "x": place[0],
            "y": place[1],
            "button": "left",
            "buttons": down,
            "clickCount": 1,
            "pointerType": "pen",
            "force": 0.5,
        },
    )


def test_one_finger_draws(editor: Editor, browser_input):
    editor.tool("rectangle")
    start, *others = [editor.on_page(place) for place in ((100, 120), (180, 160), (260, 200))]
    touch(browser_input, "touchStart", start)
    for place in others:
        touch(browser_input, "touchMove", place)
    touch(browser_input, "touchEnd")
    assert editor.layers() == [{"region": {"kind": "rectangle", "box": [100, 120, 160, 80]}}]


def test_two_fingers_move_the_view_and_zoom_it(editor: Editor, browser_input):
    editor.load(BOX)
    one, other = editor.on_page((300, 200)), editor.on_page((400, 200))
    touch(browser_input, "touchStart", one)
    touch(browser_input, "touchStart", one, other)
    moved = [(x + 40, y + 30) for x, y in (one, other)]
    touch(browser_input, "touchMove", *moved)
    editor.wait_state(f"Math.abs(state.viewport.x - {CORNER[0] + 40}) < 0.01")
    assert editor.state("state.viewport") == pytest.approx({"scale": 1, "x": CORNER[0] + 40, "y": CORNER[1] + 30})
    touch(browser_input, "touchMove", (moved[0][0] - 50, moved[0][1]), (moved[1][0] + 50, moved[1][1]))
    editor.wait_state("Math.abs(state.viewport.scale - 2) < 0.01")
    assert editor.on_page((300, 200)) == pytest.approx((moved[0][0] - 50, moved[0][1]), abs=0.01)
    touch(browser_input, "touchEnd")
    assert editor.document()["layers"] == [BOX]
    assert editor.steps() == 0


def test_a_second_finger_takes_back_what_the_first_has_begun(editor: Editor, browser_input):
    editor.load(BOX)
    one = editor.on_page((140, 130))
    touch(browser_input, "touchStart", one)
    touch(browser_input, "touchMove", (one[0] + 60, one[1]))
    editor.wait_state("state.document !== state.committed.document")
    touch(browser_input, "touchStart", (one[0] + 60, one[1]), editor.on_page((400, 300)))
    editor.wait_state("state.gesture.kind === 'none'")
    touch(browser_input, "touchEnd")
    assert editor.document()["layers"] == [BOX]
    assert editor.steps() == 0


def test_a_finger_that_the_browser_takes_away_changes_nothing(editor: Editor, browser_input):
    editor.load(BOX)
    one = editor.on_page((140, 130))
    touch(browser_input, "touchStart", one)
    touch(browser_input, "touchMove", (one[0] + 60, one[1]))
    editor.wait_state("state.document !== state.committed.document")
    touch(browser_input, "touchCancel")
    editor.wait_state("state.gesture.kind === 'none'")
    assert editor.document()["layers"] == [BOX]


def test_a_pen_draws_and_from_then_on_fingers_move_the_view(editor: Editor, browser_input):
    editor.tool("pencil")
    places = [editor.on_page((400 + 20 * step, 100)) for step in range(6)]
    pen(browser_input, "mousePressed", places[0])
    for place in places[1:]:
        pen(browser_input, "mouseMoved", place)
    pen(browser_input, "mouseReleased", places[-1])
    [layer] = editor.layers()
    assert layer["region"] == {"kind": "point", "at": [400, 100]}
    points = layer["motion"]["path"]["points"]
    assert [points[-1][0] - points[0][0], points[-1][1] - points[0][1]] == [100, 0]
    one = editor.on_page((200, 300))
    touch(browser_input, "touchStart", one)
    touch(browser_input, "touchMove", (one[0] + 25, one[1] + 15))
    touch(browser_input, "touchEnd")
    editor.wait_state(f"Math.abs(state.viewport.x - {CORNER[0] + 25}) < 0.01")
    assert len(editor.layers()) == 1
    assert editor.steps() == 1


def test_a_finger_presses_buttons_and_drags_keys(editor: Editor, browser_input):
    editor.page.locator('[data-command="tool.disc"]').tap()
    assert editor.state("state.tool") == "disc"
    place = editor.on_page((300, 200))
    touch(browser_input, "touchStart", place)
    touch(browser_input, "touchEnd")
    assert editor.layers()[0]["region"]["kind"] == "disc"
    editor.settle()
    box = editor.page.locator('[data-part="end"]').first.bounding_box()
    assert box
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    touch(browser_input, "touchStart", at)
    touch(browser_input, "touchMove", (at[0] - 100, at[1]))
    touch(browser_input, "touchMove", (at[0] - 200, at[1]))
    touch(browser_input, "touchEnd")
    assert editor.motion()["timing"]["end"] < 0.95
