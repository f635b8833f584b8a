"""Scripting time of the trajectory editor in headless Chromium: dragging, playing, large documents, opening.

``python -m benchmarks.editor --json editor.json``: an 832x480 clip of 81 frames on the page of ``wanmove edit``, in a window of
1400x900, drawn by the processor. Scripting is what the page's main thread spends in JavaScript, with forced layout inside and
garbage collection: the union of those events in Chromium's trace. It is summed from one pointer move to the next while
something is dragged, which is at least a frame and mostly two, and from one frame to the next while the clip plays. Beside it
stands a check against ``ScriptDuration`` of the Performance domain. Of several runs the one with the least median counts, for
other programs only ever add.

Skips itself where there is no browser; ``WANMOVE_CHROMIUM`` names one.
"""

import argparse
import datetime
import importlib.util
import json
import math
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.editor_documents import count_tracks, large_document, layered_document, usual_document
from benchmarks.editor_page import CLIP, WINDOW, Editor, Trace, find_browser, opened
from benchmarks.machine import commit, processor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CANVASES = {
    "plain": ["--no-sandbox", "--enable-unsafe-swiftshader"],
    "angle": ["--no-sandbox", "--enable-unsafe-swiftshader", "--use-angle=swiftshader"],
}
"""whether the 2D canvas, too, goes through a graphics card that is played by the processor; WebGL does in both"""
STEPS = 90
"""pointer moves of a drag"""
PLAYED_MS = 4000
UP_MS = 120
"""after the release; what waits for a pause comes later"""


@dataclass(frozen=True)
class Frames:
    """Milliseconds of scripting a frame."""

    median_ms: float
    p95_ms: float
    worst_ms: float
    processor_ms: float
    """the median of what the processor spent on it: without waiting for other programs or for the graphics process"""
    frames: int
    checked: float
    """of the script without layout and garbage collection in the trace, by what ScriptDuration says: 1 where they agree"""


@dataclass(frozen=True)
class Gesture:
    """A drag of one layer at the end of the clip, and its release."""

    step: Frames
    """from a pointer move to the end of its frame"""
    up_ms: float
    """the release and the frames after it: the commit"""
    rest_ms: float
    """what follows in the pause: tracks, coverage, findings"""
    rest_processor_ms: float
    longest_ms: float
    """of release and pause, the longest time in which the page answers nothing"""
    longest_processor_ms: float
    commit_bytes: int


@dataclass(frozen=True)
class Opening:
    """From the page's address to two frames after the editor is there."""

    shown_ms: float
    script_ms: float


@dataclass(frozen=True)
class Case:
    """What was measured with one document."""

    tracks: int
    layers: int
    opening: Opening
    region: Frames
    """dragging a region at the start"""
    path: Gesture
    """dragging a layer at the end"""
    play: Frames


@dataclass(frozen=True)
class Timing:
    """All documents, and where they were measured."""

    cases: dict[str, Case]
    width: int
    height: int
    length: int
    window: tuple[int, int]
    canvas: str
    browser: str
    device: str
    load: tuple[float, float]
    """programs that wanted to run, before and after; this benchmark alone makes 1 to 2"""
    runs: int
    date: str
    commit: str


DOCUMENTS: dict[str, tuple[Callable[[], dict[str, Any]], int]] = {
    "usual": (lambda: usual_document(ripple=False), 1),
    "ripple": (lambda: usual_document(ripple=True), 2),
    "large": (large_document, 1),
    "many-layers": (layered_document, 40),
}
"""documents, and the layer that is dragged"""


def measure(browser: "Browser", runs: int, canvas: str, names: Sequence[str]) -> Timing:
    """Each of these documents so many times."""
    before = os.getloadavg()[0]
    cases = {}
    for name in names:
        make, layer = DOCUMENTS[name]
        content = make()
        cases[name] = best([measure_case(browser, content, layer) for _ in range(runs)])
        print(f"{name}: {cases[name].tracks} tracks", file=sys.stderr)
    return Timing(
        cases=cases,
        width=CLIP.width,
        height=CLIP.height,
        length=CLIP.length,
        window=WINDOW,
        canvas=canvas,
        browser=f"Chromium {browser.version}",
        device=f"cpu: {processor()}",
        load=(round(before, 1), round(os.getloadavg()[0], 1)),
        runs=runs,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=commit(),
    )


def measure_case(browser: "Browser", content: Mapping[str, Any], layer: int) -> Case:
    """One run with one document."""
    with opened(browser, content) as (editor, shown):
        opening = Opening(shown_ms=round(shown, 1), script_ms=round(editor.metric("ScriptDuration"), 1))
        region, _ = drag(editor, layer, 0.0)
        step, release = drag(editor, layer, 1.0)
        until = release.scripts[0].start + UP_MS
        rest, longest = release.script(since=until), release.longest()
        path = Gesture(
            step=step,
            up_ms=round(release.script(until=until).wall, 2),
            rest_ms=round(rest.wall, 1),
            rest_processor_ms=round(rest.processor, 1),
            longest_ms=round(longest.wall, 1),
            longest_processor_ms=round(longest.processor, 1),
            commit_bytes=editor.commit_bytes(),
        )
        return Case(
            tracks=count_tracks(content),
            layers=len(content["layers"]),
            opening=opening,
            region=region,
            path=path,
            play=play(editor),
        )


