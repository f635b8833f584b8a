"""The pictures of the editor in the documentation: ``python -m docs.screenshots``.

Each is a state of the standalone page over the demo's picture, in a browser of this machine (``WANMOVE_CHROMIUM`` or the
first on the PATH). To look at other sizes: ``python -m docs.screenshots --png FOLDER --window 1024x700 --ratio 2 regions``.
"""

import argparse
import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import ARGUMENTS, find_browser
from wanmove_core.standalone.server import PageServer
from wanmove_core.standalone.session import Clip, Session

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "wanmove_core/demo/picture.jpg"
CLIP = Clip(832, 480, 81, 16.0, None)
WINDOW = (1400, 880)
NODE = (520, 400)
"""CSS pixels of the editor in a node"""
QUALITY = 84
MOST_BYTES = 150_000
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

HEAD = [[376, 300], [381, 250], [403, 213], [423, 178], [448, 143], [488, 118], [520, 100], [560, 90], [600, 81], [640, 76]]
HEAD += [[674, 84], [689, 108], [691, 137], [682, 170], [662, 194], [630, 222], [606, 248], [584, 280], [566, 318]]
HEAD += [[505, 354], [462, 372], [415, 360], [383, 328]]
COILS = [[0, 186], [40, 192], [92, 232], [150, 272], [220, 302], [290, 318], [345, 332], [385, 350], [420, 364], [470, 368]]
COILS += [[520, 348], [580, 318], [640, 278], [700, 238], [770, 206], [832, 193], [832, 480], [0, 480]]
TURN = {
    "path": {"kind": "catmull-rom", "points": [[0, 0], [-46, -30], [-92, -14], [-120, 20]]},
    "rotation": [[0, 0], [0.55, 6], [1, -16]],
    "anchor": [455, 350],
    "timing": {"end": 0.85, "easing": "ease-in-out"},
}
SWELL = {"scale": [[0, 1], [1, 1.07]], "anchor": [416, 480], "timing": {"start": 0.2, "easing": "ease-in-out"}}
LEAP = {"path": {"points": [[0, 0], [-420, 40]]}, "timing": {"start": 0.4, "end": 0.45}}
DRAWING = [
    {"name": "Camera", "region": {"kind": "frame"}, "motion": {"scale": [[0, 1], [1, 1.06]]}},
    {"name": "Background", "region": {"kind": "rest"}},
    {"name": "Coils", "region": {"kind": "polygon", "points": COILS}, "motion": SWELL},
    {"name": "Head", "region": {"kind": "polygon", "points": HEAD}, "motion": TURN},
    {"name": "Pin", "region": {"kind": "point", "at": [96, 120]}},
]
LAYERS = {layer["name"]: index for index, layer in enumerate(DRAWING)}
FAULTS = [
    {"name": "Bird", "region": {"kind": "point", "at": [-20, 90]}, "motion": {"path": {"points": [[0, 0], [300, 40]]}}},
    {
        "name": "Eye",
        "region": {"kind": "disc", "centre": [526, 131], "radius": 26},
        "motion": {"path": {"points": [[0, 0], [3, 1]]}},
    },
    {"name": "Tongue", "region": {"kind": "disc", "centre": [670, 126], "radius": 30}, "motion": LEAP},
]

AS_NODE = """async ([width, height]) => {
  const { mountEditor } = await import(new URL("js/editor/mount.js", location.href));
  const { picture } = await (await fetch(new URL("session", location.href))).json();
  const clip = window.wanmoveEditor.store.state().clip;
  window.wanmoveEditor.dispose();
  const place = document.getElementById("editor");
  Object.assign(place.style, { width: `${width}px`, height: `${height}px` });
  window.wanmoveEditor = mountEditor(place, {
    document: "", clip, size: "mini", locale: "en", commit() {}, enlarge() {}, selectSmartly: async () => [],
    picture: { url: new URL(`picture?number=${picture.number}`, location.href).href },
  });
}"""
"""the same editor as a node has it"""


@dataclass(frozen=True)
class Shot:
    """A state of the editor. ``layers`` is what is drawn, ``prepare`` what is done then."""

    layers: Sequence[Any]
    prepare: Callable[["Editor"], None]
    themes: Sequence[Theme] = THEMES
    mini: bool = False


class Editor:
    """A page with the editor."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def dispatch(self, **action: Any) -> None:
        """An action of the store."""
        self.page.evaluate("action => window.wanmoveEditor.store.dispatch(action)", action)

    def load(self, layers: Sequence[Any]) -> None:
        """A document with these layers."""
        document = {"version": 1, "width": CLIP.width, "height": CLIP.height, "layers": list(layers)}
        self.page.evaluate("text => window.wanmoveEditor.setDocument(text)", json.dumps(document))

    def select(self, *names: str) -> None:
        """Layers of the drawing."""
        layers = [LAYERS[name] for name in names]
        self.dispatch(type="select", selection={"layers": layers, "points": [], "key": None})

    def at(self, progress: float) -> None:
        """The playhead."""
        self.dispatch(type="set-progress", progress=progress)

    def overlays(self, **overlays: bool) -> None:
        """What is shown over the picture."""
        self.dispatch(type="set-overlays", overlays=overlays)

    def on_page(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the picture lies on the page."""
        found = self.page.evaluate(
            """([x, y]) => {
              const { left, top } = document.querySelector('[role=application]').getBoundingClientRect();
              const { scale, x: across, y: down } = window.wanmoveEditor.store.state().viewport;
              return [left + x * scale + across, top + y * scale + down];
            }""",
            [x, y],
        )
        return found[0], found[1]

    def settle(self) -> None:
        """Until everything is worked out and drawn, what comes after a pause of the hand too."""
        self.page.wait_for_timeout(700)
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def nothing(editor: Editor) -> None:
    """As it opens."""


