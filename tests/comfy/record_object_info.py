"""What a running ComfyUI says of the pack's nodes, as the golden file ``object_info.json``.

    python tests/comfy/record_object_info.py http://127.0.0.1:8188

Record with empty model folders: the choices of files are part of the answer. A node's id, its inputs, their types, order and
defaults are a promise to every saved workflow: look at the difference before committing it.
"""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).with_name("object_info.json")
PLACE = "python_module"
"""depends on the name of the pack's folder"""


def pack_nodes(object_info: dict[str, Any]) -> dict[str, Any]:
    """The pack's part of ``/object_info``, by id."""
    ours = {name: info for name, info in object_info.items() if "WanMove" in info.get(PLACE, "")}
    return {name: {key: value for key, value in ours[name].items() if key != PLACE} for name in sorted(ours)}


def golden_text(nodes: dict[str, Any]) -> str:
    """As it stands in the file."""
    return json.dumps(nodes, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with urllib.request.urlopen(f"{sys.argv[1]}/object_info", timeout=60) as answer:
        GOLDEN.write_text(golden_text(pack_nodes(json.load(answer))), encoding="utf-8")
