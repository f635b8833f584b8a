"""``python -m tests.host --frontend STATIC --folder FOLDER``: serves until it is ended; prints its address."""

import argparse
import importlib
import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
STAND_IN = ROOT / "tests" / "comfy" / "stand_in"


def main() -> None:
    """Serve the pack in a frontend."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frontend", type=Path, required=True, help="static/ of a comfyui-frontend-package")
    parser.add_argument("--folder", type=Path, required=True, help="holds input, output and temp")
    options = parser.parse_args()
    sys.path.insert(0, str(STAND_IN))
    from tests.host.pages import Host, pack_nodes, serve
    from tests.host.runner import Runner

    vars(importlib.import_module("folder_paths"))["base"] = options.folder
    nodes, routes = pack_nodes(_load_pack())
    with serve(Host(options.frontend, Runner(nodes, options.folder), pack_routes=routes)) as url:
        print(url, flush=True)
        while True:
            time.sleep(60)


def _load_pack() -> ModuleType:
    """The pack, under a name of its own, as ComfyUI loads it."""
    spec = importlib.util.spec_from_file_location("hosted_pack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    if spec is None or spec.loader is None:
        raise SystemExit("the pack has no __init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["hosted_pack"] = module
    spec.loader.exec_module(module)
    return module


main()