def at_the_start(editor: Editor) -> None:
    """A region is selected; the lasso stands for drawing another one."""
    editor.select("Head")


def at_the_end(editor: Editor) -> None:
    """Where the head goes, with its path."""
    editor.select("Head")
    editor.at(0.85)


def in_preview(editor: Editor) -> None:
    """The moved picture and nothing else."""
    editor.select()
    editor.overlays(dots=False)
    editor.at(0.7)


def heat_map(editor: Editor) -> None:
    """Which cells the model is told something about."""
    editor.overlays(coverage=True)
    editor.at(0.7)


def models_eye(editor: Editor) -> None:
    """What the model is given."""
    editor.overlays(model=True, dots=False)
    editor.at(0.7)


def timeline(editor: Editor) -> None:
    """A tall timeline with a speed graph and a chosen key."""
    editor.select("Head")
    editor.at(0.4)
    splitter = editor.page.locator(".wanmove-splitter")
    for _ in range(9):
        splitter.press("ArrowUp")
    editor.page.locator(".wanmove-row-head", has_text="Head").locator("[aria-expanded]").click()


def presets(editor: Editor) -> None:
    """The menu."""
    editor.select("Head")
    editor.page.locator("[data-command=presets]").first.click()
    editor.page.mouse.move(5, 5)


def findings(editor: Editor) -> None:
    """The list."""
    editor.settle()
    editor.page.locator(".wanmove-warning").click()


def smart_select(editor: Editor) -> None:
    """A rectangle around the head, answered by its outline."""
    page = editor.page
    editor.dispatch(type="set-tool", tool="smart")
    page.mouse.move(*editor.on_page(372, 66))
    page.mouse.down()
    page.mouse.move(*editor.on_page(700, 366), steps=4)
    page.mouse.up()
    page.wait_for_function("() => window.wanmoveEditor.store.state().smart?.outline")
    page.mouse.move(5, 400)


SHOTS = {
    "empty": Shot([], nothing),
    "regions": Shot(DRAWING, at_the_start),
    "full_screen": Shot(DRAWING, at_the_end),
    "preview": Shot(DRAWING, in_preview, ("dark",)),
    "heat_map": Shot(DRAWING, heat_map, ("dark",)),
    "models_eye": Shot(DRAWING, models_eye, ("dark",)),
    "timeline": Shot(DRAWING, timeline),
    "presets": Shot(DRAWING, presets),
    "findings": Shot(FAULTS, findings, ("light",)),
    "smart_select": Shot([], smart_select, ("dark",)),
    "mini": Shot(DRAWING, at_the_end, mini=True),
}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a page over the demo's picture."""
    server = PageServer(Session(PICTURE, folder / "drawing.json", CLIP, "en"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def photograph(browser: Browser, url: str, shot: Shot, theme: Theme, options: argparse.Namespace) -> bytes:
    """A PNG of one state in a fresh page."""
    width, height = options.window
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=options.ratio,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("() => window.wanmoveEditor?.store.state().stage[0] > 0")
    page.evaluate("theme => document.documentElement.setAttribute('data-wanmove-theme', theme)", theme)
    editor = Editor(page)
    if shot.mini:
        page.evaluate(AS_NODE, list(options.node))
    if shot.layers:
        editor.load(shot.layers)
    editor.settle()
    shot.prepare(editor)
    editor.settle()
    png = page.locator("#editor").screenshot() if shot.mini else page.screenshot()
    context.close()
    return png


def written(png: bytes, path: Path) -> None:
    """As JPEG; where it is too large for the documentation, of lower quality.

    Raises:
        ValueError: no sensible quality makes it small enough.
    """
    picture = Image.open(BytesIO(png)).convert("RGB")
    for quality in range(QUALITY, 59, -4):
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MOST_BYTES:
            path.write_bytes(buffer.getvalue())
            return
    raise ValueError(f"{path.name} cannot be made smaller than {MOST_BYTES} bytes.")


def read_size(text: str) -> tuple[int, int]:
    """1400x900"""
    width, height = text.split("x")
    return int(width), int(height)


def read_options() -> argparse.Namespace:
    """What to make."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SHOTS)}; all when left out")
    parser.add_argument("--png", type=Path, metavar="FOLDER", help="PNG files there instead of those of the documentation")
    parser.add_argument("--theme", choices=THEMES, help="this one only, for states that have no picture in it too")
    parser.add_argument("--window", type=read_size, default=WINDOW, metavar="WxH")
    parser.add_argument("--node", type=read_size, default=NODE, metavar="WxH")
    parser.add_argument("--ratio", type=float, default=1, help="device pixels a CSS pixel")
    options = parser.parse_args()
    unknown = set(options.names) - set(SHOTS)
    if unknown:
        parser.error(f"no such state: {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    """Makes the pictures."""
    options = read_options()
    folder = options.png or ROOT / "docs/images/editor"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for name in options.names or SHOTS:
            for theme in (options.theme,) if options.theme else SHOTS[name].themes:
                png = photograph(browser, url, SHOTS[name], theme, options)
                if options.png:
                    (folder / f"{name}_{theme}.png").write_bytes(png)
                else:
                    written(png, folder / f"{name}_{theme}.jpg")
        browser.close()


if __name__ == "__main__":
    main()
