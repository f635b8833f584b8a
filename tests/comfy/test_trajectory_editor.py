"""The editor's node and its route, over a stand-in for ComfyUI's Python. What ComfyUI makes of them: tests/e2e."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.comfy.pack_nodes import node_named
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake

PICTURE = Path(__file__).parents[2] / "wanmove_core" / "demo" / "picture.jpg"
DRAWN = json.dumps(
    {
        "version": 1,
        "width": 64,
        "height": 32,
        "layers": [
            {"region": {"kind": "rectangle", "box": [8, 8, 16, 16]}, "motion": {"path": {"points": [[0, 0], [24, 0]]}}},
        ],
    }
)
IMAGE = torch.rand(1, 32, 64, 3, generator=torch.Generator().manual_seed(0))


def node_of(pack: ModuleType) -> Any:
    """The class that ComfyUI gets."""
    return node_named(pack, "TrajectoryEditor")


def test_without_comfyui_the_pack_imports_and_says_only_where_its_page_files_are() -> None:
    source = Path(__file__).parents[2] / "__init__.py"
    names: dict[str, object] = {"__name__": "pack"}
    exec(compile(source.read_text(encoding="utf-8"), source, "exec"), names)
    assert names["WEB_DIRECTORY"] == "./js"
    assert "comfy_entrypoint" not in names


def test_the_node_keeps_its_id_and_the_order_of_its_inputs(pack: ModuleType) -> None:
    schema = node_of(pack).define_schema()
    assert schema.node_id == "TrajectoryEditor"
    assert [slot.id for slot in schema.inputs] == ["image", "length", "width", "height", "fit", "document", "mask"]
    assert [slot.type for slot in schema.outputs] == ["TRACKS", "STRING", "IMAGE"]
    assert schema.inputs[5].extra_dict == {"widgetType": "WANMOVE_DOCUMENT"} and schema.inputs[5].default == ""
    assert all(slot.tooltip for slot in (*schema.inputs, *schema.outputs))


def test_a_mask_keeps_what_starts_inside_it_and_leaves_the_pins(pack: ModuleType) -> None:
    document = json.loads(DRAWN)
    document["layers"].insert(0, {"region": {"kind": "rest"}, "motion": {}})
    text = json.dumps(document)
    whole = node_of(pack).execute(IMAGE, 5, 64, 32, "crop", text).args[0]["track_path"]
    mask = torch.zeros(1, 32, 64)
    mask[:, :, :16] = 1
    kept = node_of(pack).execute(IMAGE, 5, 64, 32, "crop", text, mask).args[0]["track_path"]
    start = whole[0]
    moving = (whole[-1] != start).any(dim=-1)
    assert torch.equal(kept, whole[:, ~moving | (start[:, 0] < 16)]) and 0 < kept.shape[1] < whole.shape[1]
    with pytest.raises(Exception, match="No track starts inside the mask"):
        node_of(pack).execute(IMAGE, 5, 64, 32, "crop", DRAWN, torch.zeros(1, 64, 64))


def test_what_was_drawn_becomes_comfyuis_tracks_in_pixels_of_the_video(pack: ModuleType) -> None:
    output = node_of(pack).execute(IMAGE, 5, 128, 64, "crop", DRAWN)
    tracks, document, overlay = output.args
    expected = bake(parse_document(DRAWN), 5, 128, 64, "crop")
    assert overlay.shape == (1, 64, 128, 3) and not torch.equal(overlay[0], torch.zeros(64, 128, 3))
    assert torch.equal(tracks["track_path"], torch.from_numpy(expected.positions))
    assert torch.equal(tracks["track_visibility"], torch.from_numpy(expected.visibility))
    assert tracks["track_visibility"].shape == tracks["track_path"].shape[:2]
    assert document == DRAWN


def test_the_page_is_shown_the_picture_that_came_in(pack: ModuleType, tmp_path: Path) -> None:
    (reference,) = node_of(pack).execute(IMAGE, 5, 64, 32, "crop", DRAWN).ui["wanmove_picture"]
    assert reference["type"] == "temp" and (tmp_path / "temp" / reference["filename"]).is_file()


@pytest.mark.parametrize(
    ("document", "image", "said"),
    [
        ("", IMAGE, "Nothing is drawn in the Trajectory Editor"),
        ("{", IMAGE, "The document is not JSON"),
        (DRAWN, torch.rand(1, 64, 64, 3), "drawn on a picture of 64 x 32, the one that came in is 64 x 64"),
    ],
)
def test_what_cannot_be_baked_is_refused_with_the_way_out(
    pack: ModuleType, document: str, image: torch.Tensor, said: str
) -> None:
    with pytest.raises(Exception, match=said) as error:
        node_of(pack).execute(image, 5, 64, 32, "crop", document)
    assert type(error.value).__name__ == "DocumentError"


BOX = {"box": [300, 100, 560, 330], "click": None, "strokes": [], "width": 832, "height": 480}
FOUND = {"filename": "picture.jpg", "subfolder": "", "type": "input"}


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({**BOX, "image": FOUND}, 200, ""),
        ({**BOX, "image": {**FOUND, "filename": "../secret.jpg"}}, 400, "There is no picture"),
        ({**BOX, "image": {**FOUND, "subfolder": ".."}}, 400, "There is no picture"),
        ({**BOX, "image": {**FOUND, "subfolder": "/etc", "filename": "passwd"}}, 400, "There is no picture"),
        ({**BOX, "image": {**FOUND, "type": "models"}}, 400, "not on the server yet"),
        ({**BOX, "image": "picture.jpg"}, 400, "not on the server yet"),
        ({**BOX, "image": FOUND, "box": [0, 0, "x", 1]}, 400, ""),
        ([], 400, "not a JSON object"),
    ],
)
def test_smart_select_sees_only_pictures_in_comfyuis_folders(
    pack: ModuleType, tmp_path: Path, asked: object, status: int, said: str
) -> None:
    (tmp_path / "input").mkdir()
    shutil.copy(PICTURE, tmp_path / "input" / "picture.jpg")
    shutil.copy(PICTURE, tmp_path / "secret.jpg")
    found, answer = asyncio.run(_post(pack, asked))
    assert found == status and said in answer.get("error", "")
    if status == 200:
        assert len(answer["points"]) >= 3


async def _post(pack: ModuleType, asked: object) -> tuple[int, Any]:
    server = sys.modules.get("server") or __import__("server")
    server.PromptServer.instance = server.PromptServer()
    await pack.comfy_entrypoint()
    application = web.Application()
    application.add_routes(server.PromptServer.instance.routes)
    async with TestClient(TestServer(application)) as client:
        answer = await client.post("/wanmove/segment", json=asked)
        return answer.status, await answer.json()
