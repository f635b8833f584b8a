"""Wan-Move's npy files: every way they are written is read, and hostile ones can do nothing but fail."""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wanmove_core.errors import TrackError
from wanmove_core.tracks.npy_file import read_npy_tracks

PLACES = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
SHARED_FOLDER = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
"""every example writes the same file anew"""


def npy(values: Any, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(values), version)
    return stream.getvalue()


def header(descr: str, shape: str, order: str = "False", values: bytes = bytes(192)) -> bytes:
    """A npy file of version 1 that says what it is told to say."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode("latin1")
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + values


def written(folder: Path, values: Any, name: str = "tracks.npy") -> Path:
    path = folder / name
    path.write_bytes(values if isinstance(values, bytes) else npy(values))
    return path


@pytest.mark.parametrize("dtype", ["f2", "<f4", ">f4", "f8", "i1", "u1", "u2", "i4", "u8"])
@pytest.mark.parametrize("batch", [False, True])
def test_positions_of_any_number_type_are_read_with_and_without_a_batch(tmp_path: Path, dtype: str, batch: bool) -> None:
    values = PLACES.astype(dtype)
    tracks = read_npy_tracks(written(tmp_path, values[None] if batch else values), None, 64, 48)
    assert np.array_equal(tracks.positions, PLACES)
    assert tracks.positions.dtype == np.float32
    assert tracks.visibility.dtype == np.bool_ and tracks.visibility.all()
    assert (tracks.length, tracks.count, tracks.width, tracks.height) == (3, 4, 64, 48)
    assert (tracks.layer.tolist(), tracks.names) == ([0, 0, 0, 0], ("tracks",))


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_both_versions_and_memory_orders_of_the_format_are_read(tmp_path: Path, version: tuple[int, int], order: Any) -> None:
    path = written(tmp_path, npy(np.asarray(PLACES, order=order), version))
    assert np.array_equal(read_npy_tracks(path, None, 64, 48).positions, PLACES)


@pytest.mark.parametrize("dtype", ["bool", "u1", "i8", "f4"])
@pytest.mark.parametrize("batch", [False, True])
def test_visibility_is_whatever_is_not_zero(tmp_path: Path, dtype: str, batch: bool) -> None:
    shown = np.array([[1, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 0]])
    given_values = (shown * (0.5 if dtype == "f4" else 1)).astype(dtype)
    visibility = written(tmp_path, given_values[None] if batch else given_values, "visibility.npy")
    tracks = read_npy_tracks(written(tmp_path, PLACES), visibility, 64, 48)
    assert tracks.visibility.tolist() == (shown == 1).tolist()


@pytest.mark.parametrize("nowhere", [np.nan, np.inf, -1e300, 1e7])
def test_a_hidden_point_may_be_anywhere_and_a_visible_one_may_not(tmp_path: Path, nowhere: float) -> None:
    values, shown = PLACES.astype(np.float64), np.ones((3, 4), np.bool_)
    values[1, 2, 0], shown[1, 2] = nowhere, False
    path = written(tmp_path, values)
    assert read_npy_tracks(path, written(tmp_path, shown, "v.npy"), 64, 48).positions[1, 2].tolist() == [-1, -1]
    with pytest.raises(TrackError, match=r"tracks\.npy: track 2 is visible at frame 1 but its position is .*±1,000,000"):
        read_npy_tracks(path, None, 64, 48)


def test_what_was_read_does_not_change_with_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, PLACES)
    tracks = read_npy_tracks(path, None, 64, 48)
    path.write_bytes(npy(PLACES * 0))
    assert np.array_equal(tracks.positions, PLACES)


def zip_archive() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, PLACES)
    return stream.getvalue()


MALFORMED: dict[str, tuple[Any, str]] = {
    "two axes": (PLACES[0], r"shape \[4, 2\]; 3 axes are needed"),
    "a batch of two": (np.stack([PLACES, PLACES]), r"shape \[2, 3, 4, 2\]"),
    "three coordinates": (np.zeros((3, 4, 3)), r"shape \[3, 4, 3\]; \[frames, tracks, 2\]"),
    "no frames": (np.zeros((0, 4, 2)), r"shape \[0, 4, 2\]"),
    "no tracks": (np.zeros((3, 0, 2)), r"shape \[3, 0, 2\]"),
    "a single number": (np.float32(3), r"shape \[\]"),
    "complex numbers": (PLACES.astype(complex), "type complex128"),
    "text": (PLACES.astype(str), "type <U"),
    "dates": (PLACES.astype("M8[s]"), "type datetime64"),
    "records": (np.zeros((3, 4, 2), [("x", "f4")]), "type"),
    "nothing": (b"", "no npy file"),
    "a line of text": (b"0 1 2 3\n", "no npy file"),
    "an npz archive": (zip_archive(), "no npy file"),
    "a shape larger than the file": (header("'<f4'", "(3, 4000000000, 2)"), "no npy file"),
    "a shape beyond all memory": (header("'<f4'", f"({2**62}, {2**62}, 2)"), "no npy file"),
    "a negative shape": (header("'<f4'", "(-3, -4, 2)"), r"shape \[-3, -4, 2\]"),
    "a shape that is no tuple": (header("'<f4'", "24"), "no npy file"),
    "values of no bytes": (header("'|S0'", "(4, 4, 2147483648)"), "type"),
    "values of no bytes in no tracks": (header("'|S0'", "(3, 0, 2)"), "type"),
    "a number too long to print": (header("'<f4'", f"(3, 0x{'f' * 6000}, 2)"), "no npy file"),
    "an empty type": (header("()", "(3, 4, 2)"), "no npy file"),
    "deeply nested brackets": (header("(" * 3000 + ")" * 3000, "(3, 4, 2)"), "no npy file"),
    "an open bracket": (header("'<f4'", "(3, 4, 2"), "no npy file"),
    "an indented line": (header("'<f4'\n  ,\n 'x'", "\n   (3"), "no npy file"),
    "a future version": (npy(PLACES).replace(b"NUMPY\x01", b"NUMPY\x09"), "no npy file"),
    "half a header": (npy(PLACES)[:40], "no npy file"),
    "half the values": (npy(PLACES)[:-40], "no npy file"),
}


@pytest.mark.parametrize(("content", "words"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_is_refused_by_name(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(TrackError, match=words) as caught:
        read_npy_tracks(written(tmp_path, content), None, 64, 48)
    assert "tracks.npy" in str(caught.value)


@pytest.mark.parametrize("shape", [(3, 5), (2, 4), (4, 3), (3, 4, 1), (3,)])
def test_visibility_of_another_shape_is_refused_by_name(tmp_path: Path, shape: tuple[int, ...]) -> None:
    visibility = written(tmp_path, np.ones(shape), "visibility.npy")
    with pytest.raises(TrackError, match=r"visibility\.npy has the shape"):
        read_npy_tracks(written(tmp_path, PLACES), visibility, 64, 48)


def test_a_missing_file_a_folder_and_a_pipe_are_refused_by_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    for name, words in (("missing.npy", "No such file"), (".", "a folder"), ("pipe.npy", "a pipe")):
        with pytest.raises(TrackError, match=words):
            read_npy_tracks(tmp_path / name, None, 64, 48)


def test_a_file_larger_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = written(tmp_path, header("'<f4'", f"(3, {2**26}, 2)"))
    os.truncate(path, 2**29)
    with pytest.raises(TrackError, match="has 536,870,912 bytes; at most 268,435,456 are read"):
        read_npy_tracks(path, None, 64, 48)


class Trap:
    """Unpickled, it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def traps(path: Path) -> dict[str, bytes]:
    """Files that would run code in a reader that allows pickles."""
    objects, archive = io.BytesIO(), io.BytesIO()
    boxed = np.empty((3, 4, 2), object)
    boxed[0, 0, 0] = Trap(path)
    np.save(objects, boxed)
    np.savez(archive, boxed)
    bare = pickle.dumps(Trap(path))
    return {
        "bare": bare,
        "objects": objects.getvalue(),
        "archive": archive.getvalue(),
        "protocol 0": pickle.dumps(Trap(path), 0),
        "behind a header": header("'|O'", "(3, 4, 2)", values=bare),
        "in a record": header("[('x', '|O')]", "(3, 4, 2)", values=bare),
    }


