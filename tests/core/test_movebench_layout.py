"""MoveBench's folders: read as released, checked, and written for cases of one's own."""

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.core.movebench_folder import CAPTION, HEIGHT, IDS, WIDTH, make_folder, new_case
from wanmove_core.errors import MediaError, RequestError, TrackError, WanMoveError
from wanmove_core.host import SilentHost
from wanmove_core.movebench.export import NewCase, add_case
from wanmove_core.movebench.layout import of_categories, of_shard, read_case_tracks, read_cases
from wanmove_core.movebench.preparation import ClipShape, prepare, read_truth
from wanmove_core.movebench.validate import validate
from wanmove_core.rendering.images import load_image
from wanmove_core.rendering.video_file import read_video, video_info
from wanmove_core.tracks.arrange import resample_tracks


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four cases; not to be changed."""
    folder = tmp_path_factory.mktemp("MoveBench")
    make_folder(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One case, to be spoilt."""
    make_folder(tmp_path, IDS[:1])
    return tmp_path


def test_the_files_have_the_released_names_and_types(shared: Path) -> None:
    names = {path.relative_to(shared).as_posix() for path in shared.rglob("*") if IDS[0] in path.name}
    assert names == {
        "en/first_frame/Pexels_ball_sport_0.jpg",
        "en/video/Pexels_ball_sport_0.mp4",
        "en/track/single/Pexels_ball_sport_0_tracks.npy",
        "en/track/single/Pexels_ball_sport_0_visibility.npy",
    }
    tracks = np.load(shared / "en/track/single/Pexels_ball_sport_0_tracks.npy", allow_pickle=False)
    shown = np.load(shared / "en/track/single/Pexels_ball_sport_0_visibility.npy", allow_pickle=False)
    assert (tracks.dtype, tracks.shape, shown.dtype, shown.shape) == ("float32", (1, 81, 6, 2), "bool", (1, 81, 6))
    assert np.array_equal(tracks[0], new_case(IDS[0]).tracks.positions)
    info = video_info(shared / "en/video/Pexels_ball_sport_0.mp4")
    assert (info.width, info.height, info.fps, info.frames) == (WIDTH, HEIGHT, 16.0, 81)
    lines = (shared / "en/single_track.txt").read_text().splitlines()
    assert lines[0] == f"Pexels_ball_sport_0.mp4,{CAPTION}" and len(lines) == 4


def test_a_list_is_read_as_released(tmp_path: Path) -> None:
    list_of_cases = tmp_path / "zh" / "multi_track.txt"
    list_of_cases.parent.mkdir()
    text = "\ufeff# a comment\n\n  Pexels_3C_product_0.mp4 , 桌上, 一台电脑 \r\nPexels_ice_hockey_12,ice\n"
    list_of_cases.write_bytes(text.encode())
    first, second = read_cases(tmp_path, "zh", "multi")
    assert (first.index, first.id, first.caption, first.category) == (0, "Pexels_3C_product_0", "桌上, 一台电脑", "3C_product")
    assert first.tracks == tmp_path / "zh/track/multi/Pexels_3C_product_0_tracks.npy"
    assert (second.index, second.category) == (1, "ice_hockey")


def test_categories_and_shards_are_parts_of_the_whole(shared: Path) -> None:
    cases = read_cases(shared)
    assert [case.id for case in of_categories(cases, ["ball_sport"])] == list(IDS[:2])
    assert of_categories(cases, []) == cases
    assert [[case.index for case in of_shard(cases, shard, 3)] for shard in (1, 2, 3)] == [[0, 3], [1], [2]]
    with pytest.raises(RequestError, match='no category "ball"; there are ball_sport, street, water'):
        of_categories(cases, ["ball"])
    with pytest.raises(RequestError, match="shard is 4/3; give one from 1/3 to 3/3"):
        of_shard(cases, 4, 3)


def test_a_case_is_brought_to_the_models_size_and_length(shared: Path) -> None:
    case = read_cases(shared)[0]
    asked = prepare(case, ClipShape(64, 32, 5))
    whole = read_case_tracks(case, WIDTH, HEIGHT)
    assert asked.picture.shape == (32, 64, 3)
    assert np.allclose(asked.tracks.positions, resample_tracks(whole, 5).positions / 2)
    truth = read_truth(case, ClipShape(WIDTH, HEIGHT, 5))
    video = list(read_video(case.video))
    assert truth is not None
    assert all(np.array_equal(frame, video[index]) for frame, index in zip(truth, (0, 20, 40, 60, 80), strict=True))
    with pytest.raises(RequestError, match="is 128x64, the videos are 64x64, another shape"):
        prepare(case, ClipShape(64, 64, 5))


def spoil_list(folder: Path, text: str) -> None:
    (folder / "en/single_track.txt").write_bytes(text.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("../../etc/passwd.mp4,a", "line 1: the id .* leads out of the folder"),
        ("a\\..\\b.mp4,a", "leads out of the folder"),
        ("a.mp4,one\nb.mp4,two\nA.mp4,three", 'line 3: the id "A" stands on line 1 already'),
        ("a.mp4", 'line 1: "a" has no caption'),
        ("a.mp4,  ", "has no caption"),
        (".hidden.mp4,a", "is no id"),
        ("=cmd.mp4,a", "is no id"),
        ("a\x07b.mp4,a", "is no id"),
        (f"{'a' * 200}.mp4,a", "is 200 bytes long; at most 150"),
        ("# nothing", "lists no case"),
        ("a.mp4,\udcff", "not written in UTF-8"),
    ],
)
def test_a_wrong_list_is_one_clear_error(folder: Path, text: str, message: str) -> None:
    spoil_list(folder, text)
    with pytest.raises(RequestError, match=message):
        read_cases(folder)


