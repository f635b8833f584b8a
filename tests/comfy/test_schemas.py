"""The nodes' definitions are a promise to saved workflows: a golden file, recorded from a real ComfyUI, holds them."""

import json
from types import ModuleType

import pytest

from tests.comfy.pack_nodes import all_nodes
from tests.comfy.record_object_info import GOLDEN, golden_text

RECORDED = json.loads(GOLDEN.read_text(encoding="utf-8"))
CORE = {"WanMoveTrackToVideo", "WanMoveTracksFromCoords", "WanMoveConcatTrack", "WanMoveVisualizeTracks", "GenerateTracks"}
"""ComfyUI 0.33's ids; a pack's node of the same id is silently left out"""


def test_the_golden_file_names_every_node(pack: ModuleType) -> None:
    assert sorted(all_nodes(pack)) == sorted(RECORDED)


@pytest.mark.parametrize("node_id", RECORDED)
def test_a_node_says_of_itself_what_a_real_comfyui_recorded(pack: ModuleType, node_id: str) -> None:
    """After a change on purpose: python tests/comfy/record_object_info.py http://a.running.comfyui"""
    assert json.loads(json.dumps(all_nodes(pack)[node_id].define_schema().as_info())) == RECORDED[node_id]


def test_the_order_of_inputs_is_recorded_too(pack: ModuleType) -> None:
    found = {name: all_nodes(pack)[name].define_schema().as_info()["input_order"] for name in RECORDED}
    assert golden_text(found) == golden_text({name: info["input_order"] for name, info in RECORDED.items()})


@pytest.mark.parametrize("node_id", RECORDED)
def test_no_id_is_one_of_comfyuis_own(node_id: str) -> None:
    assert node_id not in CORE
    assert "WanMove" in node_id or node_id in ("TrajectoryEditor", "TrajectoryToLatentGuide")


@pytest.mark.parametrize("node_id", RECORDED)
def test_every_input_and_output_has_a_tooltip(node_id: str) -> None:
    info = RECORDED[node_id]
    needs = (info["input"].get(need, {}) for need in ("required", "optional"))
    missing = [name for slots in needs for name, slot in slots.items() if not slot[1].get("tooltip")]
    assert missing == [] and all(info["output_tooltips"]) and info["description"]
