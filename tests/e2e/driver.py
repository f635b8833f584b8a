"""The editor on the standalone page as hands meet it: places in pixels of the picture, the document as it was saved."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from wanmove_core.standalone.server import PageServer
from wanmove_core.standalone.session import Clip, Session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

WIDTH, HEIGHT = 832, 480
CLIP = Clip(WIDTH, HEIGHT, 81, 16.0, None)
DISC = (300.0, 200.0, 70.0)
"""x, y and radius of the thing in the picture"""
FLAG = (360, 180, 440, 220)
"""left, top, right and bottom of what hangs on it"""
WINDOW = (1200, 900)
CORNER = (40, 60)
"""where the picture's corner lies on the stage, one CSS pixel a picture's pixel"""
PATIENCE = 15_000
"""milliseconds in which whatever is waited for has to happen"""
SOFTWARE_WEBGL = "GL Driver Message (OpenGL, Performance"
"""what Chromium says of reading pixels back from WebGL without a graphics card"""

TOOLS = {
    "select": "v",
    "lasso": "l",
    "smart": "s",
    "brush": "k",
    "rectangle": "m",
    "disc": "d",
    "points": "a",
    "pen": "p",
    "pencil": "b",
    "record": "r",
    "pin": "o",
    "camera": "c",
    "hand": "h",
    "zoom": "z",
}
"""their keys"""

Place = tuple[float, float]


def draw_picture(path: Path) -> Path:
    """An orange disc with a green flag at its right, over a blue ground with some grain, as a PNG."""
    across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    inside = np.hypot(across + 0.5 - DISC[0], down + 0.5 - DISC[1]) <= DISC[2]
    picture = np.random.default_rng(1).integers(-8, 9, (HEIGHT, WIDTH, 3)) + np.array((40, 60, 120))
    left, top, right, bottom = FLAG
    picture[top:bottom, left:right] += np.array((-20, 110, -60))
    picture[inside] = picture[inside] % 9 + (230, 140, 40)
    Image.fromarray(picture.astype(np.uint8)).save(path)
    return path


class Editor:
    """A page of a server of its own. ``problems`` holds what the console, the page and its policy have complained about."""

    def __init__(self, context: "BrowserContext", session: Session, url: str) -> None:
        self.session, self.url, self.problems = session, url, list[str]()
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', event => console.error('policy: ' + event.violatedDirective))"
        )
        self.open()

    def open(self) -> None:
        """Load the page, as somebody does who comes back to it."""
        self.page.goto(self.url)
        self.wait("() => window.wanmoveEditor?.store.state().stage[0] > 0")

    def reset(self, path: Path, layers: Sequence[Mapping[str, Any]] = ()) -> None:
        """Another document file with these layers, tools and view as on opening but for the zoom: one CSS pixel a pixel."""
        self.session.path = path
        self.problems.clear()
        self.page.evaluate(
            """([document, clip, x, y]) => {
              const { store, setDocument, setClip } = window.wanmoveEditor;
              const overlays = { dots: true, warp: true, model: false, coverage: false, onion: true };
              if (store.state().playing) store.dispatch({ type: "pause" });
              store.dispatch({ type: "cancel-gesture" });
              setClip(clip);
              setDocument("");
              setDocument(document);
              store.dispatch({ type: "set-tool", tool: "select" });
              store.dispatch({ type: "set-options", options: { brushRadius: 16, smartStroke: "box" } });
              store.dispatch({ type: "set-progress", progress: 0 });
              store.dispatch({ type: "set-overlays", overlays });
              store.dispatch({ type: "set-viewport", viewport: { scale: 1, x, y } });
              store.dispatch({ type: "dismiss-notice" });
            }""",
            [json.dumps(made(*layers)), vars(CLIP), *CORNER],
        )
        self.focus()

    def load(self, *layers: Mapping[str, Any]) -> None:
        """A document with these layers in the place of the one that is there; the history starts anew."""
        self.page.evaluate("text => window.wanmoveEditor.setDocument(text)", json.dumps(made(*layers)))

    def focus(self) -> None:
        """The focus on the stage."""
        self.page.evaluate("() => document.querySelector('[role=application]').focus()")

    def on_page(self, place: Place) -> Place:
        """Where a place of the picture lies on the page."""
        x, y = self.page.evaluate(
            """([x, y]) => {
              const { left, top } = document.querySelector('[role=application]').getBoundingClientRect();
              const { scale, x: across, y: down } = window.wanmoveEditor.store.state().viewport;
              return [left + x * scale + across, top + y * scale + down];
            }""",
            list(place),
        )
        return x, y

    def click(self, place: Place) -> None:
        """Press and release."""
        self.page.mouse.click(*self.on_page(place))

    def double_click(self, place: Place) -> None:
        """Press and release, twice."""
        self.page.mouse.dblclick(*self.on_page(place))

    def drag(self, *places: Place, shift: bool = False, steps: int = 3) -> None:
        """From the first place over the others to the last."""
        with self.held_down(*places, shift=shift, steps=steps):
            pass

    @contextmanager
    def held_down(self, *places: Place, shift: bool = False, steps: int = 3) -> Iterator[None]:
        """A drag that is released afterwards only."""
        where = [self.on_page(place) for place in places]
        mouse, keyboard = self.page.mouse, self.page.keyboard
        mouse.move(*where[0])
        if shift:
            keyboard.down("Shift")
        mouse.down()
        for place in where[1:]:
            mouse.move(*place, steps=steps)
        yield
        mouse.up()
        if shift:
            keyboard.up("Shift")

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def tool(self, name: str) -> None:
        """Choose a tool by its key."""
        self.press(TOOLS[name])

    def state(self, expression: str) -> Any:
        """A value of the editor's state, as of ``state.progress``."""
        return self.page.evaluate(f"() => {{ const state = window.wanmoveEditor.store.state(); return {expression}; }}")

    def wait(self, condition: str, *values: Any) -> None:
        """Until a function of the page gives true."""
        self.page.wait_for_function(condition, arg=list(values) or None, timeout=PATIENCE)

    def wait_state(self, condition: str) -> None:
        """Until an expression over ``state`` is true."""
        self.wait(f"() => {{ const state = window.wanmoveEditor.store.state(); return {condition}; }}")

    def settle(self) -> None:
        """Until what was asked for is drawn: two frames."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def text(self) -> str:
        """The committed document as the editor writes it."""
        return self.page.evaluate(
            """async () => {
              const { serialiseDocument } = await import(new URL("js/model/document.js", location.href));
              return serialiseDocument(window.wanmoveEditor.store.state().committed.document);
            }"""
        )

    def document(self) -> dict[str, Any]:
        """The committed document."""
        return json.loads(self.text())

    def saved(self) -> dict[str, Any]:
        """The document file, once the committed document has arrived there."""
        wanted = self.document()
        there, until = None, time.monotonic() + PATIENCE / 1000
        while time.monotonic() < until:
            there = json.loads(self.session.path.read_text()) if self.session.path.exists() else None
            if there == wanted:
                return wanted
            time.sleep(0.01)
        raise AssertionError(f"The document file says {there}, the editor {wanted}.")

    def layers(self) -> list[dict[str, Any]]:
        """The layers in the document file."""
        return self.saved()["layers"]

    def motion(self, index: int = 0) -> dict[str, Any]:
        """How a layer in the document file moves."""
        return self.layers()[index].get("motion", {})

    def steps(self) -> int:
        """How many steps can be taken back."""
        return self.state("state.history.past.length")

    def go_to(self, progress: float) -> None:
        """Put the playhead somewhere."""
        self.page.evaluate("p => window.wanmoveEditor.store.dispatch({ type: 'set-progress', progress: p })", progress)

    def select(self, *layers: int) -> None:
        """Select layers by their indices."""
        self.page.evaluate(
            """layers => window.wanmoveEditor.store.dispatch(
              { type: "select", selection: { layers, points: [], key: null } })""",
            list(layers),
        )
        self.settle()

    def handle(self, kind: str, corner: int | None = None) -> Place:
        """Where a handle of the selection lies on the picture now."""
        found = self.page.evaluate(
            """async ([kind, corner]) => {
              const { handlesOf } = await import(new URL("js/model/hit.js", location.href));
              const all = handlesOf(window.wanmoveEditor.store.state());
              return all.find(({ handle }) => handle.kind === kind && (corner === null || handle.corner === corner))?.at;
            }""",
            [kind, corner],
        )
        assert found, f"There is no handle {kind}."
        return found[0], found[1]

    def named(self, role: Any, name: str, exact: bool = True) -> "Locator":
        """A control by its role and accessible name."""
        return self.page.get_by_role(role, name=name, exact=exact)

    def forgive(self, part: str) -> None:
        """Leave out complaints with this in them: they are what the test is about."""
        self.settle()
        self.problems[:] = [problem for problem in self.problems if part not in problem]

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and SOFTWARE_WEBGL not in text:
            self.problems.append(f"{kind}: {text}")


def made(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """A document of the picture's size."""
    return {"version": 1, "width": WIDTH, "height": HEIGHT, "layers": list(layers)}


@contextmanager
def served(folder: Path, locale: str = "en") -> Iterator[tuple[Session, str]]:
    """A running server of the page with a document file of its own, and the page's address."""
    picture = draw_picture(folder / "picture.png")
    session = Session(picture, folder / "drawing.wanmove.json", CLIP, locale)
    server = PageServer(session)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield session, server.url
    finally:
        server.stop()
        thread.join(PATIENCE / 1000)


@contextmanager
def opened(
    browser: "Browser", folder: Path, locale: str = "en", window: tuple[int, int] = WINDOW, touch: bool = False
) -> Iterator[Editor]:
    """The editor in a context of its own."""
    context = browser.new_context(viewport={"width": window[0], "height": window[1]}, has_touch=touch)
    try:
        with served(folder, locale) as (session, url):
            yield Editor(context, session, url)
            context.close()
    finally:
        context.close()
