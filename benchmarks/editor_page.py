"""The editor in a browser of this machine, and what its main thread does: for ``benchmarks.editor``."""

import json
import math
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from wanmove_core.demo.assets import PICTURE
from wanmove_core.standalone.server import PageServer
from wanmove_core.standalone.session import Clip, Session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

CLIP = Clip(832, 480, 81, 16.0, None)
WINDOW = (1400, 900)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAUSE_MS = 900
"""until everything that waits for a pause has been worked out"""
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline.frame", "v8"]
SCRIPT = {"FunctionCall", "EvaluateScript", "RunMicrotasks", "FireAnimationFrame", "TimerFire", "v8.callFunction"}
GC = {"MinorGC", "MajorGC"}
LAYOUT = {"Layout", "UpdateLayoutTree"}
"""names of the trace's events"""


def find_browser() -> str | None:
    """Chromium or Chrome; None where there is none."""
    named = os.environ.get("WANMOVE_CHROMIUM")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


class Trace:
    """What the page's main thread did. Times are milliseconds of the trace's clock."""

    def __init__(self, content: bytes) -> None:
        events = json.loads(content)["traceEvents"]
        names = {(one["pid"], one["tid"]): one["args"]["name"] for one in events if one.get("name") == "thread_name"}
        own = [one for one in events if names.get((one["pid"], one["tid"])) == "CrRendererMain"]
        # Other pages have a main thread too: a spare one, for the next address.
        scripts = [one["pid"] for one in own if one["name"] in SCRIPT]
        page = statistics.mode(scripts)
        self.events = [one for one in own if one["pid"] == page]
        self.scripts = union(self._spans(SCRIPT | GC))
        self.frames = sorted(one["ts"] / 1000 for one in self.events if one["name"] == "BeginMainThreadFrame")
        self.moves = sorted(one["ts"] / 1000 for one in self.events if told(one) == "pointermove")

    def script(self, since: float = -math.inf, until: float = math.inf) -> "Spent":
        """Scripting between two times."""
        inside = [span for span in self.scripts if since <= span.start < until]
        return Spent(sum(span.length for span in inside), sum(span.processor for span in inside))

    def between(self, starts: Sequence[float]) -> list["Spent"]:
        """Scripting from each of these times to the next, where there was any."""
        edges = zip(starts, [*starts[1:], math.inf], strict=True)
        return [spent for spent in (self.script(*pair) for pair in edges) if spent.wall > 0]

    def longest(self) -> "Spent":
        """The longest span of script without a pause."""
        return max((Spent(span.length, span.processor) for span in self.scripts), default=Spent(0, 0))

    def without_layout(self) -> float:
        """All scripting less the layout and the garbage collection that lie inside: what ScriptDuration counts."""
        spans = [(span.start, span.start + span.length) for span in self.scripts]
        inside = [one for one in self._spans(LAYOUT | GC) if any(start <= one.start < end for start, end in spans)]
        return self.script().wall - sum(span.length for span in union(inside))

    def _spans(self, names: set[str]) -> list["Span"]:
        found = [one for one in self.events if one["name"] in names and "dur" in one]
        return [Span(one["ts"] / 1000, one["dur"] / 1000, one.get("tdur", one["dur"]) / 1000) for one in found]


class Span(NamedTuple):
    """Of the trace's clock, and the time that the processor worked on it: without waiting for other programs."""

    start: float
    length: float
    processor: float


class Spent(NamedTuple):
    """Milliseconds on the clock and of the processor."""

    wall: float
    processor: float


def told(event: Mapping[str, Any]) -> str | None:
    """The type of the page's event that an event of the trace hands out."""
    return event["args"]["data"]["type"] if event["name"] == "EventDispatch" else None


def union(spans: Sequence[Span]) -> list[Span]:
    """Those that lie in no other: spans of one thread are in each other or apart."""
    outer: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.length)):
        if not outer or span.start >= outer[-1].start + outer[-1].length:
            outer.append(span)
    return outer


class Editor:
    """An open page; what is done to it is traced."""

    def __init__(self, browser: "Browser", page: "Page", url: str) -> None:
        self.browser, self.page, self.url = browser, page, url
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Performance.enable")

    def open(self) -> float:
        """Milliseconds until the document and the picture are drawn."""
        begin = time.perf_counter()
        self.page.goto(self.url)
        self.page.wait_for_function("() => window.wanmoveEditor?.store.state().stage[0] > 0", polling="raf")
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return 1000 * (time.perf_counter() - begin)

    @contextmanager
    def traced(self) -> Iterator[list[Trace]]:
        """The trace of what happens inside, in the list afterwards."""
        traces: list[Trace] = []
        self.browser.start_tracing(page=self.page, categories=CATEGORIES)
        try:
            yield traces
        finally:
            traces.append(Trace(self.browser.stop_tracing()))

    def metric(self, name: str) -> float:
        """Milliseconds since the page began."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return next(1000 * one["value"] for one in metrics if one["name"] == name)

    def dispatch(self, **action: Any) -> None:
        """An action of the editor's store."""
        self.page.evaluate("action => window.wanmoveEditor.store.dispatch(action)", action)

    def place(self, layer: int) -> tuple[float, float]:
        """Where on the page the middle of a layer is now."""
        x, y = self.page.evaluate(
            """async (layer) => {
              const { affineAt, anchorOf, applyAffine } = await import(new URL("js/model/motion.js", location.href));
              const { document: tracks, viewport, progress } = window.wanmoveEditor.store.state();
              const { left, top } = document.querySelector("[role=application]").getBoundingClientRect();
              const one = tracks.layers[layer];
              const { bounds } = await import(new URL("js/model/shapes.js", location.href));
              const [l, t, r, b] = bounds(one.region, tracks.width, tracks.height);
              const [x, y] = applyAffine(affineAt(tracks, one, progress), (l + r) / 2, (t + b) / 2);
              return [left + x * viewport.scale + viewport.x, top + y * viewport.scale + viewport.y];
            }""",
            layer,
        )
        return x, y

    def commit_bytes(self) -> int:
        """Of the text that the host is given."""
        return self.page.evaluate(
            """async () => {
              const { serialiseDocument } = await import(new URL("js/model/document.js", location.href));
              return new TextEncoder().encode(serialiseDocument(window.wanmoveEditor.store.state().committed.document)).length;
            }"""
        )

    def mouse(self, kind: Literal["mousePressed", "mouseMoved", "mouseReleased"], x: float, y: float, held: bool) -> None:
        """Without Playwright's own mouse, which runs a script of its own in the page at each move with a button down."""
        button = "left" if held or kind == "mouseReleased" else "none"
        about = {"type": kind, "x": x, "y": y, "button": button, "buttons": int(held), "clickCount": int(kind != "mouseMoved")}
        self.session.send("Input.dispatchMouseEvent", about)

    def pause(self) -> None:
        """Until nothing waits to be worked out."""
        self.page.wait_for_timeout(PAUSE_MS)


@contextmanager
def opened(browser: "Browser", content: Mapping[str, Any]) -> Iterator[tuple[Editor, float]]:
    """The editor with this document, and how long opening took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.wanmove.json"
        path.write_text(json.dumps(content))
        server = PageServer(Session(PICTURE, path, CLIP))
        server.start()
        context = browser.new_context(viewport={"width": WINDOW[0], "height": WINDOW[1]})
        try:
            editor = Editor(browser, context.new_page(), server.url)
            took = editor.open()
            editor.pause()
            yield editor, took
        finally:
            context.close()
            server.stop()
