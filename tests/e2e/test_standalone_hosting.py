"""The editor as a guest on a page: what it takes from it, what it does at rest, what is left when it goes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.driver import Editor, draw_picture, made
from tests.e2e.second_editor import LAYERS, dispose, mount

LIVING = """async () => (await import(new URL("js/editor/lifetime.js", location.href))).countLiving()"""


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
            mount(editor, [size, 900, 700, "en", json.dumps(made(*LAYERS))])
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