def test_the_trap_works_where_pickles_are_allowed(tmp_path: Path) -> None:
    pickle.loads(traps(tmp_path / "sprung")["bare"])
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("kind", ["bare", "objects", "archive", "protocol 0", "behind a header", "in a record"])
def test_pickles_are_refused_and_never_run(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, traps(tmp_path / "sprung")[kind])
    sound = written(tmp_path, PLACES, "sound.npy")
    for positions, visibility in ((path, None), (sound, path)):
        with pytest.raises(TrackError, match=r"tracks\.npy"):
            read_npy_tracks(positions, visibility, 64, 48)
    assert not (tmp_path / "sprung").exists()


def refuses_or_reads(folder: Path, content: bytes) -> None:
    """Only the project's own error, and what is read keeps the promises of ``BakedTracks``."""
    path = written(folder, content)
    try:
        tracks = read_npy_tracks(path, None, 64, 48)
    except TrackError as error:
        assert "tracks.npy" in str(error) and len(str(error)) < 1000
        return
    assert tracks.positions.dtype == np.float32 and tracks.positions.shape == (tracks.length, tracks.count, 2)
    assert np.isfinite(tracks.positions).all() and tracks.length > 0 and tracks.count > 0


NUMBERS = st.one_of(
    st.integers(-3, 9), st.sampled_from([-(2**63), 2**31, 2**32 - 1, 2**62, 2**63, 2**64, 10**400, True, 1.5, "3"])
)
SHAPES = st.lists(NUMBERS, max_size=5).map(lambda sizes: repr(tuple(sizes)))
TYPES = st.one_of(
    st.sampled_from(["<f4", ">f8", "|b1", "<u2", "|O", "O8", "<c16", "<U9", "|S0", "|V8", "<M8[s]", "<f3", "f4,f4", "(2,)<f4"]),
    st.text(max_size=6),
).map(repr)
DESCRIPTIONS = st.one_of(
    TYPES,
    st.recursive(TYPES, lambda inner: st.lists(inner, max_size=3).flatmap(
        lambda parts: st.sampled_from([f"[{', '.join(parts)}]", f"({', '.join(parts)})", f"[('x', {', '.join(parts)})]"])
    ), max_leaves=5),
    st.text(alphabet="([{,'\"\\ \n\t#:f4<>|O0-}])", max_size=20),
)  # fmt: skip


@settings(max_examples=800, suppress_health_check=SHARED_FOLDER)
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\x80\x04"]),
)
def test_garbage_gives_only_track_errors(tmp_path: Path, content: bytes, start: bytes) -> None:
    refuses_or_reads(tmp_path, start + content)


@settings(max_examples=1200, suppress_health_check=SHARED_FOLDER)
@given(descr=DESCRIPTIONS, shape=SHAPES, order=st.sampled_from(["True", "False", "None", "0", "()"]), size=st.integers(0, 400))
def test_headers_that_lie_give_only_track_errors(tmp_path: Path, descr: str, shape: str, order: str, size: int) -> None:
    refuses_or_reads(tmp_path, header(descr.encode("latin1", "replace").decode("latin1"), shape, order, bytes(size)))


@settings(max_examples=1000, suppress_health_check=SHARED_FOLDER)
@given(data=st.data(), values=st.sampled_from([PLACES, PLACES[None], np.ones((3, 4), np.bool_)]))
def test_damaged_files_give_only_track_errors(tmp_path: Path, data: st.DataObject, values: NDArray[Any]) -> None:
    content = bytearray(npy(values))
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[position] = data.draw(st.integers(0, 255))
    refuses_or_reads(
        tmp_path, bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    )
