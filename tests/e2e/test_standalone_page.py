"""The page around the editor: what it saves and when it says that it did not, pictures put onto it, downloads."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from wanmove_core.standalone.server import PageServer
from wanmove_core.standalone.session import Clip, Session
from wanmove_core.tracks.document import parse_document, serialise_document
from wanmove_core.tracks.sampling import bake

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LAYER = {
    "name": "box",
    "region": {"kind": "rectangle", "box": [80, 40, 96, 96]},
    "motion": {"path": {"kind": "linear", "points": [[0, 0], [120, 40]]}},
}
DOCUMENT: dict[str, Any] = {"version": 1, "width": 320, "height": 192, "layers": [LAYER]}
ADD_A_LAYER = """() => {
  const store = window.wanmoveEditor.store, { document } = store.state();
  store.dispatch({ type: "edit", document: { ...document, layers: [...document.layers, document.layers[0]] } });
}"""


@dataclass(frozen=True)
class Opened:
    """A page and what it works on."""

    page: "Page"
    server: PageServer
    document: Path

    def toast(self) -> str:
        """The sentence that is shown, once there is one."""
        self.page.wait_for_selector(".wanmove-toast[role=alert]:not([hidden])")
        return self.page.inner_text(".wanmove-toast-words")

    def saved_layers(self) -> int:
        """How many layers the file has."""
        return len(json.loads(self.document.read_text())["layers"])


def png(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)).save(stream, "png")
    return stream.getvalue()


@pytest.fixture
def opened(browser: "Browser", tmp_path: Path) -> Iterator[Opened]:
    (tmp_path / "picture.png").write_bytes(png(320, 192))
    document = tmp_path / "motion.wanmove.json"
    document.write_text(json.dumps(DOCUMENT))
    server = PageServer(Session(tmp_path / "picture.png", document, Clip(160, 96, 9, 16.0, None), "en"))
    server.start()
    page = browser.new_page(accept_downloads=True)
    page.set_default_timeout(8000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(server.url)
    page.wait_for_selector(".wanmove-editor")
    yield Opened(page, server, document)
    page.close()
    server.stop()
    assert errors == []


def wait_until_saved(opened: Opened, layers: int) -> None:
    with opened.page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        opened.page.evaluate(ADD_A_LAYER)
    assert opened.saved_layers() == layers


def test_a_change_is_in_the_file_at_once_and_survives_reloading(opened: Opened) -> None:
    wait_until_saved(opened, 2)
    opened.page.reload()
    opened.page.wait_for_selector(".wanmove-editor")
    assert opened.page.evaluate("() => window.wanmoveEditor.store.state().document.layers.length") == 2


def test_of_many_changes_in_a_row_the_last_is_in_the_file(opened: Opened) -> None:
    opened.page.evaluate(f"() => {{ for (let i = 0; i < 20; i++) ({ADD_A_LAYER})(); }}")
    opened.page.wait_for_load_state("networkidle")
    for _ in range(50):
        if opened.saved_layers() == 21:
            break
        opened.page.wait_for_timeout(50)
    assert opened.saved_layers() == 21


def test_a_change_that_cannot_be_saved_is_said_and_the_next_one_saves_both(opened: Opened) -> None:
    opened.document.unlink()
    opened.document.mkdir()
    opened.page.evaluate(ADD_A_LAYER)
    assert opened.toast().startswith("Not saved: Cannot write") and "it is a folder" in opened.toast()
    opened.document.rmdir()
    wait_until_saved(opened, 3)


def test_when_the_server_is_gone_the_page_says_how_to_keep_the_drawing(opened: Opened) -> None:
    opened.server.stop()
    opened.page.evaluate(ADD_A_LAYER)
    assert "wanmove edit no longer answers. Select all (Ctrl+A), copy (Ctrl+C)" in opened.toast()


@pytest.mark.parametrize(("width", "height", "note"), [(640, 384, ""), (300, 300, "The picture (300 × 300) has another shape")])
def test_another_picture_can_be_chosen_and_is_only_shown(opened: Opened, width: int, height: int, note: str) -> None:
    with opened.page.expect_file_chooser() as chooser:
        opened.page.click("[data-command=open]")
    chooser.value.set_files({"name": "other.png", "mimeType": "image/png", "buffer": png(width, height)})
    with opened.page.expect_response(lambda answer: "picture?number=1" in answer.url):
        pass
    opened.page.wait_for_timeout(100)
    assert (note in opened.page.inner_text(".wanmove-picture-note")) if note else opened.page.is_hidden(".wanmove-picture-note")
    assert {file.name for file in opened.document.parent.iterdir()} == {"picture.png", "motion.wanmove.json"}
    assert opened.server.session.picture.frame.shape == (height, width, 3)


def test_the_drawing_can_be_fitted_to_a_picture_of_another_shape_and_taken_back(opened: Opened) -> None:
    with opened.page.expect_file_chooser() as chooser:
        opened.page.click("[data-command=open]")
    chooser.value.set_files({"name": "other.png", "mimeType": "image/png", "buffer": png(640, 192)})
    with opened.page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        opened.page.get_by_role("button", name="Fit the drawing to the picture").click()
    assert json.loads(opened.document.read_text())["layers"][0]["region"]["box"] == [160, 40, 192, 96]
    assert opened.page.is_hidden(".wanmove-picture-note")
    with opened.page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        opened.page.click("[data-command=undo]")
    assert json.loads(opened.document.read_text())["layers"][0]["region"]["box"] == [80, 40, 96, 96]
    opened.page.get_by_role("button", name="Keep it").click()
    assert opened.page.is_hidden(".wanmove-picture-note")


def test_a_picture_that_is_none_is_refused_in_words(opened: Opened) -> None:
    with opened.page.expect_file_chooser() as chooser:
        opened.page.click("[data-command=open]")
    chooser.value.set_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"})
    assert "cannot be read as a picture" in opened.toast()


def test_a_picture_can_be_dropped(opened: Opened) -> None:
    with opened.page.expect_response(lambda answer: "picture?number=1" in answer.url):
        opened.page.evaluate(
            """bytes => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
              document.querySelector("#editor").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
            }""",
            list(png(64, 48)),
        )
    assert opened.server.session.picture.name == "dropped.png"


def test_exported_tracks_are_what_python_bakes_in_pixels_of_the_picture(opened: Opened) -> None:
    with opened.page.expect_download() as download:
        opened.page.click("[data-command=export]")
    assert download.value.suggested_filename == "motion.tracks.npy"
    baked = bake(parse_document(DOCUMENT), 9, 160, 96)
    assert np.abs(np.load(download.value.path()) - baked.positions * 2).max() < 1e-3


def test_the_clip_is_changed_on_the_page_and_kept_when_reloading(opened: Opened) -> None:
    opened.page.evaluate(
        "() => window.wanmoveEditor.store.dispatch({ type: 'select', selection: { layers: [], points: [], key: null } })"
    )
    frames = opened.page.locator("input").nth(0)
    frames.fill("33")
    frames.press("Enter")
    for _ in range(2):
        assert opened.page.evaluate("() => window.wanmoveEditor.store.state().clip.length") == 33
        opened.page.reload()
        opened.page.wait_for_selector(".wanmove-editor")


def test_a_document_of_the_file_is_shown_as_it_is(opened: Opened) -> None:
    assert opened.page.title() == "motion.wanmove.json · Wan-Move"
    wait_until_saved(opened, 2)
    twice = {**DOCUMENT, "layers": [LAYER, LAYER]}
    assert opened.document.read_text() == serialise_document(parse_document(twice)) + "\n"
