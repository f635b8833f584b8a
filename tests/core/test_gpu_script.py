"""The script of a GPU's figures at small size: it runs, says what it cannot do, and keeps to its time."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from benchmarks import gpu
from benchmarks.gpu import Section, measure, rounded
from benchmarks.gpu_bench import Bench, Json

CPU = torch.device("cpu")


def bench(seconds: float, small: bool = False) -> Bench:
    return Bench(CPU, small, seconds)


def test_what_finds_no_time_or_fails_says_so_and_the_rest_runs(monkeypatch: pytest.MonkeyPatch):
    def broken(given: Bench) -> Json:
        raise RuntimeError("no kernel image")

    sections = {
        "first": Section(lambda given: {"s": 1.0}, 5),
        "long": Section(lambda given: {"s": 2.0}, 500),
        "broken": Section(broken, 5),
        "last": Section(lambda given: {"s": 3.0}, 5),
    }
    monkeypatch.setattr(gpu, "SECTIONS", sections)
    told: list[tuple[str, list[str]]] = []
    result = measure(bench(100), list(sections), lambda name, so_far: told.append((name, list(so_far))))
    assert result["first"]["s"] == 1.0 and result["last"]["s"] == 3.0
    assert result["long"] == {"skipped": "100 s are left and it may take 500"}
    assert result["broken"]["failed"] == "RuntimeError: no kernel image"
    assert told == [(name, list(sections)[: place + 1]) for place, name in enumerate(sections)]


def test_a_clock_that_runs_out_counts_fewer_runs(monkeypatch: pytest.MonkeyPatch):
    calls: list[int] = []
    call: Callable[[], object] = lambda: calls.append(1)  # noqa: E731
    bench(100).time(call, 3)
    assert len(calls) == 4
    calls.clear()
    bench(-1).time(call, 3)
    assert len(calls) == 2


@torch.no_grad()
@pytest.mark.parametrize("name", ["attention", "forward", "step", "streaming"])
def test_a_section_runs_at_small_size(name: str):
    result = gpu.SECTIONS[name].run(bench(60, small=True))
    json.dumps(rounded(result))
    if name == "forward":
        assert 0 < result["fp8, products in 8 bits"]["error"] < 0.05 and result["floor_s"] > 0
    if name == "streaming":
        assert all(entry["equal"] for entry in result.values())


def test_without_a_gpu_only_the_small_size_makes_sense(tmp_path: Path):
    command = [sys.executable, "-m", "benchmarks.gpu", "--device", "cpu", "--json", str(tmp_path / "gpu.json")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert finished.returncode == 2 and "on a CPU only --small makes sense" in finished.stderr


def test_figures_have_four_digits():
    assert rounded({"s": 1.23456789, "of": (1, 0.00012345678, "x")}) == {"s": 1.235, "of": [1, 0.0001235, "x"]}
