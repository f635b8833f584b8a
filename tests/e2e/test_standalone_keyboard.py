"""A whole session without a pointer: the focus is always somewhere, always seen, and everything can be reached."""

import pytest

from tests.e2e.driver import Editor

BOX = {"name": "box", "region": {"kind": "rectangle", "box": [100, 100, 80, 60]}}
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const shown = box.width > 0 && box.height > 0;
  const look = () => [at, at.parentElement, at.parentElement.parentElement].map(one => {
    const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(one);
    return [outline, boxShadow, borderColor, backgroundColor].join();
  }).join();
  const focused = look();
  at.blur();
  const ring = look() !== focused;
  at.focus({ preventScroll: true });
  const name = (at.getAttribute("aria-label") ?? (at.textContent || at.labels?.[0]?.textContent || "")).trim();
  return { name, shown, ring, role: at.getAttribute("role"), id: at.dataset.command ?? at.className };
}"""


def test_a_session_by_the_keyboard_alone(editor: Editor):
    page = editor.page
    page.locator('[data-command="presets"]').focus()
    editor.press("Enter")
    assert page.evaluate("() => document.activeElement.dataset.preset") == "pan"
    editor.press("ArrowDown", "Enter")
    assert [layer["region"]["kind"] for layer in editor.layers()] == ["frame"]
    assert focused(editor)["id"] == "presets"
    page.locator('[data-command="pin-rest"]').focus()
    editor.press("Enter")
    assert [layer["region"]["kind"] for layer in editor.layers()] == ["rest", "frame"]
    editor.press("Control+z")
    page.locator('.wanmove-row[data-layer="0"] [data-part="name"]').focus()
    editor.press("Enter")
    assert editor.state("state.selection.layers") == [0]
    editor.focus()
    editor.press("End", "ArrowRight", "Shift+ArrowDown")
    assert editor.motion()["path"]["points"][-1] == [1, 8]
    editor.settle()
    page.locator('.wanmove-row[data-layer="0"] [data-part="end"]').focus()
    editor.press("Shift+ArrowLeft")
    assert editor.motion()["timing"]["end"] == pytest.approx(0.95)
    editor.focus()
    editor.press(" ")
    editor.wait_state("state.playing && state.progress > 0")
    editor.press(" ")
    assert editor.state("state.playing") is False
    while editor.steps():
        editor.press("Control+z")
        assert page.evaluate("() => document.activeElement !== document.body")
    assert editor.layers() == []


def test_the_focus_goes_round_with_tab_and_is_always_seen(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    editor.focus()
    seen = []
    for _ in range(80):
        editor.press("Tab")
        at = focused(editor)
        if at is None:
            break  # out of the page, into the browser's own controls
        seen.append(at)
    names = [at["name"] for at in seen]
    assert len(seen) > 20
    assert all(at["name"] for at in seen), [at for at in seen if not at["name"]]
    assert all(at["shown"] for at in seen), [at for at in seen if not at["shown"]]
    assert all(at["ring"] for at in seen), [at for at in seen if not at["ring"]]
    for wanted in ("Playhead", "Middle, x", "End of the motion"):
        assert wanted in names


def test_arrows_walk_along_the_tools_and_enter_takes_one(editor: Editor):
    editor.page.locator('[data-command="tool.select"]').focus()
    editor.press("ArrowRight", "Enter")
    assert editor.state("state.tool") == "lasso"
    assert focused(editor)["id"] == "tool.lasso"
    editor.press("End")
    assert focused(editor)["id"] in ("help", "wanmove-button")
    editor.press("Home")
    assert focused(editor)["id"] == "tool.select"


def test_help_opens_closes_and_gives_the_focus_back(editor: Editor):
    editor.press("?")
    sheet = editor.page.get_by_role("dialog", name="Shortcuts")
    sheet.wait_for()
    editor.press("Escape")
    sheet.wait_for(state="hidden")
    assert focused(editor)["role"] == "application"


def test_escape_leaves_one_thing_at_a_time_and_the_focus_stays(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    editor.tool("points")
    editor.press("Escape")
    assert editor.state("[state.tool, state.selection.layers]") == ["select", [0]]
    editor.press("Escape")
    assert editor.state("state.selection.layers") == []
    editor.press("Escape")
    assert focused(editor)["role"] == "application"


def test_deleting_the_row_that_has_the_focus_does_not_lose_it(editor: Editor):
    editor.load(BOX, {**BOX, "name": "other"})
    name = editor.page.locator('.wanmove-row[data-layer="1"] [data-part="name"]')
    name.focus()
    editor.press("Enter")
    editor.press("Delete")
    assert len(editor.layers()) == 1
    editor.settle()
    assert focused(editor) is not None


def test_keys_typed_into_a_name_do_nothing_else(editor: Editor):
    editor.load(BOX)
    editor.select(0)
    box = editor.page.locator(".wanmove-side").get_by_role("textbox", name="Name", exact=True)
    box.fill("")
    editor.page.keyboard.type("lasso x 1 ,.")
    editor.press("Enter")
    assert editor.layers()[0]["name"] == "lasso x 1 ,."
    assert editor.state("[state.tool, state.progress, state.overlays.dots]") == ["select", 0, True]


def test_a_key_that_means_nothing_is_left_to_the_page(editor: Editor):
    editor.page.evaluate(
        """() => {
          window.heard = [];
          addEventListener("keydown", event => window.heard.push([event.key, event.defaultPrevented]), { once: false });
        }"""
    )
    editor.press("F4", "q", "l")
    assert editor.page.evaluate("() => window.heard") == [["F4", False], ["q", False]]


def focused(editor: Editor) -> dict:
    """Of the element that has the focus; None = the page itself."""
    return editor.page.evaluate(FOCUSED)
