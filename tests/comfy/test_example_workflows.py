"""The example workflows against the pack's nodes as a real ComfyUI describes them. In ComfyUI itself: tests/e2e."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from docs.workflows.__main__ import FOLDER, WORKFLOWS
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("object_info.json").read_text(encoding="utf-8"))
WIDGETS = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
FILES = ("diffusion_model", "vae", "text_encoder", "clip_vision", "lora")


def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_every_workflow_has_a_file_and_a_thumbnail() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        f"{name}.{suffix}" for name in WORKFLOWS for suffix in ("json", "jpg")
    )
    for name in WORKFLOWS:
        with Image.open(FOLDER / f"{name}.jpg") as thumbnail:
            assert thumbnail.size == (416, 240)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_file_is_what_the_script_writes(name: str) -> None:
    assert read(name) == json.loads(json.dumps(WORKFLOWS[name][0]().as_file()))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_nodes_values_and_sockets_are_those_that_the_nodes_have(name: str) -> None:
    ours = [node for node in read(name)["nodes"] if node["type"] in GOLDEN]
    assert ours
    for node in ours:
        schema = GOLDEN[node["type"]]
        slots = {**schema["input"].get("required", {}), **schema["input"].get("optional", {})}
        for slot in node["inputs"]:
            assert slots[slot["name"]][0] == slot["type"], (node["type"], slot)
        assert [slot["type"] for slot in node["outputs"]] == schema["output"][: len(node["outputs"])], node["type"]
        values = list(node["widgets_values"])
        for slot, (kind, *rest) in slots.items():
            if kind not in WIDGETS or (rest and rest[0].get("forceInput")):
                continue
            check_value(slot, kind, rest[0] if rest else {}, values.pop(0))
            if rest and rest[0].get("control_after_generate"):
                assert values.pop(0) == "fixed"
        assert values == [], (node["type"], values)


def check_value(slot: str, kind: str, options: dict[str, Any], value: Any) -> None:
    if kind == "COMBO":
        assert value in options["options"] or slot in FILES, (slot, value)
    elif kind in ("INT", "FLOAT"):
        assert options["min"] <= value <= options["max"], (slot, value)
    else:
        assert isinstance(value, bool if kind == "BOOLEAN" else str), (slot, value)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_links_join_what_they_say(name: str) -> None:
    flow = read(name)
    nodes = {node["id"]: node for node in flow["nodes"]}
    for number, source, start, target, end, kind in flow["links"]:
        assert number in nodes[source]["outputs"][start]["links"] and nodes[target]["inputs"][end]["link"] == number
        assert nodes[source]["outputs"][start]["type"] == nodes[target]["inputs"][end]["type"] == kind


@pytest.mark.parametrize("name", WORKFLOWS)
def test_files_to_download_are_named_in_the_note_and_in_their_nodes(name: str) -> None:
    flow = read(name)
    note = next(node["widgets_values"][0] for node in flow["nodes"] if node["type"] == "MarkdownNote")
    wanted = [(node, file) for node in flow["nodes"] for file in node["properties"].get("models", ())]
    for node, file in wanted:
        assert file["name"] in node["widgets_values"]
        assert f"[{file['name']}]({file['url']}) | `models/{file['directory']}`" in note
    chosen = [value for node in flow["nodes"] for value in node["widgets_values"] if str(value).endswith(".safetensors")]
    assert sorted(file["name"] for _, file in wanted) == sorted(chosen)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_drawing_bakes_at_the_size_of_the_workflow(name: str) -> None:
    for node in read(name)["nodes"]:
        if node["type"] == "TrajectoryEditor":
            length, width, height, fit, text = node["widgets_values"]
            assert bake(parse_document(text), length, width, height, fit).count >= 50
