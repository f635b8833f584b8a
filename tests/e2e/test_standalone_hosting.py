"""The editor as a guest on a page: languages, names, room, what it does at rest and what it leaves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import Editor, draw_picture, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAYERS = [
    {"region": {"kind": "rest"}},
    {
        "name": "box",
        "region": {"kind": "rectangle", "box": [100, 100, 80, 60]},
        "motion": {"path": {"points": [[0, 0], [120, 40]]}, "rotation": [[0, 0], [1, 30]], "components": [{"kind": "sway"}]},
        "visible": [[0, 0.4], [0.6, 1]],
    },
    {"name": "disc", "region": {"kind": "disc", "centre": [500, 200], "radius": 40}, "group": "things"},
]

MOUNT = """async ([size, width, height, locale, document_]) => {
  const { mountEditor } = await import(new URL("js/editor/mount.js", location.href));
  const place = document.createElement("div");
  place.id = "second";
  place.style.cssText = `position:fixed;left:0;top:0;width:${width}px;height:${height}px;z-index:9`;
  document.body.append(place);
  window.commits = [];
  window.second = mountEditor(place, {
    document: document_,
    picture: { url: new URL("picture", location.href).href },
    clip: window.wanmoveEditor.store.state().clip,
    size,
    locale,
    commit: text => window.commits.push(text),
    enlarge: () => {},
  });
}"""
LIVING = """async () => (await import(new URL("js/editor/lifetime.js", location.href))).countLiving()"""
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


def test_in_a_node_the_plain_wheel_is_left_to_the_graph(editor: Editor):
    mount(editor, ["mini", 520, 400, "en", editor.text()])
    heard = """() => {
      window.wheels = [];
      addEventListener("wheel", event => window.wheels.push(event.defaultPrevented), { passive: true });
    }"""
    editor.page.evaluate(heard)
    stage = editor.page.locator("#second [role=application]").bounding_box()
    assert stage
    editor.page.mouse.move(stage["x"] + 100, stage["y"] + 100)
    scale = editor.page.evaluate("() => window.second.store.state().viewport.scale")
    editor.page.mouse.wheel(0, -100)
    editor.wait("() => window.wheels.length === 1")
    assert editor.page.evaluate("() => [window.wheels, window.second.store.state().viewport.scale]") == [[False], scale]
    editor.page.keyboard.down("Control")
    editor.page.mouse.wheel(0, -100)
    editor.wait(f"() => window.second.store.state().viewport.scale > {scale}")
    editor.page.keyboard.up("Control")
    dispose(editor)


@pytest.mark.parametrize("size", ["mini", "full"])
def test_nothing_is_left_alive_of_editors_that_were_used_and_disposed(editor: Editor, size):
    editor.press(" ")
    editor.wait_state("state.playing && state.progress > 0")
    assert editor.page.evaluate(LIVING) > 100
    editor.page.evaluate("() => window.wanmoveEditor.dispose()")
    assert editor.page.evaluate(LIVING) == 0
    assert editor.page.evaluate("() => document.querySelector('#editor').childElementCount") == 0
    try:
        for _ in range(2):
            mount(editor, [size, 900, 700, "en", json.dumps(document_of(LAYERS))])
            use(editor, size)
            dispose(editor, remove=False)
            assert editor.page.evaluate("() => document.querySelector('#second').childElementCount") == 0
            assert editor.page.evaluate(LIVING) == 0
            editor.page.evaluate("() => document.querySelector('#second').remove()")
        assert editor.page.evaluate("() => window.commits.length") == 1
    finally:
        editor.open()


def test_at_rest_and_while_hidden_no_frame_is_asked_for(editor: Editor):
    editor.load(*LAYERS)
    editor.go_to(0.5)
    editor.settle()
    count = """async wait => {
      const ask = window.requestAnimationFrame;
      let count = 0;
      window.requestAnimationFrame = draw => { count += 1; return ask.call(window, draw); };
      try { await wait(); } finally { window.requestAnimationFrame = ask; }
      return count;
    }"""
    second = "() => new Promise(done => setTimeout(done, 1000))"
    # What is worked out at rest comes some time after the last change.
    editor.page.wait_for_timeout(600)
    assert editor.page.evaluate(f"async () => ({count})({second})") == 0
    hidden = """async () => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
      await new Promise(done => setTimeout(done, 100));
      const drawn = [];
      const draw = CanvasRenderingContext2D.prototype.clearRect;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) { drawn.push(box); return draw.apply(this, box); };
      window.wanmoveEditor.store.dispatch({ type: "set-progress", progress: 0.75 });
      await new Promise(done => setTimeout(done, 300));
      CanvasRenderingContext2D.prototype.clearRect = draw;
      delete document.hidden;
      document.dispatchEvent(new Event("visibilitychange"));
      return drawn.length;
    }"""
    assert editor.page.evaluate(hidden) == 0


def test_the_page_obeys_its_own_policy(editor: Editor):
    editor.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.foreign = true";
          document.head.append(script);
        }"""
    )
    assert editor.page.evaluate("() => window.foreign") is None
    assert any("policy: script-src" in problem for problem in editor.problems)
    editor.forgive("policy: script-src")
    editor.forgive("Content Security Policy")


def test_the_command_refuses_a_file_that_is_no_document_and_leaves_it_alone(tmp_path: Path):
    picture, document = draw_picture(tmp_path / "picture.png"), tmp_path / "drawing.json"
    document.write_text('{"version": 99}')
    done = subprocess.run(
        [sys.executable, "-m", "wanmove_core.cli", "edit", str(picture), "--document", str(document), "--no-browser"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode != 0
    assert f"{document} is no track document" in done.stderr
    assert "Traceback" not in done.stderr
    assert document.read_text() == '{"version": 99}'


def document_of(layers: list) -> dict:
    """A document of the picture's size."""
    return {"version": 1, "width": 832, "height": 480, "layers": layers}


def mount(editor: Editor, how: list) -> None:
    """A second editor on the page, once its styles are there."""
    editor.page.evaluate(MOUNT, how)
    editor.wait("() => getComputedStyle(document.querySelector('#second .wanmove-strip')).display === 'flex'")
    editor.settle()


def use(editor: Editor, size: str) -> None:
    """Draw, open menus, play: what starts listeners and frames."""
    page = editor.page
    stage = page.locator("#second [role=application]")
    box = stage.bounding_box()
    assert box
    stage.focus()
    page.keyboard.press("m")
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=3)
    page.mouse.up()
    page.evaluate("() => window.second.store.dispatch({ type: 'select', selection: { layers: [1], points: [], key: null } })")
    if size == "full":
        page.locator('#second .wanmove-row[data-layer="1"] [data-act="graph"]').click()
    page.evaluate("() => window.second.store.dispatch({ type: 'play' })")
    editor.wait("() => window.second.store.state().progress < 0.9 && window.second.store.state().progress > 0")
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()


def dispose(editor: Editor, remove: bool = True) -> None:
    """The second editor away, in the middle of whatever it does."""
    editor.page.evaluate("() => window.second.dispose()")
    editor.page.mouse.up()
    if remove:
        editor.page.evaluate("() => document.querySelector('#second').remove()")
    editor.settle()
