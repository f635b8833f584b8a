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
from typing import TYPE_CHECKING, Any

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

    def script(self, since: float = -math.inf, until: float = math.inf) -> float:
        """Scripting between two times."""
        return sum(length for start, length in self.scripts if since <= start < until)

    def between(self, starts: Sequence[float]) -> list[float]:
        """Scripting from each of these times to the next, where there was any."""
        edges = zip(starts, [*starts[1:], math.inf], strict=True)
        return [spent for spent in (self.script(*pair) for pair in edges) if spent > 0]

    def longest(self, since: float = -math.inf) -> float:
        """Of the spans of script without a pause."""
        return max((length for start, length in self.scripts if start >= since), default=0.0)

    def without_layout(self) -> float:
        """All scripting less the layout and the garbage collection that lie inside: what ScriptDuration counts."""
        inside = union([span for span in self._spans(LAYOUT | GC) if any(a <= span[0] < a + b for a, b in self.scripts)])
        return self.script() - sum(length for _, length in inside)

    def _spans(self, names: set[str]) -> list[tuple[float, float]]:
        return [(one["ts"] / 1000, one["dur"] / 1000) for one in self.events if one["name"] in names and "dur" in one]


def told(event: Mapping[str, Any]) -> str | None:
    """The type of the page's event that an event of the trace hands out."""
    return event["args"]["data"]["type"] if event["name"] == "EventDispatch" else None


def union(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Starts and lengths without what lies inside another."""
    outer: list[tuple[float, float]] = []
    for start, length in sorted(spans, key=lambda span: (span[0], -span[1])):
        end = outer[-1][0] + outer[-1][1] if outer else -math.inf
        if start + length <= end:
            continue
        if start < end:
            start, length = end, start + length - end
        outer.append((start, length))
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
