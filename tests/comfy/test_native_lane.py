"""Our native lane against the node that ComfyUI itself has, in a real ComfyUI's Python.

WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/comfy/test_native_lane.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.comfy

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What ``native_lane.py`` finds there."""
    program = os.environ.get("WANMOVE_COMFYUI")
    if not program:
        pytest.skip("WANMOVE_COMFYUI names no ComfyUI")
    python = os.environ.get("WANMOVE_COMFYUI_PYTHON", sys.executable)
    command = [python, str(Path(__file__).with_name("native_lane.py")), str(ROOT)]
    done = subprocess.run(command, cwd=program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.rsplit("FOUND ", 1)[1])


def test_where_comfyuis_node_has_no_defect_both_give_the_same(found: dict[str, Any]) -> None:
    assert min(found["edited_cells"]) > 10
    assert max(found["differences"]) < 2e-6, "float32 rounding of the same interpolation"
    assert max(found["negative_differences"]) < 2e-6, "the negative is edited there by accident, here by default"


def test_the_latent_that_came_in_is_edited_by_theirs_only(found: dict[str, Any]) -> None:
    assert found["ours_leaves_the_latent"] and not found["theirs_leaves_the_latent"]


def test_a_batch_of_two_runs(found: dict[str, Any]) -> None:
    assert found["theirs_batch_of_2"] == "AssertionError"
    assert found["ours_batch_of_2"] and found["ours_two_latents"]


def test_a_mask_with_several_tracks_runs(found: dict[str, Any]) -> None:
    assert found["theirs_mask"] == "IndexError"
    assert found["ours_mask"]


def test_a_hidden_start_carries_its_own_cell(found: dict[str, Any]) -> None:
    assert found["theirs_hidden_start_is_the_last_cell"] and found["ours_hidden_start_is_its_own_cell"]


def test_the_seed_has_no_say_where_tracks_meet(found: dict[str, Any]) -> None:
    assert found["theirs_by_seed"] > 1
    assert found["ours_by_seed"] == 1 and found["ours_collision_is_the_last_track"]
