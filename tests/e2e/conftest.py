"""A real browser for the tests of the editor: Chromium or Chrome of this machine, driven by Playwright.

None is downloaded: ``WANMOVE_CHROMIUM`` names one, or it is found on the PATH. Without one these tests are skipped.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.comfy_hosts import change_setting, real_comfyui, thin_host
from tests.e2e.comfy_page import PATIENCE, ComfyPage
from tests.e2e.driver import Editor, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
"""containers have no sandbox for it and no graphics card: WebGL in software, all else without it, which is 8 times faster"""

FRONTENDS = ("1.42.8", "1.49.6", "1.58.1")
"""releases of ComfyUI's page: the oldest that the editor promises, one between, the newest known; the Makefile has them too"""
REAL = pytest.param("ComfyUI", marks=pytest.mark.comfy)


def find_browser() -> str | None:
    """The program to start, None where there is none."""
    named = os.environ.get("WANMOVE_CHROMIUM")
    if named and not Path(named).is_file():
        pytest.fail(f"WANMOVE_CHROMIUM is {named}, which is no file.")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One browser for all tests; each takes contexts of its own from it."""
    program = find_browser()
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the PATH and WANMOVE_CHROMIUM is not set")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page_of_module(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """One server and one page for the tests of a module."""
    with opened(browser, tmp_path_factory.mktemp("editor")) as editor:
        yield editor


@pytest.fixture
def editor(page_of_module: Editor, tmp_path: Path) -> Iterator[Editor]:
    """The page with an empty document in a file of its own; nothing may have complained in the end."""
    page_of_module.reset(tmp_path / "drawing.wanmove.json")
    yield page_of_module
    page_of_module.settle()
    assert page_of_module.problems == []


@pytest.fixture(scope="session", params=[*FRONTENDS, REAL])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running host: the thin host with each release of the page, and a real ComfyUI where there is one."""
    folder = tmp_path_factory.mktemp("host")
    with real_comfyui(folder) if request.param == "ComfyUI" else thin_host(request.param, folder) as url:
        yield url


@pytest.fixture(scope="session", params=["classic", "Nodes 2.0"])
def comfy_tab(request: pytest.FixtureRequest, browser: "Browser", host: str) -> Iterator[ComfyPage]:
    """ComfyUI's page, one for all tests of a host and a way of drawing nodes."""
    change_setting(host, "Comfy.TutorialCompleted", True)
    # ComfyUI greets with a workflow of core nodes, most of which the thin host does not have.
    change_setting(host, "Comfy.Workflow.ShowMissingNodesWarning", False)
    change_setting(host, "Comfy.VueNodes.Enabled", request.param == "Nodes 2.0")
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    opened = ComfyPage(context.new_page())
    opened.page.set_default_timeout(PATIENCE)
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.open(host)
    yield opened
    context.close()


@pytest.fixture
def comfy(request: pytest.FixtureRequest, host: str, comfy_tab: ComfyPage) -> Iterator[ComfyPage]:
    """The page with the tests' workflow open. WANMOVE_SCREENSHOTS names a folder for a picture of it at the end.

    The host is named first, so that pytest goes through the hosts one after another.
    """
    comfy_tab.errors.clear()
    comfy_tab.close_panel()
    comfy_tab.load()
    yield comfy_tab
    if folder := os.environ.get("WANMOVE_SCREENSHOTS"):
        comfy_tab.page.screenshot(path=f"{folder}/{request.node.name.replace(' ', '_').replace('/', '_')}.png")
    assert comfy_tab.errors == []
