"""The golden file of guidance is what Python makes today, and shows each kind of finding."""

import json
import runpy
from pathlib import Path
from typing import Any, get_args

import pytest

from wanmove_core.guidance.report import FindingKind

FOLDER = Path(__file__).parents[1] / "golden"
STORED = json.loads((FOLDER / "guidance.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built() -> list[dict[str, Any]]:
    content = runpy.run_path(str(FOLDER / "build_guidance.py"))["build"]()["guidance.json"]
    return json.loads(json.dumps(content))["cases"]


@pytest.mark.parametrize("index", range(len(STORED["cases"])), ids=lambda index: STORED["cases"][index]["name"])
def test_the_golden_file_holds_what_python_makes_of_its_documents_today(index: int, built: list[dict[str, Any]]) -> None:
    assert built[index] == STORED["cases"][index]


def test_the_golden_file_has_all_cases(built: list[dict[str, Any]]) -> None:
    assert [case["name"] for case in built] == [case["name"] for case in STORED["cases"]]


def test_each_kind_of_finding_that_a_bake_can_have_is_shown() -> None:
    shown = {finding["kind"] for case in STORED["cases"] for finding in case["findings"]}
    assert shown == {*get_args(FindingKind)} - {"source-size"}  # a bake is of the target's size
