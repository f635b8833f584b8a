"""What a person does on ComfyUI's page, whichever host serves it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WORKFLOW = Path(__file__).parent / "workflow.json"
EDITOR = 2
"""id of the editor's node in the workflow"""


@dataclass(frozen=True)
class ComfyPage:
    """ComfyUI's page with a workflow open."""

    page: "Page"

    def open(self, url: str) -> None:
        """Load the page and wait until ComfyUI is up; close what greets a first visitor."""
        self.page.goto(url)
        self.page.wait_for_function("() => window.app?.extensionManager && window.app.graph")
        self.page.keyboard.press("Escape")

    def load(self, workflow: object | None = None) -> None:
        """Open a workflow, the tests' own if none is given, and wait for the editor's picture."""
        opened = workflow or json.loads(WORKFLOW.read_text(encoding="utf-8"))
        self.page.evaluate("workflow => window.app.loadGraphData(workflow)", opened)
        self.settle()

    def settle(self) -> None:
        """Wait until the editor is on the page and has had time for its picture."""
        self.page.wait_for_selector(".wanmove-editor canvas")
        self.page.wait_for_function("() => !document.querySelector('.p-blockui-mask')")
        self.page.wait_for_timeout(400)

    def draw_and_move(self) -> None:
        """Lasso a square in the middle of the stage, then drag it to the right."""
        box = self.stage().bounding_box()
        if box is None:
            raise AssertionError("the stage is not on the page")
        x, y, side = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 24
        mouse = self.page.mouse
        mouse.click(x, y)
        self.page.keyboard.press("l")
        mouse.move(x - side, y - side)
        mouse.down()
        for across, down in ((side, -side), (side, side), (-side, side), (-side, -side)):
            mouse.move(x + across, y + down, steps=6)
        mouse.up()
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 2 * side, y, steps=6)
        mouse.up()
        self.page.wait_for_timeout(100)

    def stage(self) -> "Locator":
        """The upper canvas of the editor in the node."""
        return self.page.locator(".wanmove-editor canvas").last

    def text(self) -> str:
        """The value of the document's widget."""
        return self.page.evaluate(
            f"() => window.app.graph.getNodeById({EDITOR}).widgets.find(w => w.name === 'document').value"
        )

    def layers(self) -> list[dict[str, Any]]:
        """The layers of the document; none before anything is drawn."""
        text = self.text()
        return json.loads(text)["layers"] if text else []

    def press(self, *keys: str) -> None:
        """Keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(150)

    def undo_graph(self) -> None:
        """ComfyUI's own undo, as Ctrl+Z outside the editor."""
        self.page.evaluate("() => window.app.extensionManager.workflow.activeWorkflow.changeTracker.undo()")
        self.settle()

    def saved(self) -> Any:
        """The workflow as ComfyUI saves it."""
        return self.page.evaluate("() => JSON.parse(JSON.stringify(window.app.graph.serialize()))")

    def prompt(self) -> Any:
        """The workflow as ComfyUI queues it."""
        return self.page.evaluate("async () => (await window.app.graphToPrompt()).output")

    def queue(self) -> str:
        """Run the workflow; "execution_success", or which other message ended it."""
        return self.page.evaluate(
            """async () => {
              const ends = ["execution_success", "execution_error", "execution_interrupted"];
              const ended = new Promise((done) => {
                for (const name of ends) window.app.api.addEventListener(name, () => done(name), { once: true });
              });
              await window.app.queuePrompt(0);
              return await ended;
            }"""
        )

    def shown(self, node: int) -> Any:
        """What a node sent to the page."""
        return self.page.evaluate(f"() => window.app.nodeOutputs['{node}']")

    def living(self) -> int:
        """Listeners, observers, timers and frames of all editors."""
        return self.page.evaluate(
            """async () => {
              const names = performance.getEntriesByType("resource").map((entry) => entry.name);
              const url = names.find((name) => name.includes("/editor/lifetime.js"));
              return (await import(url)).countLiving();
            }"""
        )
