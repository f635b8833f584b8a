"""Wrong and hostile track files: one clear error each, nothing executed, no memory that the file only claims."""

import io
import json
import os
import pickle
import struct
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.test_interchange import GOLDEN, PLACES
from wanmove_core.errors import TrackError
from wanmove_core.tracks.interchange import ReadOptions, read_track_file

ANY = ReadOptions(size=(64, 48), length=5, uneven="end")


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def torch_file(value: object) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def png(width: int, height: int, colour: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Evil:
    """Leaves a file behind where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("executed",)


def lists(*tracks: object) -> bytes:
    return json.dumps(tracks).encode()


def svg(inside: str, head: str = 'viewBox="0 0 64 48"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{inside}</svg>'.encode()


def config(**fields: object) -> bytes:
    return json.dumps({"points": [[1, 2]], "trajectories": [[[1, 2], [30, 4]]], **fields}).encode()


ONE, TWO = {"x": 1, "y": 2}, {"x": 30, "y": 40}
ENTITIES = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'
HUGE = torch.zeros(1).expand(2**40, 2)
CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty; give a file with tracks"),
    "text": (b"hello", "is none of npy, npz, pth, JSON, SVG and PNG"),
    "zeros": (bytes(100), "is none of npy"),
    "npy cut off": ((GOLDEN / "column.npy").read_bytes()[:-8], "is no npy file of numbers"),
    "npy of objects": (b"\x93NUMPY\x01\x00v\x00" + str({"descr": "|O", "fortran_order": False, "shape": (1,)}).encode(), "npy"),
    "npy of text": (npz(tracks=np.array(["a"])), 'the array "tracks" is no npy file of numbers'),
    "npz without names": (npz(a=PLACES, b=PLACES), 'holds "a", "b"; name the array of positions "tracks"'),
    "npz of nothing": (archive({}), "name the array of positions"),
    "npz cut off": (npz(tracks=PLACES)[:-30], "is a damaged archive"),
    "npz bomb": (archive({"tracks.npy": bytes(2**28 + 1)}), "unpacks to more than 268,435,456 bytes"),
    "npz of many": (archive({f"{number}.npy": b"" for number in range(65)}), "or 64 arrays"),
    "npz of five axes": (npz(tracks=np.zeros((1, 1, 5, 3, 2))), r"shape \[1, 1, 5, 3, 2\]"),
    "npz of one axis": (npz(tracks=np.zeros(5)), r"shape \[5\]"),
    "npz of four columns": (npz(tracks=np.zeros((5, 3, 4))), r"shape \[5, 3, 4\]"),
    "npz of three dimensions": (npz(tracks=np.full((5, 3, 3), 7.0)), "third column is no visibility of 0 and 1"),
    "npz of a visibility": (npz(visibility=np.ones((5, 3, 2), np.bool_)), "holds only true and false"),
    "npz with another visibility": (npz(tracks=PLACES, visibility=np.ones((4, 3))), r"shape \[4, 3\]; \[5, 3\] is needed"),
    "npz at no rate": (npz(tracks=PLACES, fps=0.0), "plays at 0 frames a second; give the right rate with --from-fps"),
    "npz of many frames": (npz(track_path=np.zeros((4097, 1, 2))), "holds 1 tracks of 4,097 frames"),
    "npz of small numbers": (npz(tracks=np.zeros((2**26 + 2) // 2 * 2, np.int8)), "holds over 67,108,864 numbers"),
    "npz far away": (npz(tracks=PLACES * 1e6), "is visible at frame 0 but its position is"),
    "pth of code": (torch_file(Evil()), "it holds Python objects or code, which are never run"),
    "old pth of code": (pickle.dumps(Evil(), 2), "is no .pth of tracks"),
    "pth of a text": (torch_file("tracks"), "holds a str without tensors"),
    "pth of a number": (torch_file({"tracks": 1}), "holds a dict without tensors"),
    "pth of three": (torch_file((torch.zeros(5, 3, 2),) * 3), "holds a tuple without tensors"),
    "pth that claims": (torch_file(HUGE), r"tensor \"tracks\" \[1099511627776, 2\] is no plain array"),
    "pth sparse": (torch_file(torch.eye(3).to_sparse()), "is no plain array"),
    "pth cut off": (torch_file(PLACES.tobytes())[:-60], "damaged archive"),
    "pth bomb": (archive({"a/data.pkl": b"", "a/b": bytes(2**28 + 1)}), "unpacks to more than 268,435,456 bytes"),
    "ati of other bytes": (torch_file(b"no archive"), "is a damaged archive"),
    "ati of 120 frames": (torch_file(npz(array=np.zeros((3, 120, 1, 3)))), r"an array \[tracks, 121, 1, 3\]"),
    "ati without array": (torch_file(npz(tracks=np.zeros((3, 121, 1, 3)))), "is none of ATI's files"),
    "ati of ones": (torch_file(npz(array=np.full((3, 121, 1, 3), 80.0))), "visibility .* not from 0 to 1"),
    "JSON cut off": (b'[[{"x": 1', "is not JSON"),
    "JSON too deep": (b"[" * 100_000, "is not JSON"),
    "JSON in Latin-1": (b'["\xe9"]', "is no UTF-8 text"),
    "JSON of nothing": (b"[]", "holds no list of tracks"),
    "JSON of empty lists": (b"[[]]", "neither places with x and y|shape|holds"),
    "JSON of null": (b"[null]", "shape|holds"),
    "JSON of texts": (b'["a"]', "is not JSON"),
    "JSON object": (b"{}", 'needs "points" and as many "trajectories"'),
    "JSON without y": (lists([ONE, {"x": 1}]), "Place 1 of track 0"),
    "JSON far away": (lists([ONE, {"x": 1, "y": 1e9}]), "Place 1 of track 0"),
    "JSON of both": (lists([ONE, TWO], [[1, 2], [3, 4]]), "Place 0 of track 1"),
    "JSON of ragged numbers": (lists([[1, 2], [3]]), "nor numbers in lists of one shape"),
    "JSON of ragged tracks": (lists([[1, 2], [3, 4]], [["a", 2]]), "has .* where a place of x and y is needed"),
    "JSON of six axes": (b"[" * 6 + b"1" + b"]" * 6, r"shape \[1, 1, 1, 1, 1, 1\]"),
    "JSON with an empty track": (lists([ONE, TWO], []), "holds 2 tracks of 0 frames"),
    "JSON with a track that is none": (lists([ONE, TWO], 3), "holds 2 tracks of 0 frames"),
    "config without paths": (config(trajectories=[]), 'as many "trajectories"'),
    "config elsewhere": (config(trajectories=[[[5, 5], [6, 6]]]), "must begin at its point 1, 2"),
    "config of texts": (config(points=["a"]), "where a place of x and y is needed"),
    "config of infinity": (config(points=[[float("inf"), 0]]), "where a place of x and y is needed"),
    "config of whole numbers": (config(points=[[10**400, 0]]), "where a place of x and y is needed"),
    "config for ever": (config(duration=1e9), "duration over 0 and up to 3600 seconds"),
    "config for no time": (config(duration="5s"), "duration over 0 and up to 3600 seconds"),
    "document of nothing": (b'{"layers": []}', 'lacks the field "version"'),
    "SVG cut off": (svg("<path d='M0 0L9 9'/>")[:-8], "is no SVG drawing in UTF-8"),
    "SVG in UTF-16": (b"<\x00s\x00", "is no SVG drawing in UTF-8"),
    "SVG with entities": (ENTITIES, "defines entities, which are never followed"),
    "HTML": (b"<html></html>", 'begins with "html" instead of "svg"'),
    "SVG of shapes": (svg("<rect/><text>a</text>"), "holds no paths"),
    "SVG too deep": (svg("<g>" * 70 + "</g>" * 70), "is nested over 64 levels deep"),
    "SVG of many moves": (svg('<path d="' + "M0 0" * 100_000 + '"/>'), "holds no paths"),
    "SVG without a move": (svg('<path d="L 1 1"/>'), "a path begins with a move"),
    "SVG of half a place": (svg('<path d="M 1"/>'), 'the path command "M" lacks a number'),
    "SVG with another letter": (svg('<path d="M 1 1 B 2"/>'), 'has "B 2" where a path command is needed'),
    "SVG with a wrong flag": (svg('<path d="M0 0A1 1 0 2 0 5 5"/>'), 'the path command "A" lacks a number'),
    "SVG with a wrong transform": (svg('<g transform="jump(1)"/>'), "which is none of SVG's"),
    "SVG to infinity": (
        svg('<g transform="scale(99999999)">' * 60 + '<path d="M1 1L2 2"/>' + "</g>" * 60),
        "beyond all numbers",
    ),
    "SVG of other frames": (svg('<path d="M1 1L2 2"/>', 'data-frames="5"'), "a path has another number of places"),
    "SVG of a wrong span": (svg('<path d="M1 1L2 2" data-hidden="a"/>'), 'a span as "3-7" is needed'),
    "SVG of no size": (svg('<path d="M1 1L2 2"/>', 'width="0" height="0"'), "is 0 x 0 in size"),
    "SVG for another picture": (svg('<path d="M1 1L2 2"/>', 'viewBox="0 0 10 10"'), "picture of 10 x 10, not 64 x 48"),
    "PNG cut off": ((GOLDEN / "mask.png").read_bytes()[:60], "cannot be read as a PNG"),
    "PNG of a bomb": (png(60000, 60000, 0, b""), "is 60000 x 60000; at most|cannot be read as a PNG"),
    "PNG with alpha": (png(1, 1, 6, bytes(5)), "colours of the kind RGBA, .* save it as a grey PNG"),
    "PNG of black": (png(8, 8, 0, bytes(72)), "The mask is empty"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_is_none_is_refused_in_a_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, said = CASES[name]
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "file"
    path.write_bytes(content)
    begun = time.perf_counter()
    with pytest.raises(TrackError, match=said) as caught:
        read_track_file(path, ANY)
    assert time.perf_counter() - begun < 5
    assert len(str(caught.value)) < 600 and "\n" not in str(caught.value)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("walk_tracks.npy", ReadOptions("kjnodes"), "is a npy file, and kjnodes comes as JSON list; leave --from out"),
        ("cotracker.pth", ReadOptions("ati"), "holds tensors, and ATI saves bytes"),
        ("kjnodes.json", ReadOptions(visibility=Path("a.npy")), "cannot be the visibility of a JSON list file"),
        ("drawing.svg", ReadOptions(), "holds 3 drawn paths, which have no number of frames; give it with --length"),
        ("mask.png", ReadOptions(), "holds a mask, which have no number of frames; give it with --length"),
        ("walk_tracks.npy", ReadOptions(visibility=Path("missing.npy")), "missing.npy cannot be read: No such file"),
        ("missing.npy", ReadOptions(), "missing.npy cannot be read: No such file"),
        (".", ReadOptions(), "is a folder, a pipe or a device"),
    ],
)
def test_what_does_not_fit_what_is_said_is_refused(name: str, options: ReadOptions, said: str) -> None:
    with pytest.raises(TrackError, match=said):
        read_track_file(GOLDEN / name, options)


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_read_or_refused_and_nothing_else(data: st.DataObject, tmp_path: Path) -> None:
    original = data.draw(st.sampled_from(sorted(GOLDEN.iterdir()))).read_bytes()
    content = bytearray(original[: data.draw(st.integers(1, len(original)))])
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(content)
    try:
        tracks = read_track_file(path, ANY).tracks
    except TrackError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(tracks.positions).all() and tracks.visibility.shape == tracks.positions.shape[:2]