@pytest.mark.parametrize(
    ("place", "message"), [(".", "choose with --lang and --set"), ("en", "give the folder above en"), ("x", "unpack en.tar.gz")]
)
def test_a_list_that_is_not_there_says_what_to_give(folder: Path, place: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        read_cases(folder / place, "en", "multi" if place == "." else "single")


def npy(values: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(values))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        ("tracks", None, "_tracks.npy is not there"),
        ("visibility", None, "_visibility.npy is not there"),
        ("tracks", npy(np.array([{}], dtype=object)), "no npy file of numbers .*type object"),
        ("tracks", npy(np.zeros((1, 80, 6, 2), np.float32)), "needs .*80"),
        ("tracks", npy(np.zeros((1, 81, 6, 3), np.float32)), r"\[frames, tracks, 2\] is needed"),
        ("tracks", b"", "no npy file of numbers"),
        ("visibility", npy(np.ones((1, 81, 7), np.bool_)), r"needs \[81, 6\]"),
    ],
)
def test_wrong_tracks_are_one_clear_error(folder: Path, suffix: str, content: bytes | None, message: str) -> None:
    (case,) = read_cases(folder)
    path = case.tracks if suffix == "tracks" else case.visibility
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(TrackError, match=message):
        read_case_tracks(case, WIDTH, HEIGHT)


def test_another_length_is_told(folder: Path) -> None:
    (case,) = read_cases(folder)
    case.tracks.write_bytes(npy(np.zeros((1, 33, 6, 2), np.float32)))
    case.visibility.write_bytes(npy(np.ones((1, 33, 6), np.bool_)))
    with pytest.raises(TrackError, match="has 33 frames; MoveBench's have 81"):
        read_case_tracks(case, WIDTH, HEIGHT)


def test_a_sound_folder_has_no_problem(shared: Path) -> None:
    found = validate(shared, SilentHost())
    assert (found.cases, found.problems, found.notes) == ({"en/single_track.txt": 4}, (), ())


def test_every_problem_is_listed_and_none_hides_another(tmp_path: Path) -> None:
    cases = make_folder(tmp_path)
    cases[0].picture.unlink()
    cases[0].tracks.write_bytes(b"rubbish")
    cases[1].video.write_bytes(b"rubbish")
    cases[2].video.unlink()
    tracks = np.load(cases[3].tracks)
    cases[3].tracks.write_bytes(npy(tracks[0]))
    cases[3].visibility.write_bytes(npy(np.zeros((1, 81, 6), np.bool_)))
    spoil_list(tmp_path, (tmp_path / "en/single_track.txt").read_text() + "../x.mp4,a\nnew.mp4\n")
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh/multi_track.txt").write_bytes(b"\xff")
    found = validate(tmp_path, SilentHost())
    expected = (
        "line 5: the id", "line 6: .* no caption", "no picture file", "no npy file", "cannot be read as a video",
        "no track is visible at frame 0", "one axis of 1 more", "not written in UTF-8",
    )  # fmt: skip
    assert len(found.problems) == len(expected)
    for message in expected:
        assert any(re.search(message, problem) for problem in found.problems), message
    assert found.cases == {"en/single_track.txt": 4, "zh/multi_track.txt": 0}
    assert len(found.notes) == 1 and "Pexels_street_0.mp4 is not there" in found.notes[0]
    with pytest.raises(RequestError, match="has none of MoveBench's lists"):
        validate(tmp_path / "en", SilentHost())


def test_a_case_of_ones_own_is_added_once_and_keeps_what_is_there(folder: Path) -> None:
    path = folder / "en/single_track.txt"
    path.write_text(path.read_text().rstrip("\n") + "\n# a remark, no line break behind it")
    add_case(folder, new_case("Own_dance_7", 5, caption="  two\nlines, one caption "))
    assert path.read_text().splitlines()[1:] == [
        "# a remark, no line break behind it",
        "Own_dance_7.mp4,two lines, one caption",
    ]
    with pytest.raises(RequestError, match='has the case "own_DANCE_7" already'):
        add_case(folder, new_case("own_DANCE_7"))
    add_case(folder, new_case("Own_dance_7", 5), tracks="multi")
    with pytest.raises(MediaError, match="is there and shows something else"):
        add_case(folder, new_case(IDS[0], 9), tracks="multi")
    assert [case.id for case in read_cases(folder, "en", "multi")] == ["Own_dance_7"]
    assert np.array_equal(load_image(read_cases(folder)[1].picture), load_image(read_cases(folder, "en", "multi")[0].picture))


def test_what_cannot_be_a_case_leaves_nothing(tmp_path: Path) -> None:
    new = new_case("Own_a_0")
    hidden = replace(new.tracks, visibility=np.zeros((81, 6), np.bool_))
    wrong: tuple[tuple[NewCase, str], ...] = (
        (replace(new, id="../a"), "leads out"),
        (replace(new, caption=" \n"), "has no caption"),
        (replace(new, tracks=hidden), "visible in the first frame"),
        (replace(new, tracks=replace(new.tracks, width=64)), "64x64, the case's is 128x64"),
        (replace(new, video=[new.picture[:32]]), "bring both to one size"),
    )
    for case, message in wrong:
        with pytest.raises(WanMoveError, match=message):
            add_case(tmp_path, case)
    assert list(tmp_path.rglob("*")) == []


def test_other_lengths_become_81_frames(tmp_path: Path) -> None:
    new = new_case("Own_a_0")
    assert new.video is not None
    short = replace(new, tracks=resample_tracks(new.tracks, 21), video=new.video[:21])
    case = add_case(tmp_path, short)
    assert read_case_tracks(case, WIDTH, HEIGHT).length == 81
    assert len(list(read_video(case.video))) == 81
    assert list(tmp_path.rglob(".*")) == []
