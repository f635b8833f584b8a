"""The pack as ComfyUI loads it, over the stand-in of ComfyUI's Python (``stand_in/``), in a folder of its own."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).parent / "stand_in"
PACK = "wanmove_pack_under_test"


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    """The pack's root module, imported under a made-up name, as ComfyUI does it. Its folders lie in ``tmp_path``."""
    monkeypatch.syspath_prepend(str(STAND_IN))
    before = set(sys.modules)
    folders = importlib.import_module("folder_paths")
    monkeypatch.setattr(folders, "base", tmp_path)
    spec = importlib.util.spec_from_file_location(PACK, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    if spec is None or spec.loader is None:
        pytest.fail("the pack has no __init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACK] = module
    spec.loader.exec_module(module)
    yield module
    ours = (PACK, "comfy", "comfy_api", "folder_paths", "latent_preview", "server")
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ours:
            del sys.modules[name]
