"""A model over MoveBench: resumed, in shards, measured, summed up. The model is a stand-in that copies or stands still."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.core.movebench_folder import HEIGHT, IDS, WIDTH, make_folder, new_case
from wanmove_core.errors import RequestError
from wanmove_core.evaluation.video_report import ALL_TRACKS, EvaluateOptions
from wanmove_core.host import SilentHost
from wanmove_core.movebench.bench import BenchRun, Done, Generate, run_bench
from wanmove_core.movebench.case_host import CaseHost
from wanmove_core.movebench.export import add_case
from wanmove_core.movebench.figures import flat_figures, totals, worst_first
from wanmove_core.movebench.layout import Case, of_shard, read_cases
from wanmove_core.movebench.preparation import ClipShape, prepare, read_truth
from wanmove_core.movebench.records import CaseRecord, read_record
from wanmove_core.movebench.report_page import report_page
from wanmove_core.movebench.result_files import write_results
from wanmove_core.movebench.scoring import Evaluation, finite, score
from wanmove_core.movebench.settings import OTHER_PROGRAM, RunSettings, agree
from wanmove_core.movebench.summary import Summary, benchmark_label, summarise
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.video_file import read_video, write_video

SHAPE = ClipShape(WIDTH, HEIGHT, 9)
OPTIONS = EvaluateOptions(replace(ALL_TRACKS), quality_every=0)
SETTINGS = RunSettings(
    {"set": "single", "language": "en"}, {"model": "stand-in", "steps": 2}, {"tracker": "OpenCV", "margin": 4.0}, {"torch": "2"}
)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, ...]:
    folder = tmp_path_factory.mktemp("MoveBench")
    make_folder(folder)
    return read_cases(folder)


@dataclass
class StandIn:
    """Copies the real video, or stands still where it is told to; remembers what it was asked."""

    frozen: Sequence[str] = ()
    opened: list[list[str]] = field(default_factory=list)
    seeds: dict[str, int] = field(default_factory=dict)
    stop_at: str = ""

    def open(self, pending: Sequence[Case]) -> Generate:
        self.opened.append([case.id for case in pending])
        return self.generate

    def generate(self, case: Case, seed: int) -> Iterator[Frame]:
        self.seeds[case.id] = seed
        if case.id == self.stop_at:
            raise KeyboardInterrupt
        if case.id in self.frozen:
            return iter([prepare(case, SHAPE).picture] * SHAPE.length)
        return iter(read_truth(case, SHAPE) or [])


def make_run(out: Path, cases: Sequence[Case], model: StandIn, chosen: Sequence[Case] | None = None) -> BenchRun:
    return BenchRun(
        everything=cases,
        chosen=cases if chosen is None else chosen,
        out=out,
        settings=SETTINGS,
        seed=100,
        fps=16.0,
        begin=lambda: None,
        open_model=model.open,
        evaluate=partial(evaluate, SHAPE),
    )


def evaluate(shape: ClipShape, case: Case, video: Path, thumbnail: Path) -> Evaluation:
    return score(case, video, thumbnail, shape, OPTIONS, SilentHost())


def run(bench: BenchRun) -> Done:
    return run_bench(bench, CaseHost(SilentHost()))


def records(out: Path, cases: Sequence[Case]) -> dict[str, CaseRecord]:
    return {case.id: record for case in cases if (record := read_record(out, case)) is not None}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, cases: tuple[Case, ...]) -> tuple[Path, Summary]:
    """One case frozen, the others as they should be; not to be changed."""
    out = tmp_path_factory.mktemp("results")
    assert run(make_run(out, cases, StandIn(frozen=IDS[2:3]))) == Done(4, 4, 0, ())
    return out, write_results(out, cases, SETTINGS)


def test_a_perfect_video_scores_as_the_real_one_and_a_frozen_one_is_exposed(finished: tuple[Path, Summary]) -> None:
    _, summary = finished
    found = {record.id: flat_figures(record.report) for record in summary.records}
    for name in (IDS[0], IDS[1], IDS[3]):
        assert found[name]["motion.mean_px_at_832x480"] < 2
        assert abs(found[name]["motion.mean_px_at_832x480"] - found[name]["floor.mean_px_at_832x480"]) < 0.5
        assert found[name]["motion.path_ratio_median"] == pytest.approx(1, abs=0.05)
        assert found[name]["fidelity.psnr"] > 30
    assert found[IDS[2]]["motion.mean_px_at_832x480"] == pytest.approx(found[IDS[2]]["motion.frozen_px_at_832x480"], abs=1)
    assert found[IDS[2]]["motion.path_ratio_median"] < 0.05
    assert worst_first(summary.records)[0].id == IDS[2]
    assert [(record.seed, record.category) for record in summary.records] == [
        (100, "ball_sport"), (101, "ball_sport"), (102, "street"), (103, "water"),
    ]  # fmt: skip
    assert len(summary.records[0].track_errors) == found[IDS[0]]["motion.tracks"] == 6


def test_the_files_of_a_summary_agree(finished: tuple[Path, Summary]) -> None:
    out, _ = finished
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert (results["done"], results["cases"], list(results["categories"])) == (4, 4, ["ball_sport", "street", "water"])
    assert results["label"].startswith("MoveBench-style, tracker: OpenCV") and results["settings"]["generation"]["steps"] == 2
    key = "motion.mean_px_at_832x480"
    figures = [each["figures"][key] for each in results["each"]]
    assert results["overall"][key]["mean"] == pytest.approx(np.mean(figures), abs=1e-3)
    assert results["overall"][key]["median"] == pytest.approx(np.median(figures), abs=1e-3)
    rows = list(csv.DictReader((out / "results.csv").open(encoding="utf-8", newline="")))
    assert [float(row[key]) for row in rows] == figures and [row["id"] for row in rows] == list(IDS)
    assert all(row["benchmark"].startswith("MoveBench-style") for row in rows)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page and "https://" not in page
    assert "all 4 cases are done" in page and page.count("data:image/jpeg;base64,") == 4


def test_tracks_weigh_alike_in_the_mean_per_track() -> None:
    def record(tracks: int, error: float) -> CaseRecord:
        return CaseRecord("a", 0, "c", "", 1, "", {"motion": {"tracks": tracks, "mean_px": error}}, [], [], {})

    total = totals([record(1, 10.0), record(9, 0.0), record(2, 2.0)])["motion.mean_px"]
    assert (total.cases, total.mean, total.median) == (3, 4.0, 2.0) and total.track_mean == pytest.approx(14 / 12)


def test_what_json_cannot_say_is_nothing() -> None:
    assert finite({"a": {"b": float("nan"), "c": [1.0, float("inf")]}, "d": 2}) == {"a": {"b": None, "c": [1.0, None]}, "d": 2}


def test_what_is_whole_is_never_made_again(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(make_run(tmp_path, cases, StandIn(stop_at=IDS[1])))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{IDS[0]}.json", f"{IDS[0]}.mp4", "thumbnails"]
    before = (tmp_path / f"{IDS[0]}.mp4").stat().st_mtime_ns
    write_video(tmp_path / f"{IDS[1]}.mp4", read_truth(cases[1], SHAPE) or [])
    model = StandIn()
    # done; has a video and only wants measuring; two to be made
    assert run(make_run(tmp_path, cases, model)) == Done(2, 3, 1, ())
    assert model.opened == [list(IDS[2:])] and model.seeds == {IDS[2]: 102, IDS[3]: 103}
    assert (tmp_path / f"{IDS[0]}.mp4").stat().st_mtime_ns == before
    assert run(make_run(tmp_path, cases, model)) == Done(0, 0, 4, ()) and len(model.opened) == 1


def test_shards_share_no_case_and_seeds_do_not_depend_on_them(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    first, second = StandIn(), StandIn()
    done = run(make_run(tmp_path, cases, second, of_shard(cases, 2, 2)))
    assert done == Done(2, 2, 0, ()) and second.seeds == {IDS[1]: 101, IDS[3]: 103}
    half = write_results(tmp_path, cases, SETTINGS)
    assert (len(half.records), half.cases) == (2, 4)
    assert "2 of 4 cases are done" in (tmp_path / "report.html").read_text(encoding="utf-8")
    run(make_run(tmp_path, cases, first, of_shard(cases, 1, 2)))
    assert first.seeds == {IDS[0]: 100, IDS[2]: 102} and len(records(tmp_path, cases)) == 4


def test_leftovers_of_a_killed_run_go_and_those_of_another_shard_stay(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    mine, other, strange = (tmp_path / name for name in (
        f".{IDS[0]}.0123456789ab.part.mp4", f".{IDS[1]}.0123456789ab.part.mp4", ".gitignore",
    ))  # fmt: skip
    for path in (mine, other, strange):
        path.write_bytes(b"half")
    run(make_run(tmp_path, cases, StandIn(), of_shard(cases, 1, 2)))
    assert [path.exists() for path in (mine, other, strange)] == [False, True, True]


def test_one_broken_case_is_told_and_stops_no_other(tmp_path: Path) -> None:
    made = make_folder(tmp_path, IDS[:3])
    made[1].tracks.write_bytes(b"rubbish")
    made[2].picture.unlink()
    out = tmp_path / "out"
    done = run(make_run(out, read_cases(tmp_path), StandIn(frozen=IDS[2:3])))
    assert (done.generated, done.evaluated, len(done.failed)) == (1, 1, 2)
    assert "no npy file of numbers" in done.failed[0] and "There is no picture file" in done.failed[1]
    again = run(make_run(out, read_cases(tmp_path), StandIn(frozen=IDS[2:3])))
    assert again.skipped == 1 and len(again.failed) == 2


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"[" * 100_000, b'{"id": "x", "report": {}, "evaluation_key": "k"}'])
def test_a_damaged_record_is_measured_again(tmp_path: Path, cases: tuple[Case, ...], content: bytes) -> None:
    bench = make_run(tmp_path, cases, StandIn(), cases[:1])
    run(bench)
    (tmp_path / f"{IDS[0]}.json").write_bytes(content)
    assert run(bench) == Done(0, 1, 0, ())


def test_a_video_of_another_size_or_length_is_told(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    write_video(tmp_path / f"{IDS[0]}.mp4", list(read_video(cases[0].video))[:10])
    (reason,) = run(make_run(tmp_path, cases, StandIn(), cases[:1])).failed
    assert f"has 10 frames of {WIDTH}x{HEIGHT}; 9 of {WIDTH}x{HEIGHT} are expected" in reason


def test_videos_of_another_program_are_only_measured(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    write_video(tmp_path / f"{IDS[0]}.mp4", read_truth(cases[0], SHAPE) or [])
    settings = agree(tmp_path, replace(SETTINGS, generation=None))
    assert settings.generation == OTHER_PROGRAM
    bench = replace(make_run(tmp_path, cases, StandIn(), cases[:2]), open_model=None, settings=settings)
    done = run(bench)
    assert (done.generated, done.evaluated) == (0, 1) and f"{IDS[1]}.mp4 is not there" in done.failed[0]
    assert records(tmp_path, cases)[IDS[0]].seed is None
    with pytest.raises(RequestError, match='videos "made by another program", not null'):
        agree(tmp_path, SETTINGS)


def test_other_settings_are_refused_in_one_sentence(tmp_path: Path) -> None:
    assert agree(tmp_path, SETTINGS) == SETTINGS == agree(tmp_path, replace(SETTINGS, about={"torch": "3"}))
    other = replace(SETTINGS, generation={"model": "stand-in", "steps": 4})
    with pytest.raises(RequestError, match=r"holds results with steps 2, not 4\. Give the same settings .* another folder"):
        agree(tmp_path, other)
    with pytest.raises(RequestError, match='with set "single", not "multi"'):
        agree(tmp_path, replace(SETTINGS, benchmark={"set": "multi", "language": "en"}))
    with pytest.raises(RequestError, match=r"evaluated with margin 4\.0, not 2\.0.*--evaluate-again"):
        agree(tmp_path, replace(SETTINGS, evaluation={"tracker": "OpenCV", "margin": 2.0}))
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(RequestError, match=r"settings\.json is damaged"):
        agree(tmp_path, SETTINGS)


def test_measuring_again_keeps_the_videos(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    agree(tmp_path, SETTINGS)
    run(make_run(tmp_path, cases, StandIn(), cases[:2]))
    other = replace(SETTINGS, evaluation={"tracker": "CoTracker3", "tracker_version": "3"})
    agree(tmp_path, other, evaluate_again=True)
    assert summarise(tmp_path, cases, other).otherwise == 2
    again = replace(make_run(tmp_path, cases, StandIn(), cases[:2]), settings=agree(tmp_path, other))
    assert run(again) == Done(0, 2, 0, ())
    assert benchmark_label(other) == "MoveBench-style, tracker: CoTracker3 3, as in the paper"


def test_nothing_in_a_caption_reaches_the_page_as_markup(tmp_path: Path) -> None:
    evil = "</title><script>alert(1)</script>\"onerror='x' & <b>"
    add_case(tmp_path, new_case("Own_a&b'_0", caption=evil))
    cases = read_cases(tmp_path)
    out = tmp_path / "out"
    run(make_run(out, cases, StandIn()))
    record = records(out, cases)["Own_a&b'_0"]
    assert record.caption == evil
    page = report_page(out, Summary("MoveBench-style <i>", (record,), 1, 0, replace(SETTINGS, about={"<b>": "<u>"})))
    assert page.count("<script>") == 1 and not [tag for tag in ("<b>alert", "<i>", "<u>", "alert(1)</") if tag in page]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and 'href="Own_a%26b%27_0.mp4"' in page
