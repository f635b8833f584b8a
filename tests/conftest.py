"""What all tests share: hypothesis settings, and that in CI nothing is skipped but what no package registry can supply.

On a developer's machine a test skips itself by name (``pytest.importorskip``) when a package is missing. With the variable
CI set, the same skip is a failure.
"""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

SKIPPABLE_IN_CI = {"gpu", "comfy"}
"""markers of tests that need what cannot be installed from a registry"""

IN_CI = bool(os.environ.get("CI"))

settings.register_profile("wanmove", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("wanmove")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module skipped: its packages are missing."""
    report = yield
    if IN_CI and report.outcome == "skipped" and not _may_skip(collector):
        report.outcome, report.longrepr = "failed", _refusal(report.longrepr)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """One test skipped; an expected failure counts as skipped to pytest and is left alone."""
    report = yield
    expected = "wasxfail" in vars(report)
    if IN_CI and report.outcome == "skipped" and not expected and not _may_skip(item):
        report.outcome, report.longrepr = "failed", _refusal(report.longrepr)
    return report


def _may_skip(node: pytest.Item | pytest.Collector) -> bool:
    return any(node.get_closest_marker(name) for name in SKIPPABLE_IN_CI)


def _refusal(reason: object) -> str:
    told = reason[2] if isinstance(reason, tuple) else reason
    return f"Skipped in CI, where only tests marked {' or '.join(sorted(SKIPPABLE_IN_CI))} may be: {told}"
