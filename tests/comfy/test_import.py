"""What ComfyUI's start has to pay for the pack: nothing heavy, no model code."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import importlib.util, json, sys
import aiohttp.web, numpy, torch  # ComfyUI has them by then
sys.path.insert(0, {stand_in!r})
import asyncio
import folder_paths
before = set(sys.modules)
spec = importlib.util.spec_from_file_location("pack", {root!r} + "/__init__.py", submodule_search_locations=[{root!r}])
pack = sys.modules["pack"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pack)
extension = asyncio.run(pack.comfy_entrypoint())
for node in asyncio.run(extension.get_node_list()):
    node.define_schema()
print(json.dumps(sorted(set(sys.modules) - before)))
"""
HEAVY = {"cv2", "av", "PIL", "safetensors", "einops", "tqdm", "scipy", "transformers", "diffusers", "sentencepiece"}
MODEL_CODE = ("models", "loading", "pipeline", "evaluation", "demo", "rendering.warp", "rendering.video_file")


def test_the_pack_and_its_definitions_load_no_model_code_and_no_heavy_package() -> None:
    script = SCRIPT.format(root=str(ROOT), stand_in=str(Path(__file__).parent / "stand_in"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    loaded = set(json.loads(done.stdout))
    assert {name.split(".")[0] for name in loaded} & HEAVY == set()
    assert [name for name in loaded if name.startswith(tuple(f"pack.wanmove_core.{unit}" for unit in MODEL_CODE))] == []
