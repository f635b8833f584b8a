"""Track files of other programs: golden ones are understood, and what is written is read back as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.tracks.baked import BakedTracks
from wanmove_core.tracks.interchange import Reading, ReadOptions, read_track_file, retime
from wanmove_core.tracks.interchange_formats import FORMATS
from wanmove_core.tracks.interchange_writing import encode_tracks

GOLDEN = Path(__file__).parents[1] / "golden" / "tracks"
SIZE = (64, 48)
WALK = [[8, 8], [16, 8], [24, 8], [32, 8], [40, 8]]
STILL = [[20, 30]] * 5
LEAVING = [[56, 40], [60, 40], [64, 40], [68, 40], [72, 40]]
PLACES = np.array([WALK, STILL, LEAVING], np.float32).swapaxes(0, 1)
SEEN = np.array([[1, 1, 1], [1, 1, 1], [1, 0, 1], [1, 0, 1], [1, 1, 1]], np.bool_)
ALL = np.ones((5, 3), np.bool_)
SIZED, LONG = ReadOptions(size=SIZE), ReadOptions(length=5)


@pytest.mark.parametrize(
    ("name", "options", "seen"),
    [
        ("walk_tracks.npy", ReadOptions(), SEEN),
        ("walk_tracks.npy", ReadOptions("wan-move"), SEEN),
        ("walk_tracks.npy", ReadOptions("movebench"), SEEN),
        ("wan2gp.npy", SIZED, SEEN),
        ("wan2gp.npy", ReadOptions("wan2gp", size=SIZE), SEEN),
        ("centred.npy", SIZED, SEEN),
        ("marked.npy", ReadOptions(), SEEN),
        ("marked.npy", ReadOptions("cotracker"), SEEN),
        ("column.npy", ReadOptions(), SEEN),
        ("cotracker.npz", ReadOptions(), SEEN),
        ("cotracker.pth", ReadOptions("cotracker"), SEEN),
        ("tapir.npz", ReadOptions(), SEEN),
        ("comfyui.npz", ReadOptions("tracks"), SEEN),
        ("kjnodes.json", ReadOptions(), ALL),
        ("ltx.json", ReadOptions("ltx", scale="pixels"), ALL),
        ("numbers.json", ReadOptions(), ALL),
        ("config.json", ReadOptions(), ALL),
        ("drawing.svg", LONG, ALL),
    ],
)
def test_golden_files_of_other_programs_are_the_same_tracks(name: str, options: ReadOptions, seen: np.ndarray) -> None:
    reading = read_track_file(GOLDEN / name, options)
    assert np.array_equal(reading.tracks.visibility, seen)
    places = reading.tracks.positions[seen]
    assert np.abs(places - PLACES[seen]).max() <= 1e-5
    assert reading.tracks.positions.dtype == np.float32


def test_ati_plays_121_frames_at_24_and_becomes_81_at_16() -> None:
    reading = read_track_file(GOLDEN / "ati.pth")
    assert (reading.tracks.length, reading.fps, reading.rate) == (121, 24.0, "24 frames a second (the file says so)")
    assert np.abs(reading.tracks.positions[::30] - PLACES).max() <= 1e-5
    assert np.array_equal(reading.tracks.visibility[::30], SEEN)
    at_16 = retime(reading, None, 16.0)
    assert (at_16.tracks.length, at_16.fps) == (81, 16.0)
    assert at_16.notes == ("121 frames at 24 a second were resampled to 81 at 16 a second",)
    assert np.abs(at_16.tracks.positions[::20] - PLACES).max() <= 1e-5


def test_uneven_lists_are_stretched_or_end_as_the_option_says() -> None:
    stretched = read_track_file(GOLDEN / "uneven.json", ReadOptions(uneven="stretch"))
    assert stretched.tracks.visibility.all()
    assert stretched.tracks.positions[:, 2, 0].tolist() == [56, 58, 60, 62, 64]
    assert stretched.notes == ("tracks of 2 to 5 places were stretched in time to 5",)
    ended = read_track_file(GOLDEN / "uneven.json", ReadOptions(uneven="end"))
    assert ended.tracks.visibility.sum(axis=0).tolist() == [5, 2, 3]
    assert ended.tracks.positions[:, 2, 0].tolist() == [56, 60, 64, 64, 64]
    with pytest.raises(TrackError, match="lists of 2 to 5 places; give --uneven stretch"):
        read_track_file(GOLDEN / "uneven.json")


def test_a_mask_is_a_still_track_in_each_cell() -> None:
    tracks = read_track_file(GOLDEN / "mask.png", LONG).tracks
    assert (tracks.length, tracks.count, tracks.width, tracks.height) == (5, 6, 64, 48)
    assert sorted(tracks.positions[0].tolist()) == [[20, 12], [20, 20], [28, 12], [28, 20], [36, 12], [36, 20]]
    assert np.array_equal(tracks.positions[4], tracks.positions[0])


def test_a_document_is_baked_at_its_own_size(tmp_path: Path) -> None:
    path = tmp_path / "motion.json"
    region = '{"kind": "point", "at": [8, 8]}'
    motion = '{"path": {"points": [[0, 0], [32, 0]]}}'
    layer = f'{{"name": "walk", "region": {region}, "motion": {motion}}}'
    path.write_text(f'{{"version": 1, "width": 64, "height": 48, "layers": [{layer}]}}')
    tracks = read_track_file(path, LONG).tracks
    assert (tracks.width, tracks.height) == SIZE and tracks.positions[:, 0, 0].tolist() == [8, 16, 24, 32, 40]


PRECISION = {"wan2gp": 1e-4, "kjnodes": 6e-4, "ltx": 6e-4, "trajectory-config": 6e-4, "svg": 6e-4}
"""pixels, where a format does not keep float32 as it is; the three lists round to a thousandth"""
EXACT = ("tracks", "wan-move", "movebench", "cotracker")


@st.composite
def random_tracks(draw: st.DrawFn, lengths: st.SearchStrategy[int]) -> BakedTracks:
    """Wandering points of an 832 x 480 picture, some off it, with hidden spans."""
    length, count = draw(lengths), draw(st.sampled_from([1, 2, 3, 40, 200]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    starts = random.uniform((-200, -200), (1032, 680), (1, count, 2))
    positions = starts + np.cumsum(random.normal(0, draw(st.sampled_from([0.0, 1.0, 20.0])), (length, count, 2)), axis=0)
    first, span = random.integers(0, length, count), random.integers(0, length, count) * draw(st.booleans())
    frames = np.arange(length)[:, None]
    hidden = (frames >= first) & (frames < first + span)
    layer = np.zeros(count, np.int32)
    return BakedTracks(positions.astype(np.float32), ~hidden, 832, 480, layer, ("tracks",))


LENGTHS = st.sampled_from([5, 9, 16, 81, 121, 161]) | st.integers(5, 161)


def through(tracks: BakedTracks, name: str, folder: Path) -> Reading:
    """Written as a format and read back."""
    path = folder / f"walk{FORMATS[name].ending}"
    for file, content in encode_tracks(tracks, path, name).files.items():
        file.write_bytes(content)
    scale = None if FORMATS[name].scale else "pixels"
    size = None if name == "svg" else (832, 480)
    return read_track_file(path, ReadOptions(name, scale=scale, size=size))


@pytest.mark.parametrize("name", [*EXACT, *PRECISION])
@given(tracks=random_tracks(LENGTHS))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(name: str, tracks: BakedTracks, tmp_path: Path) -> None:
    back = through(tracks, name, tmp_path).tracks
    assert back.positions.shape == tracks.positions.shape and (back.width, back.height) == (832, 480)
    shown = tracks.visibility if FORMATS[name].shows_hidden else np.ones_like(tracks.visibility)
    assert np.array_equal(back.visibility, shown)
    kept = shown if name == "wan2gp" else np.ones_like(shown)  # there a hidden point has no place
    if name in EXACT:
        assert np.array_equal(back.positions, tracks.positions)
    elif kept.any():
        assert np.abs(back.positions - tracks.positions)[kept].max() <= PRECISION[name]


@pytest.mark.parametrize("name", [*EXACT, *PRECISION])
@given(tracks=random_tracks(LENGTHS))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_written_file_is_understood_without_its_formats_name_or_asked_for(
    name: str, tracks: BakedTracks, tmp_path: Path
) -> None:
    path = tmp_path / f"b{FORMATS[name].ending}"
    for file, content in encode_tracks(tracks, path, name).files.items():
        file.write_bytes(content)
    try:
        back = read_track_file(path, ReadOptions(size=(832, 480))).tracks
    except TrackError as error:
        assert "give --" in str(error)
        return
    assert back.positions.shape == tracks.positions.shape
    shown = back.visibility & tracks.visibility
    if shown.any():
        assert np.abs(back.positions - tracks.positions)[shown].max() <= PRECISION.get(name, 0.0)
    if FORMATS[name].shows_hidden:
        assert np.array_equal(back.visibility, tracks.visibility)


@pytest.mark.parametrize("name", [*EXACT, *PRECISION, "ati"])
def test_thousands_of_tracks_are_read_back(name: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    positions = random.uniform((-50, -50), (880, 530), (1, 4096, 2)) + np.cumsum(random.normal(0, 3, (121, 4096, 2)), axis=0)
    hidden = np.zeros((121, 4096), np.bool_)
    hidden[40:60, ::3] = True
    layer = np.zeros(4096, np.int32)
    tracks = BakedTracks(positions[::30].astype(np.float32), ~hidden[::30], 832, 480, layer, ("tracks",))
    if name == "ati":
        tracks = BakedTracks(positions.astype(np.float32), ~hidden, 832, 480, layer, ("tracks",))
    back = through(tracks, name, tmp_path).tracks
    kept = tracks.visibility if name == "wan2gp" else np.ones_like(tracks.visibility)
    assert np.abs(back.positions - tracks.positions)[kept].max() <= PRECISION.get(name, 0.0)
    assert np.array_equal(back.visibility, tracks.visibility) or not FORMATS[name].shows_hidden


@given(tracks=random_tracks(st.just(121)))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ati_keeps_121_frames_exactly(tracks: BakedTracks, tmp_path: Path) -> None:
    back = through(tracks, "ati", tmp_path).tracks
    assert np.array_equal(back.positions, tracks.positions) and np.array_equal(back.visibility, tracks.visibility)


@given(tracks=random_tracks(LENGTHS))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_other_lengths_come_back_from_ati_as_far_as_121_frames_hold_them(tracks: BakedTracks, tmp_path: Path) -> None:
    tracks = replace(tracks, visibility=np.ones_like(tracks.visibility))
    back = retime(through(tracks, "ati", tmp_path), tracks.length, None).tracks
    assert back.positions.shape == tracks.positions.shape
    step = np.abs(np.diff(tracks.positions, axis=0)).max()  # two roundings in time, of half a frame each at most
    assert np.abs(back.positions - tracks.positions).max() <= 2 * step * max(1, tracks.length / 121) + 1e-3
    assert np.abs(back.positions[[0, -1]] - tracks.positions[[0, -1]]).max() <= 1e-3
    if 120 % (tracks.length - 1) == 0:
        assert np.abs(back.positions - tracks.positions).max() <= 1e-3


@given(tracks=random_tracks(st.just(5)))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mask_keeps_the_cells_in_which_tracks_start(tracks: BakedTracks, tmp_path: Path) -> None:
    def cells(positions: np.ndarray) -> set[tuple[int, int]]:
        return {(int(x // 8), int(y // 8)) for x, y in positions.tolist()}

    starts = tracks.positions[0][tracks.visibility[0]]
    inside = starts[((starts >= 0) & (starts < (832, 480))).all(axis=1)]
    path = tmp_path / "mask.png"
    path.write_bytes(encode_tracks(tracks, path).files[path])
    if not len(inside):
        with pytest.raises(TrackError, match="The mask is empty"):
            read_track_file(path, LONG)
    else:
        assert cells(read_track_file(path, LONG).tracks.positions[0]) == cells(inside)


def test_a_hidden_place_is_kept_by_every_format_that_has_one(tmp_path: Path) -> None:
    tracks = read_track_file(GOLDEN / "walk_tracks.npy", SIZED).tracks
    for name in (*EXACT, "svg"):
        path = tmp_path / f"a{FORMATS[name].ending}"
        for file, content in encode_tracks(tracks, path, name).files.items():
            file.write_bytes(content)
        assert read_track_file(path, ReadOptions(name)).tracks.positions[2, 1].tolist() == [20, 30]


def test_what_a_format_cannot_say_is_said() -> None:
    tracks = read_track_file(GOLDEN / "walk_tracks.npy", SIZED).tracks
    (lost,) = encode_tracks(tracks, Path("a.json")).notes
    assert lost == "2 of 15 places are hidden, which kjnodes cannot say; they are written as seen"
    (longer,) = encode_tracks(tracks, Path("a.pth")).notes
    assert longer == "5 frames (0.25 s at 16 a second) were resampled to ATI's 121 (5 s at 24)"
    assert encode_tracks(tracks, Path("a.npz")).notes == ()
    assert "that of 16 frames a second" in encode_tracks(tracks, Path("a.json"), "trajectory-config").notes[1]


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        (".npy", "wan-move"),
        ("_tracks.npy", "movebench"),
        (".npz", "tracks"),
        (".json", "kjnodes"),
        (".pth", "ati"),
        (".svg", "svg"),
    ],
)
def test_the_ending_says_the_format(ending: str, name: str) -> None:
    tracks = read_track_file(GOLDEN / "walk_tracks.npy", SIZED).tracks
    assert encode_tracks(tracks, Path(f"a{ending}")).format == name


def test_wan_moves_files_have_the_released_shapes_and_stand_beside_each_other() -> None:
    tracks = read_track_file(GOLDEN / "walk_tracks.npy", SIZED).tracks
    names = [
        [path.name for path in encode_tracks(tracks, Path(name)).files] for name in ("tracks.npy", "id_tracks.npy", "a.npy")
    ]
    assert names == [["tracks.npy", "visibility.npy"], ["id_tracks.npy", "id_visibility.npy"], ["a.npy", "a_visibility.npy"]]
    written = encode_tracks(tracks, Path("id_tracks.npy"), "movebench").files
    assert list(written.values()) == [
        (GOLDEN / "walk_tracks.npy").read_bytes(),
        (GOLDEN / "walk_visibility.npy").read_bytes(),
    ]


@given(
    length=st.integers(2, 200), rate=st.sampled_from([8.0, 12.0, 16.0, 24.0, 30.0]), wanted=st.sampled_from([8.0, 16.0, 24.0])
)
@example(length=121, rate=24.0, wanted=16.0)
def test_resampling_keeps_the_time_the_first_and_the_last_place(length: int, rate: float, wanted: float) -> None:
    positions = np.linspace(0, 300, length, dtype=np.float32)[:, None, None].repeat(2, 2)
    shown, layer = np.ones((length, 1), np.bool_), np.zeros(1, np.int32)
    reading = Reading(BakedTracks(positions, shown, 832, 480, layer, ("tracks",)), rate, "", "", "", "", "")
    there = retime(reading, None, wanted).tracks
    assert there.length == 2 or abs((there.length - 1) / wanted - (length - 1) / rate) <= 0.5 / wanted + 1e-9
    assert there.positions[[0, -1]].tolist() == positions[[0, -1]].tolist()


@pytest.mark.parametrize(
    ("name", "ending", "said"),
    [
        ("gif", ".npy", '"gif" is no format that is written; it is one of tracks, wan-move'),
        ("document", ".json", '"document" is no format that is written'),
        ("", ".txt", "ends like no track file; end it in .npy"),
        ("ati", ".npy", "is to be written as ati, whose files end in .pth"),
        ("movebench", ".npy", "whose files end in _tracks.npy"),
        ("wan2gp", ".npy", "wan2gp needs the size of the picture; give it with --size"),
        ("svg", ".svg", "svg needs the size of the picture"),
    ],
)
def test_what_cannot_be_written_is_refused(name: str, ending: str, said: str) -> None:
    tracks = read_track_file(GOLDEN / "walk_tracks.npy").tracks
    with pytest.raises(RequestError, match=said):
        encode_tracks(tracks, Path(f"a{ending}"), name)
