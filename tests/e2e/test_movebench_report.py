"""report.html of a benchmark, opened from the disk in a real browser: nothing is fetched, nothing foreign runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from wanmove_core.movebench.records import THUMBNAILS, CaseRecord
from wanmove_core.movebench.report_page import PICTURED, report_page
from wanmove_core.movebench.settings import RunSettings
from wanmove_core.movebench.summary import Summary, benchmark_label

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CASES = 1000
EVIL = '<img src=x onerror="document.title=1"><script>document.title = "owned"</script>'
SETTINGS = RunSettings(
    {"set": "single", "language": "en"},
    {"model": "wan-move-14b", "model_label": "Wan-Move 14B", "steps": 40, "width": 832, "height": 480, "length": 81, "seed": 0},
    {"tracker": "OpenCV pyramidal Lucas-Kanade", "tracker_version": "5.0.0"},
    {"wanmove": "0.1.0"},
)


def record(index: int) -> CaseRecord:
    """Errors of 0.05 to 50 px, in no order."""
    error = 0.05 * ((index * 37) % CASES + 1)
    within = {most: 100 / (1 + error / float(most)) for most in ("1", "2", "4", "8", "16")}
    motion = {"tracks": 9, "mean_px_at_832x480": error, "within_percent": within, "lost_percent": 1.0, "path_ratio_median": 0.9}
    report = {"motion": motion, "floor": {**motion, "mean_px_at_832x480": 0.5}, "fidelity": {"psnr": 20.0, "ssim": 0.7}}
    category = ("dance", "street", "<b>water")[index % 3]
    return CaseRecord(f"Own_{index}", index, category, EVIL, index, "key", report, [error] * 9, [0.9] * 9, {"generate": 4.0})


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a thousand cases, all with a picture."""
    out = tmp_path_factory.mktemp("results")
    (out / THUMBNAILS).mkdir()
    picture = cv2.imencode(".jpg", np.tile(np.arange(0, 240, 5).astype(np.uint8), (32, 1)))[1].tobytes()
    for index in range(CASES):
        (out / THUMBNAILS / f"Own_{index}.jpg").write_bytes(picture)
    records = tuple(record(index) for index in range(CASES))
    page = out / "report.html"
    page.write_text(report_page(out, Summary(benchmark_label(SETTINGS), records, CASES + 18, 0, SETTINGS)), encoding="utf-8")
    return page


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide and light", "narrow and dark"])
def page(request: pytest.FixtureRequest, browser: "Browser", report: Path) -> "Iterator[Page]":
    """The page opened; in the end it asked for nothing and complained of nothing."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened, asked, problems = context.new_page(), list[str](), list[str]()
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(report.as_uri())
    yield opened
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    assert problems == []
    context.close()


def test_the_report_shows_a_thousand_cases_worst_first(page: "Page") -> None:
    assert page.title() == "Wan-Move 14B · MoveBench-style"
    assert page.locator(".chips .state").inner_text() == "1,000 of 1,018 cases are done"
    assert page.locator("svg").count() == 3 and page.locator("svg .bar").count() > 5
    assert page.locator(".case").count() == page.locator(".case img").count() == PICTURED
    assert page.locator(".case header a").first.inner_text() == "Own_27"  # 27 * 37 % 1000 = 999: 50 px
    loaded = "images => images.every(image => image.complete && image.naturalWidth > 0)"
    assert page.locator(".case img").evaluate_all(loaded)
    assert page.locator("table").last.locator("tbody tr").count() == CASES
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]  # type: ignore[index]


def test_the_table_is_sorted_by_a_click_on_a_column(page: "Page") -> None:
    table = page.locator("table").last
    first = table.locator("tbody tr").first.locator("td").first
    assert first.inner_text() == "Own_27"
    table.locator("th", has_text="EPE, mean").locator("button").click()
    assert first.inner_text() == "Own_0"
    table.locator("th", has_text="Seed").locator("button").click()
    assert first.inner_text() == "Own_999"
    assert table.locator("th[aria-sort=descending]").inner_text().startswith("Seed")


def test_what_others_wrote_is_text(page: "Page") -> None:
    assert [page.locator(foreign).count() for foreign in ("img[src=x]", "main script", "b >> text=water")] == [0, 0, 0]
    assert page.locator(".case p").first.inner_text().startswith("<img src=x")
    assert "<b>water" in page.locator("table").nth(1).inner_text()


def test_even_a_script_that_got_in_would_not_run(browser: "Browser", report: Path, tmp_path: Path) -> None:
    other = tmp_path / "report.html"
    other.write_text(report.read_text(encoding="utf-8").replace("</main>", f"{EVIL}</main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(other.as_uri())
    assert page.locator("main > script").count() == 1 and page.title() == "Wan-Move 14B · MoveBench-style"
    page.close()
