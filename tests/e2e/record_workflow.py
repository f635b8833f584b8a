"""Records a workflow with every node of the pack and changed widgets, as the page saves and queues it today.

    python -m tests.e2e.record_workflow NAME

Writes tests/golden/workflows/NAME.workflow.json and NAME.prompt.json, which are never changed afterwards: what is in them was
saved by somebody. A new node, or a new input, gets another recording under another name.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.comfy.record_object_info import GOLDEN
from tests.e2e.comfy_hosts import change_setting, thin_host
from tests.e2e.comfy_page import ComfyPage
from tests.e2e.conftest import ARGUMENTS, FRONTENDS, find_browser
from wanmove_core.demo.assets import DOCUMENT

PLACE = Path(__file__).parents[1] / "golden" / "workflows"
FIRST = ("LoadImage", "TrajectoryEditor", "LoadWanMove", "TrajectoryToLatentGuide", "WanMoveSampler")
"""what other nodes are linked to"""
BUILD = """async ([kinds, drawn]) => {
  const settled = () => new Promise((done) => setTimeout(done, 150));
  app.graph.clear();
  await settled();
  const other = ({ name, type, value, options = {} }) => {
    if (name === "document") return drawn;
    if (typeof value === "boolean") return !value;
    if (typeof value === "number") return Math.min(value + (options.step2 ?? 1), options.max ?? Infinity);
    if (!Array.isArray(options.values)) return `recorded ${name}`;
    return options.values.length > 1 ? options.values.at(-1) : `${name}.safetensors`;
  };
  const nodes = [];
  for (const kind of kinds) {
    const node = LiteGraph.createNode(kind);
    node.pos = [(nodes.length % 4) * 620, Math.floor(nodes.length / 4) * 760];
    app.graph.add(node);
    await settled();
    const changed = new Set();
    const isValue = ({ name, type }) => type !== "button" && !name.startsWith("$$");
    const next = () => node.widgets?.find((widget) => isValue(widget) && !changed.has(widget.name));
    for (let widget = kind === "LoadImage" ? null : next(); widget; widget = next()) {
      changed.add(widget.name);
      widget.value = other(widget);
      widget.callback?.(widget.value);
      await settled();
    }
    for (const [slot, input] of [...node.inputs].entries()) {
      if (input.widget) continue;
      const source = nodes.findLast((one) => one.outputs.some(({ type }) => type === input.type));
      source?.connect(source.outputs.findIndex(({ type }) => type === input.type), node, slot);
    }
    nodes.push(node);
    await settled();
  }
}"""


def record(name: str) -> None:
    """Build the workflow in the newest page and write both files."""
    kinds = [*FIRST, *sorted(set(json.loads(GOLDEN.read_text(encoding="utf-8"))) - set(FIRST))]
    with (
        tempfile.TemporaryDirectory() as folder,
        thin_host(FRONTENDS[-1], Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        change_setting(url, "Comfy.TutorialCompleted", True)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        comfy = ComfyPage(browser.new_page())
        comfy.open(url)
        comfy.page.evaluate(BUILD, [kinds, DOCUMENT.read_text(encoding="utf-8")])
        _write(f"{name}.workflow.json", comfy.saved())
        _write(f"{name}.prompt.json", comfy.prompt())
        browser.close()


def _write(name: str, value: Any) -> None:
    PLACE.mkdir(exist_ok=True)
    (PLACE / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
