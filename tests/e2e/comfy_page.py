"""What a person does on ComfyUI's page, whichever host serves it."""

import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WORKFLOW = Path(__file__).parent / "workflow.json"
EDITOR, FRAMES, VIDEO = 2, 4, 5
"""ids of nodes in the workflow: the editor's, Preview Image, Save Video"""
PATIENCE = 120_000
"""milliseconds in which whatever is waited for has to happen, on a busy machine"""
OUTLINE = 16
"""pixels left of a node in which its outline lies"""


@dataclass(frozen=True)
class ComfyPage:
    """ComfyUI's page with a workflow open."""

    page: "Page"
    errors: list[str] = field(default_factory=list)
    """what the page has complained about"""

    def open(self, url: str) -> None:
        """Load the page and wait until ComfyUI is up; close what greets a first visitor."""
        self.page.goto(url)
        self._wait_for_comfyui()

    def reload(self) -> None:
        """Leave the page and come back."""
        self.page.reload()
        self._wait_for_comfyui()

    def _wait_for_comfyui(self) -> None:
        self.page.wait_for_function("() => window.app?.extensionManager?.workflow?.activeWorkflow && window.app.graph")
        self.page.keyboard.press("Escape")

    def close_panel(self) -> None:
        """Close the panel at the right, which a test before has opened; it would lie over the editor."""
        self.page.evaluate("() => window.app.extensionManager.setting.set('Comfy.RightSidePanel.IsOpen', false)")

    def load(self, workflow: object | None = None) -> None:
        """Open a workflow, the tests' own if none is given, and wait for the editor's picture."""
        opened = workflow or json.loads(WORKFLOW.read_text(encoding="utf-8"))
        self.page.evaluate("workflow => window.app.loadGraphData(workflow)", opened)
        self.settle()

    def settle(self) -> None:
        """Wait until the editor is on the page and has had time for its picture."""
        self.page.locator(".wanmove-editor canvas:visible").first.wait_for()
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

    def command(self, name: str) -> None:
        """What a menu or a key of ComfyUI's does; does not wait for what it asks."""
        self.page.evaluate("name => { window.app.extensionManager.command.execute(name) }", name)

    def save_as(self, name: str) -> None:
        """Save the workflow under a name, through ComfyUI's dialog."""
        self.command("Comfy.SaveWorkflowAs")
        dialog = self.page.get_by_role("dialog", name="Save workflow")
        dialog.locator("input").fill(name)
        self.page.keyboard.press("Enter")
        self._wait_for_workflow(name)

    def open_saved(self, name: str) -> None:
        """Open a workflow from ComfyUI's sidebar, in place of an empty one."""
        self.command("Comfy.NewBlankWorkflow")
        self.page.wait_for_function("() => window.app.graph.nodes.length === 0")
        self.command("Workspace.ToggleSidebarTab.workflows")
        self.page.get_by_text("Browse").wait_for()
        self.page.get_by_text(name, exact=True).last.click()
        self._wait_for_workflow(name)
        self.command("Workspace.ToggleSidebarTab.workflows")
        self.settle()

    def _wait_for_workflow(self, name: str) -> None:
        opened = """name => {
          const open = window.app.extensionManager.workflow.activeWorkflow;
          return open.filename === name && !open.isTemporary;
        }"""
        self.page.wait_for_function(opened, arg=name)

    def text(self) -> str:
        """The value of the document's widget."""
        return self.texts()[0]

    def texts(self) -> list[str]:
        """The documents of all editors of the graph that is shown."""
        return self.page.evaluate(
            """() => window.app.canvas.graph.nodes.filter((node) => node.type === "TrajectoryEditor")
              .map((node) => node.widgets.find((widget) => widget.name === "document").value)"""
        )

    def layers(self) -> list[dict[str, Any]]:
        """The layers of the document; none before anything is drawn."""
        text = self.text()
        return json.loads(text)["layers"] if text else []

    def measure_the_draft(self) -> None:
        """Put a node in that measures the tests' workflow's frames against the editor's tracks."""
        self.page.evaluate(
            """() => {
              const { graph } = window.app;
              const measuring = window.LiteGraph.createNode("WanMoveMeasureTracks");
              measuring.pos = [920, 620];
              graph.add(measuring);
              graph.getNodeById(3).connect(0, measuring, "images");
              graph.getNodeById(2).connect(0, measuring, "tracks");
            }"""
        )

    def measured(self, node: int) -> dict[str, Any]:
        """What a node's editor shows of the last run."""
        return self.page.evaluate(
            """async id => {
              const { recallMeasured } = await import("/extensions/ComfyUI-WanMove/comfy/measured.js");
              return recallMeasured(window.app.graph.getNodeById(id));
            }""",
            node,
        )

    def press(self, *keys: str) -> None:
        """Keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(150)

    def click_title(self, node: int) -> None:
        """Select a node."""
        x, y = self.page.evaluate(
            """id => {
              const [node, { scale, offset }] = [window.app.graph.getNodeById(id), window.app.canvas.ds];
              const { left, top } = window.app.canvas.canvas.getBoundingClientRect();
              return [left + (node.pos[0] + 150 + offset[0]) * scale, top + (node.pos[1] - 14 + offset[1]) * scale];
            }""",
            node,
        )
        self.page.mouse.click(x, y)
        self.page.wait_for_function(
            "id => [...window.app.canvas.selectedItems].some((one) => String(one.id) === id)", arg=str(node)
        )

    def enter_subgraph(self) -> None:
        """Open the one subgraph."""
        self.page.wait_for_function("() => window.app.graph.nodes.some((node) => node.isSubgraphNode?.())")
        self.page.evaluate(
            """() => {
              const node = window.app.graph.nodes.find((one) => one.isSubgraphNode?.());
              window.app.canvas.openSubgraph(node.subgraph, node);
            }"""
        )
        self.settle()

    def leave_subgraph(self) -> None:
        """Back to the graph around it."""
        self.page.evaluate("() => window.app.canvas.setGraph(window.app.rootGraph)")
        self.page.wait_for_selector(".wanmove-editor", state="hidden")

    def load_without_editor(self, workflow: object) -> None:
        """Open a workflow that has its editor in a subgraph."""
        self.page.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)
        self.page.wait_for_function("() => window.app.graph.nodes.length > 0")

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

    def set_widget(self, node: int, name: str, value: object) -> None:
        """Change a value as somebody does in its field."""
        self.page.evaluate(
            """([id, name, value]) => {
              const node = window.app.graph.getNodeById(id);
              const widget = node.widgets.find((one) => one.name === name);
              const before = widget.value;
              widget.value = value;
              widget.callback?.(value);
              node.onWidgetChanged?.(name, value, before, widget);
            }""",
            [node, name, value],
        )

    def queue(self) -> str:
        """Run the workflow; "execution_success", which other message ended it, or "refused"."""
        self.page.evaluate(
            """() => {
              const ends = ["execution_success", "execution_error", "execution_interrupted"];
              window.runEnded = new Promise((done) => {
                for (const name of ends) window.app.api.addEventListener(name, () => done(name), { once: true });
              });
            }"""
        )
        with self.page.expect_response("**/api/prompt") as answer:
            self.page.evaluate("() => { window.app.queuePrompt(0); }")
        return self.page.evaluate("() => window.runEnded") if answer.value.ok else "refused"

    def queue_and_interrupt(self, node: int, step: int) -> tuple[int, int]:
        """Run the workflow and cancel it when a node is at a step: where it was when ComfyUI had heard, and where it ended."""
        return self.page.evaluate(
            """async ([node, step]) => {
              const { api, extensionManager } = window.app;
              let reached = 0, heard = null;
              const follow = async ({ detail }) => {
                if (String(detail.node) !== String(node)) return;
                reached = detail.value;
                if (reached < step || heard !== null) return;
                heard = 0;
                await extensionManager.command.execute("Comfy.Interrupt");
                heard = reached;
              };
              api.addEventListener("progress", follow);
              const ended = new Promise((done) => api.addEventListener("execution_interrupted", done, { once: true }));
              await window.app.queuePrompt(0);
              await ended;
              api.removeEventListener("progress", follow);
              return [heard, reached];
            }""",
            [node, step],
        )

    def shown(self, node: int) -> Any:
        """What a node sent to the page."""
        return self.page.evaluate(f"() => window.app.nodeOutputs['{node}']")

    def plays(self) -> bool:
        """A video is on the page, has frames to show and runs."""
        self.page.wait_for_function("() => [...document.querySelectorAll('video')].some((video) => video.readyState >= 2)")
        return self.page.evaluate(
            """async () => {
              const video = [...document.querySelectorAll("video")].find((one) => one.readyState >= 2);
              video.muted = true;
              await video.play();
              return video.videoWidth > 0 && video.duration > 0 && !video.error;
            }"""
        )

    def complaint(self) -> str:
        """What ComfyUI says of the errors of a run, opened by the button that it offers."""
        details = self.page.get_by_role("button", name=re.compile("See Error|View details|Show Report"))
        details.first.click()
        self.page.wait_for_timeout(300)
        return self.page.locator("body").inner_text()

    def is_marked(self, node: int) -> bool:
        """A node has a red, purple or orange outline."""
        x, y = self.page.evaluate(
            """id => {
              const [node, { scale, offset }] = [window.app.graph.getNodeById(id), window.app.canvas.ds];
              const { left, top } = window.app.canvas.canvas.getBoundingClientRect();
              const [across, down] = [node.pos[0] + offset[0], node.pos[1] + node.size[1] / 2 + offset[1]];
              return [left + across * scale, top + down * scale];
            }""",
            node,
        )
        shown = self.page.screenshot(clip={"x": x - OUTLINE, "y": y, "width": OUTLINE + 2, "height": 1})
        pixels = np.asarray(Image.open(io.BytesIO(shown)).convert("RGB")).astype(int).reshape(-1, 3)
        return bool((pixels[:, 0] - pixels.min(axis=1) > 80).any())

    def living(self) -> int:
        """Listeners, observers, timers and frames of all editors."""
        return self.page.evaluate(
            """async () => {
              const names = performance.getEntriesByType("resource").map((entry) => entry.name);
              const url = names.find((name) => name.includes("/editor/lifetime.js"));
              return (await import(url)).countLiving();
            }"""
        )
