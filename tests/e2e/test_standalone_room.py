"""The editor's words and its room: both languages, a name for every control, narrow and wide screens, the node's size."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import Editor, opened
from tests.e2e.second_editor import LAYERS, dispose, mount

if TYPE_CHECKING:
    from playwright.sync_api import Browser

UNNAMED = """root => {
  const all = [...document.querySelector(root).querySelectorAll(
    "button, input, select, textarea, a[href], [role=slider], [role=button], [role=separator]," +
    "[role=application], [role=dialog], [role=menu]")];
  const name = one => one.getAttribute("aria-label") || (one.labels?.[0]?.textContent ?? "") || one.textContent;
  return all.filter(one => !one.closest("[hidden]") && !name(one).trim()).map(one => one.outerHTML.slice(0, 200));
}"""
OVERLAPS = """root => {
  const bar = document.querySelector(`${root} .wanmove-strip`);
  const outer = bar.getBoundingClientRect();
  const buttons = [...bar.querySelectorAll("button:not([hidden])")];
  const boxes = buttons.map(one => one.getBoundingClientRect()).filter(({ width }) => width);
  const troubles = [];
  if (bar.scrollWidth > bar.clientWidth + 1) troubles.push(`overflows by ${bar.scrollWidth - bar.clientWidth}`);
  boxes.forEach((box, index) => {
    if (box.right > outer.right + 0.5 || box.left < outer.left - 0.5) troubles.push(`button ${index} sticks out`);
    for (const other of boxes.slice(index + 1)) {
      const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
      const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
      if (across > 0.5 && down > 0.5) troubles.push(`button ${index} is overlapped`);
    }
  });
  if (boxes.length < 5) troubles.push(`only ${boxes.length} buttons`);
  return troubles;
}"""


@pytest.fixture(scope="module")
def roomy(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Editor]]:
    """The page in both languages."""
    with (
        opened(browser, tmp_path_factory.mktemp("en"), "en") as english,
        opened(browser, tmp_path_factory.mktemp("zh"), "zh") as chinese,
    ):
        yield {"en": english, "zh": chinese}


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_both_languages_have_every_text(roomy, tmp_path, locale):
    editor = roomy[locale]
    editor.reset(tmp_path / "drawing.wanmove.json", LAYERS)
    missing = editor.page.evaluate(
        """async locale => {
          const { WORDINGS, createTexts } = await import(new URL("js/editor/texts.js", location.href));
          const texts = createTexts(locale);
          const keys = Object.keys(WORDINGS.en);
          return keys.length > 100 ? keys.filter(key => !WORDINGS[locale][key] || texts(key) === key) : ["no keys"];
        }""",
        locale,
    )
    assert missing == []
    editor.select(1)
    words = editor.page.locator("body").inner_text()
    assert ("图层" in words) == (locale == "zh")
    assert ("Inspector" in words or "Timing" in words) == (locale == "en")
    assert editor.page.evaluate("() => document.documentElement.lang") == locale
    # A key that has no text is shown as it is.
    attributes = "() => [...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label'))"
    shown = [*words.split(), *editor.page.evaluate(attributes)]
    families = ("tool.", "command.", "inspector.", "timeline.", "shell.", "status.", "preset.", "overlay.", "hint.")
    assert [text for text in shown if text.startswith(families)] == []
    assert editor.problems == []


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_control_has_a_name(roomy, tmp_path, locale):
    editor = roomy[locale]
    editor.reset(tmp_path / "drawing.wanmove.json", LAYERS)
    for chosen in ([], [1], [1, 2]):
        editor.select(*chosen)
        assert editor.page.evaluate(UNNAMED, "#editor") == []
    editor.page.locator('.wanmove-row[data-layer="1"] [data-act="graph"]').click()
    editor.page.locator('[data-command="presets"]').click()
    editor.settle()
    assert editor.page.evaluate(UNNAMED, "#editor") == []
    editor.press("Escape")


@pytest.mark.parametrize("width", [1024, 1400, 1920])
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_toolbar_has_room_on_every_screen(roomy, tmp_path, locale, width):
    editor = roomy[locale]
    editor.reset(tmp_path / "drawing.wanmove.json", LAYERS)
    before = editor.page.viewport_size
    editor.page.set_viewport_size({"width": width, "height": 800})
    editor.wait(f"() => document.querySelector('#editor .wanmove-editor').clientWidth === {width}")
    editor.settle()
    try:
        assert editor.page.evaluate(OVERLAPS, "#editor") == []
        sides = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        assert editor.page.evaluate(sides) == [width, 800]
    finally:
        assert before
        editor.page.set_viewport_size(before)
        editor.settle()


@pytest.mark.parametrize("width", [340, 520])
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_editor_in_a_node_has_room(editor: Editor, locale, width):
    mount(editor, ["mini", width, 400, locale, editor.text()])
    try:
        assert editor.page.evaluate(OVERLAPS, "#second") == []
        assert editor.page.evaluate(UNNAMED, "#second") == []
        place = editor.page.locator("#second")
        assert place.evaluate("one => [one.scrollWidth, one.scrollHeight]") == [width, 400]
        stage = place.locator("[role=application]").bounding_box()
        assert stage
        assert stage["height"] > 200
        more = place.locator(".wanmove-strip-tail button").first
        more.click()
        menu = place.locator(".wanmove-popover").bounding_box()
        assert menu
        assert menu["x"] >= 0
        assert menu["x"] + menu["width"] <= width
        assert menu["y"] + menu["height"] <= 400
    finally:
        dispose(editor)
