"""FID of a benchmark: what torch-fidelity is given, and what its features come to.

The stand-in takes and gives what the real class of torch-fidelity 0.4.0 does (its signature, dtypes, axes and shapes, as
recorded from it), but its features are the means of 4 x 4 parts of a picture. The package itself needs torchvision, which is
never installed here.
"""

import json
import pickle
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.movebench_folder import HEIGHT, IDS, WIDTH, make_folder
from wanmove_core.cli import main
from wanmove_core.errors import CheckpointError, RequestError
from wanmove_core.evaluation.fidelity import FeatureMoments, frechet_distance
from wanmove_core.evaluation.inception import Inception
from wanmove_core.movebench.layout import Case, read_cases
from wanmove_core.movebench.preparation import ClipShape, read_truth
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.video_file import write_video

SHAPE = ClipShape(WIDTH, HEIGHT, 5)
CPU = torch.device("cpu")


class FakeInception(torch.nn.Module):
    """``torch_fidelity.feature_extractor_inceptionv3.FeatureExtractorInceptionV3``."""

    frames_seen = 0

    def __init__(
        self, name: str, features_list: list[str], feature_extractor_weights_path: str | None = None,
        feature_extractor_internal_dtype: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        assert features_list == ["2048"] and not kwargs
        self.Mixed_7c = torch.nn.Module()
        self.Mixed_7c.branch1x1 = torch.nn.Module()
        self.Mixed_7c.branch1x1.conv = torch.nn.Conv2d(1, 1, 1, bias=False)
        self.fc = torch.nn.Linear(2, 3)
        self.given = feature_extractor_weights_path
        if name != "weights":
            assert feature_extractor_weights_path is not None, "the package would download them"
            self.load_state_dict(torch.load(feature_extractor_weights_path, weights_only=True))  # False in the package
        self.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
        assert x.dtype == torch.uint8 and x.dim() == 4 and x.shape[1] == 3
        FakeInception.frames_seen += len(x)
        return (torch.nn.functional.adaptive_avg_pool2d(x.float(), 4).flatten(1),)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were installed."""
    module = ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    vars(module)["FeatureExtractorInceptionV3"] = FakeInception
    monkeypatch.setitem(sys.modules, "torch_fidelity", ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(FakeInception, "frames_seen", 0)


def weights_in(folder: Path, archive: bool = True) -> Path:
    """A state dict as ``torch.save`` writes it, or wrote it before it wrote archives."""
    path = folder / f"inception_{archive}.pth"
    torch.manual_seed(0)
    torch.save(FakeInception("weights", ["2048"]).state_dict(), path, _use_new_zipfile_serialization=archive)
    return path


class Hostile:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("archive", [True, False])
def test_the_package_gets_a_file_that_was_written_here(package: None, tmp_path: Path, archive: bool) -> None:
    path = weights_in(tmp_path, archive)
    network = Inception(path, CPU)
    model: Any = vars(network)["_model"]
    assert model.given != str(path) and not Path(model.given).exists() and not model.training
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in torch.load(path, weights_only=True).items())
    frames = [np.full((9, 12, 3), (10, 20, 30), np.uint8)] * 20
    found = network(frames)
    assert found.shape == (20, 48) and found.dtype == np.float32
    assert np.array_equal(found[0], np.repeat([10, 20, 30], 16)), "red, green, blue"
    assert network.identity == Inception(weights_in(tmp_path, not archive), CPU).identity


@pytest.mark.parametrize("archive", [True, False])
def test_code_in_the_weights_is_never_run(package: None, tmp_path: Path, archive: bool) -> None:
    path, touched = tmp_path / "hostile.pth", tmp_path / "touched"
    torch.save({"Mixed_7c.branch1x1.conv.weight": Hostile(touched)}, path, _use_new_zipfile_serialization=archive)
    with pytest.raises(CheckpointError, match="code"):
        Inception(path, CPU)
    path.write_bytes(pickle.dumps(Hostile(touched), protocol=2))
    with pytest.raises(CheckpointError, match="never run"):
        Inception(path, CPU)
    assert not touched.exists()


def test_other_weights_and_a_missing_package_are_told(package: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "other.pth"
    torch.save({"blocks.0.weight": torch.zeros(2)}, path)
    with pytest.raises(RequestError, match=r"does not hold the Inception .* download pt_inception-2015-12-05-6726825d.pth"):
        Inception(path, CPU)
    torch.save({"Mixed_7c.branch1x1.conv.weight": torch.zeros(2)}, path)
    with pytest.raises(RequestError, match="do not fit the installed torch-fidelity"):
        Inception(path, CPU)
    with pytest.raises(CheckpointError, match="cannot be read"):
        Inception(tmp_path / "none.pth", CPU)
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(RequestError, match=r"FID needs the package .*pip install torch-fidelity .*Apache-2.0; weights: pt_inc"):
        Inception(weights_in(tmp_path), CPU)


def test_moments_in_parts_are_those_of_the_whole() -> None:
    random = np.random.default_rng(0)
    one, other = random.normal(5, 1, (300, 6)), random.normal(5.5, 2, (200, 6))
    first, second = FeatureMoments(), FeatureMoments()
    for part in np.split(one, [1, 60, 200]):
        first.add(part)
    second.add(other)
    assert first.frechet_distance(second) == pytest.approx(frechet_distance(one, other), rel=1e-9)
    assert first.frechet_distance(first) == pytest.approx(0, abs=1e-6)


def bench(folder: Path, out: Path, weights: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """Measure what lies in a folder."""
    size = ["--width", str(WIDTH), "--height", str(HEIGHT), "--length", str(SHAPE.length), "--niqe-every", "0", "--json"]
    command = ["bench", str(folder), "--out", str(out), *size, "--evaluate-only", "--fid-weights", str(weights), *more]
    assert main(command) == 0
    return json.loads(capsys.readouterr().out)


def make_cases(folder: Path, count: int) -> tuple[Case, ...]:
    """Real videos are as long as those of the run, so that a copy of the file is the same video."""
    make_folder(folder, IDS[:count])
    cases = read_cases(folder)
    for case in cases:
        write_video(case.video, read_truth(case, SHAPE) or [])
    return cases


def write_all(out: Path, cases: Sequence[Case], noise: float = 0) -> None:
    """The real videos, or those with noise."""
    out.mkdir()
    random = np.random.default_rng(0)
    for case in cases:
        if not noise:
            shutil.copy(case.video, out / f"{case.id}.mp4")
            continue
        write_video(out / f"{case.id}.mp4", [noisy(frame, noise, random) for frame in read_truth(case, SHAPE) or []])


def noisy(frame: Frame, noise: float, random: np.random.Generator) -> Frame:
    return (frame + random.normal(noise, noise, frame.shape)).clip(0, 255).astype(np.uint8)


def test_fid_of_a_benchmark_in_shards_is_kept_case_by_case(
    package: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, weights = tmp_path / "MoveBench", tmp_path / "out", weights_in(tmp_path)
    cases = make_cases(folder, 3)
    write_all(out, cases)
    first = bench(folder, out, weights, capsys, "--shard", "1/2")
    assert first["done"] == "2 of 3 cases" and "10 frames of 2 cases" in first["fid_label"]
    assert FakeInception.frames_seen == 2 * 2 * SHAPE.length
    both = bench(folder, out, weights, capsys, "--shard", "2/2")
    assert "torch-fidelity" in both["fid_label"] and "15 frames of 3 cases" in both["fid_label"]
    assert FakeInception.frames_seen == 3 * 2 * SHAPE.length, "what the other shard computed is kept"
    kept = out / "fid" / f"{IDS[1]}.npz"
    kept.write_bytes(kept.read_bytes()[:100])
    again = bench(folder, out, weights, capsys)
    assert again["fid"] == both["fid"] and FakeInception.frames_seen == 4 * 2 * SHAPE.length, "only the damaged one"

    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["fid"]["value"] == pytest.approx(both["fid"], abs=1e-3)
    assert (results["fid"]["frames"], results["fid"]["cases"], results["fid"]["weights"]) == (15, 3, weights.name)
    assert "biased" in results["fid"]["note"] and "fewer than 10,000" in results["fid"]["note"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<span>FID</span>" in page and "15 frames of 3 cases" in page and page.count("FID is biased") == 2

    write_all(tmp_path / "noise", cases, 40)
    worse = bench(folder, tmp_path / "noise", weights, capsys)
    assert both["fid"] == pytest.approx(0, abs=1e-3) and worse["fid"] > 100


def test_a_replaced_video_is_looked_at_again_and_a_case_without_a_real_one_is_left_out(
    package: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, weights = tmp_path / "MoveBench", tmp_path / "out", weights_in(tmp_path)
    cases = make_cases(folder, 2)
    write_all(out, cases)
    cases[1].video.unlink()
    before = bench(folder, out, weights, capsys)
    assert before["done"] == "2 of 2 cases" and "5 frames of 1 case" in before["fid_label"]
    write_video(out / f"{IDS[0]}.mp4", [255 - frame for frame in read_truth(cases[0], SHAPE) or []])
    assert bench(folder, out, weights, capsys)["fid"] > before["fid"] + 100
    cases[0].video.unlink()
    assert "fid" not in bench(folder, out, weights, capsys)