def drag(editor: Editor, layer: int, progress: float) -> tuple[Frames, Trace]:
    """A drag of a layer there and back: its frames, and the trace of its release and a pause."""
    editor.dispatch(type="set-progress", progress=progress)
    editor.pause()
    x, y = editor.place(layer)
    editor.mouse("mouseMoved", x, y, held=False)
    editor.mouse("mousePressed", x, y, held=True)
    editor.mouse("mouseMoved", x + 4, y + 4, held=True)
    frames = measure_frames(editor, "moves", lambda: [editor.mouse("mouseMoved", *at, held=True) for at in round_trip(x, y)])
    if editor.page.evaluate("() => window.wanmoveEditor.store.state().gesture.kind") != "drag":
        raise SystemExit(f"Layer {layer} was not taken hold of.")
    with editor.traced() as traces:
        editor.mouse("mouseReleased", *round_trip(x, y)[-1], held=False)
        editor.pause()
    return frames, traces[0]


def round_trip(x: float, y: float) -> list[tuple[float, float]]:
    """Round a place, as a hand goes that looks for a good one."""
    turns = [2 * math.pi * step / STEPS for step in range(STEPS)]
    return [(x + 5 + 40 * (1 - math.cos(turn)), y + 5 + 30 * math.sin(turn)) for turn in turns]


def play(editor: Editor) -> Frames:
    """The clip over and over, with the picture moving."""
    editor.dispatch(type="play")
    editor.page.wait_for_timeout(500)
    frames = measure_frames(editor, "frames", lambda: editor.page.wait_for_timeout(PLAYED_MS))
    editor.dispatch(type="pause")
    return frames


def measure_frames(editor: Editor, starts: Literal["frames", "moves"], act: Callable[[], object]) -> Frames:
    """Scripting while something is done."""
    with editor.traced() as traces:
        before = editor.metric("ScriptDuration")
        act()
        counted = editor.metric("ScriptDuration") - before
    (trace,) = traces
    spent = trace.between(trace.frames if starts == "frames" else trace.moves)
    walls = [one.wall for one in spent]
    return Frames(
        median_ms=round(statistics.median(walls), 2),
        p95_ms=round(statistics.quantiles(walls, n=20)[-1], 2),
        worst_ms=round(max(walls), 2),
        processor_ms=round(statistics.median(one.processor for one in spent), 2),
        frames=len(spent),
        checked=round(trace.without_layout() / counted, 2),
    )


def best(runs: list[Case]) -> Case:
    """Of each thing the run in which it took least."""
    return Case(
        tracks=runs[0].tracks,
        layers=runs[0].layers,
        opening=min((run.opening for run in runs), key=lambda one: one.shown_ms),
        region=min((run.region for run in runs), key=lambda one: one.median_ms),
        path=best_gesture([run.path for run in runs]),
        play=min((run.play for run in runs), key=lambda one: one.median_ms),
    )


def best_gesture(runs: list[Gesture]) -> Gesture:
    """Of its step and of its release the run in which it took least."""
    release = min(runs, key=lambda one: one.up_ms + one.rest_ms)
    return replace(release, step=min((run.step for run in runs), key=lambda one: one.median_ms))


def table(timing: Timing) -> str:
    """For people."""
    rows = [
        "| document | tracks | drag at the start | drag at the end | play | release | in the pause | opening |",
        "| --- " * 8 + "|",
    ]
    for name, case in timing.cases.items():
        frames = [f"{one.median_ms:.1f} (p95 {one.p95_ms:.1f})" for one in (case.region, case.path.step, case.play)]
        release = f"{case.path.up_ms:.0f} | {case.path.rest_ms:.0f}, at once {case.path.longest_ms:.0f}"
        cells = [name, f"{case.tracks:,}", *frames, release, f"{case.opening.shown_ms:.0f}"]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    """Measure, print, and write the JSON where asked."""
    parser = argparse.ArgumentParser(description="The trajectory editor: scripting time in Chromium.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--runs", type=int, default=3, help="of each document (%(default)s)")
    parser.add_argument("--canvas", choices=sorted(CANVASES), default="plain", help="what draws the 2D canvas (%(default)s)")
    parser.add_argument("--only", choices=sorted(DOCUMENTS), help="one document")
    arguments = parser.parse_args()
    program = find_browser()
    if program is None or importlib.util.find_spec("playwright") is None:
        lacking = "Playwright" if program else "Chromium or Chrome (WANMOVE_CHROMIUM names one)"
        print(f"benchmarks.editor: skipped, there is no {lacking}", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CANVASES[arguments.canvas])
        timing = measure(browser, arguments.runs, arguments.canvas, [arguments.only] if arguments.only else [*DOCUMENTS])
        browser.close()
    text = json.dumps(asdict(timing), indent=2)
    print(text)
    print(table(timing), file=sys.stderr)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
