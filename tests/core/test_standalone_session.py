"""What the page of ``wanmove edit`` is told: pictures, smart select, exported tracks, the clip."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.core.standalone_page import CLIP, DOCUMENT, TEXT, Page, Reply, png, running_page, thing
from wanmove_core.errors import DocumentError, MediaError, RequestError
from wanmove_core.standalone.session import Clip, Session, usual_clip
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with running_page(tmp_path) as page:
        yield page


def test_the_picture_is_the_one_that_python_reads(tmp_path: Path) -> None:
    pixels = thing()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    session = Session(tmp_path / "turned.png", tmp_path / "motion.json", CLIP)
    shown = np.array(Image.open(io.BytesIO(session.picture.file)))
    assert shown.shape == (128, 96, 3) and np.array_equal(shown, np.rot90(pixels, -1))
    assert json.loads(session.document())["width"] == 96


def test_another_picture_is_shown_and_nothing_is_written(page: Page) -> None:
    other = thing()[:, ::-1].copy()
    assert page.ask("picture?name=other.png", "POST", png(other)).json == {
        "name": "other.png", "number": 1, "width": 128, "height": 96,
    }  # fmt: skip
    assert np.array_equal(np.array(Image.open(io.BytesIO(page.ask("picture?number=1").body))), other)
    assert {file.name for file in page.folder.iterdir()} == {"picture.png"}


def test_what_is_no_picture_is_refused_and_the_old_one_stays(page: Page) -> None:
    before = page.ask("picture").body
    reply = page.ask("picture?name=notes.txt", "POST", "no picture at all")
    assert reply.status == 400 and '"notes.txt"' not in reply.error[20:] and "cannot be read as a picture" in reply.error
    wide = page.ask("picture?name=wide.png", "POST", png(np.zeros((1, 20_000, 3), np.uint8)))
    assert wide.status == 400 and '"wide.png" is 20000x1; sides of up to 16384 pixels' in wide.error
    assert page.ask("picture").body == before


def test_smart_select_answers_in_the_documents_pixels(page: Page) -> None:
    asked = {"width": 64, "height": 48, "box": [10, 3, 38, 45], "click": None, "strokes": []}
    points = np.array(page.ask("segment", "POST", json.dumps(asked)).json["points"])
    assert np.abs(points.min(axis=0) - (16, 8)).max() < 1 and np.abs(points.max(axis=0) - (32, 40)).max() < 1
    strokes = [{"keep": True, "points": [[48, 30], [44, 60]], "radius": 2}]
    clicked = {"width": 128, "height": 96, "click": [48, 48], "strokes": strokes}
    points = np.array(page.ask("segment", "POST", json.dumps(clicked)).json["points"])
    assert np.abs(points.min(axis=0) - (32, 16)).max() < 2


SIZE = {"width": 64, "height": 48}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("{", "The request is not JSON."),
        ([], "The request for smart select is a list of 0; an object"),
        ({}, 'lacks the field "width"'),
        (SIZE, "Nothing is marked"),
        ({**SIZE, "box": [1, 2, 3]}, "box is a list of 3; a list of 4 numbers is needed"),
        ({**SIZE, "box": [100, 100, 200, 200]}, "drag it around the thing"),
        ({**SIZE, "click": [1, "2"]}, 'click[1] is "2"'),
        ({**SIZE, "click": [float("nan"), 2]}, "click[0] is not finite"),
        ({**SIZE, "click": [900, 2]}, "lies outside the picture"),
        ({**SIZE, "click": [9, 2], "strokes": [{"keep": 1, "points": [[1, 1]], "radius": 1}]}, "keep is 1; true or false"),
        ({**SIZE, "click": [9, 2], "strokes": [{"keep": True, "points": [], "radius": 1}]}, "has 0 points"),
        ({**SIZE, "click": [9, 2], "path": "/etc/passwd"}, 'unknown field "path"'),
    ],
)
def test_a_bad_request_for_smart_select_is_refused_by_name(page: Page, asked: object, message: str) -> None:
    reply = page.ask("segment", "POST", asked if isinstance(asked, str) else json.dumps(asked))
    assert reply.status == 400 and message in reply.error


def npy(reply: Reply) -> NDArray[Any]:
    assert reply.status == 200 and reply.headers["Content-Type"] == "application/octet-stream"
    return np.load(io.BytesIO(reply.body), allow_pickle=False)


@pytest.mark.parametrize(("width", "height", "fit"), [(64, 48, None), (128, 96, None), (64, 64, "crop"), (80, 48, "stretch")])
def test_what_is_exported_is_what_python_bakes(page: Page, width: int, height: int, fit: Any) -> None:
    query = f"bake?width={width}&height={height}&length=5&fit={fit or ''}"
    baked = bake(parse_document(DOCUMENT), 5, width, height, fit)
    assert np.array_equal(npy(page.ask(query, "POST", TEXT)), baked.positions)
    picture = npy(page.ask(f"{query}&pixels=picture", "POST", TEXT))
    assert picture.shape == baked.positions.shape and picture.dtype == np.float32
    moved = picture[-1] - picture[0]
    assert np.abs(moved - (24, 8)).max() < 1e-3
    assert picture[0].min() >= 8 and picture[0].max() <= 24


def test_the_visibility_is_exported_where_something_is_hidden(page: Page) -> None:
    query = "bake?width=64&height=48&length=5&part=visibility"
    assert page.ask(query, "POST", TEXT).status == 204
    hidden = {**DOCUMENT, "layers": [{**DOCUMENT["layers"][0], "visible": [[0, 0.5]]}]}
    visible = npy(page.ask(query, "POST", json.dumps(hidden)))
    assert visible.dtype == np.bool_ and visible[:, 0].tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", 'The width is ""; a whole number from 1 to 16384 is needed.'),
        ("width=64&height=48&length=0", 'The length is "0"'),
        ("width=64&height=48&length=9&fit=tile", 'The fit is "tile"'),
        ("width=64&height=64&length=9", "another shape"),
        ("width=64&height=48&length=9&part=all", '"all" in pixels of "clip": tracks or visibility'),
        ("width=64&height=48&length=9&pixels=cells", 'in pixels of "cells"'),
        ("width=1e9&height=48&length=9", 'The width is "1e9"'),
    ],
)
def test_what_cannot_be_exported_is_said_by_name(page: Page, query: str, message: str) -> None:
    reply = page.ask(f"bake?{query}", "POST", TEXT)
    assert reply.status == 400 and message in reply.error
    assert (
        "makes no tracks" in page.ask("bake?width=64&height=48&length=9", "POST", json.dumps({**DOCUMENT, "layers": []})).error
    )


def test_a_document_that_cannot_be_edited_is_refused_at_the_start(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png(thing()))
    with pytest.raises(DocumentError, match=r"picture\.png is no track document that could be edited\. .*not UTF-8"):
        Session(picture, picture, CLIP)
    with pytest.raises(MediaError, match=r"the folder .* does not exist"):
        Session(picture, tmp_path / "nowhere" / "motion.json", CLIP)
    with pytest.raises(MediaError, match="cannot be read"):
        Session(picture, tmp_path, CLIP)
    assert np.array_equal(np.array(Image.open(picture)), thing())


@pytest.mark.parametrize(
    ("size", "asked", "clip"),
    [
        ((832, 480), (0, 0, None), (832, 480, None)),
        ((4000, 3000), (0, 0, None), (736, 544, "crop")),
        ((480, 832), (0, 0, None), (480, 832, None)),
        ((4000, 3000), (640, 0, None), (640, 480, None)),
        ((4000, 3000), (0, 240, None), (320, 240, None)),
        ((4000, 3000), (100, 100, "stretch"), (100, 100, "stretch")),
        ((16_000, 10), (0, 0, None), (16_384, 16, "crop")),
    ],
)
def test_the_clip_has_the_pictures_shape_and_wans_size(
    size: tuple[int, int], asked: tuple[int, int, Any], clip: tuple[int, int, str | None]
) -> None:
    found = usual_clip(np.broadcast_to(np.uint8(0), (size[1], size[0], 3)), Clip(asked[0], asked[1], 81, 16.0, asked[2]))
    assert (found.width, found.height, found.fit) == clip


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), float("inf"), 241.0])
def test_a_frame_rate_that_no_clip_has_is_refused(fps: float) -> None:
    with pytest.raises(RequestError, match=r"The frame rate is .*; it must be above 0 and at most 240 frames a second"):
        usual_clip(thing(), Clip(0, 0, 81, fps, None))
