"""A real browser for the tests of the editor: Chromium or Chrome of this machine, driven by Playwright.

None is downloaded: ``WANMOVE_CHROMIUM`` names one, or it is found on the PATH. Without one these tests are skipped.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import Editor, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
"""containers have no sandbox for it and no graphics card: WebGL in software, all else without it, which is 8 times faster"""


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
