"""The example workflows in a real ComfyUI: they open as they are, and those with the demo model run.

    WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_example_workflows.py

WANMOVE_SCREENSHOTS names a folder for a picture of each.
"""

import json
import os
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from docs.workflows.__main__ import FOLDER, WORKFLOWS
from docs.workflows.content import CLIP, HIGH, LIGHT, LOW, MOVE, TEXT, VAE
from tests.e2e.comfy_hosts import real_comfyui
from tests.e2e.comfy_page import ComfyPage
from wanmove_core.rendering.video_file import read_video

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.comfy

RUN_ANYWHERE = [name for name in WORKFLOWS if name[0] in "1678"]
RUN_SECONDS = 300


@pytest.fixture(scope="module")
def comfyui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A ComfyUI with files of the names that the workflows want, and its folder."""
    folder = tmp_path_factory.mktemp("comfyui")
    with real_comfyui(folder) as url:
        for file in (MOVE, HIGH, LOW, VAE, TEXT, CLIP, LIGHT):
            place = folder / "models" / file.folder
            place.mkdir(parents=True, exist_ok=True)
            (place / file.name).touch()
        yield url, folder


@pytest.fixture(params=["classic", "Nodes 2.0"])
def page(request: pytest.FixtureRequest, browser: "Browser", comfyui: tuple[str, Path]) -> Iterator[ComfyPage]:
    """The page in one of the renderers."""
    url = comfyui[0]
    for name, value in (("TutorialCompleted", True), ("VueNodes.Enabled", request.param == "Nodes 2.0")):
        body = json.dumps(value).encode()
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{url}/api/settings/Comfy.{name}", body, headers)).close()
    context = browser.new_context(viewport={"width": 1800, "height": 1000})
    errors: list[str] = []
    opened = ComfyPage(context.new_page())
    opened.page.set_default_timeout(RUN_SECONDS * 1000)
    opened.page.on("pageerror", lambda error: errors.append(str(error)))
    opened.open(url)
    yield opened
    if folder := os.environ.get("WANMOVE_SCREENSHOTS"):
        opened.page.screenshot(path=f"{folder}/{request.node.name.replace(' ', '_').replace('/', '_')}.png")
    context.close()
    assert errors == []


def open_workflow(page: ComfyPage, name: str) -> None:
    """As the browser of templates does it."""
    workflow = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    page.page.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)
    page.page.wait_for_function("n => window.app.graph.nodes.length === n", arg=len(workflow["nodes"]))
    page.page.wait_for_function("() => !document.querySelector('.p-blockui-mask')")
    page.page.wait_for_timeout(1500)


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def test_the_browser_of_templates_offers_them_with_their_thumbnails(comfyui: tuple[str, Path]) -> None:
    offered = json.loads(get(f"{comfyui[0]}/api/workflow_templates"))
    ((pack, names),) = ((pack, names) for pack, names in offered.items() if "WanMove" in pack)
    assert sorted(names) == sorted(WORKFLOWS)
    for name in names:
        address = f"{comfyui[0]}/api/workflow_templates/{pack}/{urllib.parse.quote(name)}"
        assert json.loads(get(f"{address}.json"))["nodes"]
        assert get(f"{address}.jpg").startswith(b"\xff\xd8")


def test_the_pack_loads_without_a_warning(comfyui: tuple[str, Path]) -> None:
    log = (comfyui[1] / "log.txt").read_text(encoding="utf-8", errors="replace")
    about = [line for line in log.splitlines() if "wanmove" in line.lower() or "wan-move" in line.lower()]
    assert about and not [line for line in about if any(word in line for word in ("WARN", "ERROR", "FAILED", "Traceback"))]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_it_opens_without_a_missing_node_a_red_input_or_a_missing_file(page: ComfyPage, name: str) -> None:
    open_workflow(page, name)
    found: dict[str, Any] = page.page.evaluate(
        """() => {
          const nodes = window.app.graph.nodes;
          const unknown = nodes.filter((n) => !n.constructor.nodeData && !["MarkdownNote", "Note", "Reroute"].includes(n.type));
          const wrong = nodes.flatMap((n) => (n.widgets ?? []).filter((w) => Array.isArray(w.options?.values)
            && !w.options.values.includes(w.value)).map((w) => `${n.type}.${w.name} = ${w.value}`));
          const red = nodes.filter((n) => n.has_errors || (n.inputs ?? []).some((i) => i.hasErrors)).map((n) => n.type);
          const links = nodes.flatMap((n) => (n.inputs ?? []).filter((i) => i.link != null)).length;
          return { unknown: unknown.map((n) => n.type), wrong, red, links };
        }"""
    )
    workflow = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert found == {"unknown": [], "wrong": [], "red": [], "links": len(workflow["links"])}
    shown = page.page.locator("body").inner_text().lower()
    assert "missing" not in shown, "the page names no missing node, model or picture"
    prompt = page.prompt()
    assert {node["class_type"] for node in prompt.values()} == {
        node["type"] for node in workflow["nodes"] if node["type"] != "MarkdownNote"
    }


@pytest.mark.parametrize("name", RUN_ANYWHERE)
def test_it_runs_and_shows_a_video_that_plays(page: ComfyPage, comfyui: tuple[str, Path], name: str) -> None:
    open_workflow(page, name)
    assert page.queue() == "execution_success"
    saved = [output for output in page.page.evaluate("() => Object.values(window.app.nodeOutputs)") if output.get("animated")]
    files = [entry for output in saved for entry in output["images"] if entry["type"] == "output"]
    assert files
    for entry in files:
        frames = list(read_video(comfyui[1] / "output" / entry["subfolder"] / entry["filename"]))
        followed = "followed" in entry["filename"]  # drawn over the clip that was followed
        assert len(frames) == 33 and frames[0].shape == ((240, 416, 3) if followed else (256, 448, 3))
        assert abs(frames[0].astype(float) - frames[-1]).mean() > 2, "something moves"
    page.page.wait_for_function(
        "n => [...document.querySelectorAll('video')].filter(v => v.readyState >= 2).length >= n", arg=1
    )
