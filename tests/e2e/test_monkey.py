"""A monkey at the editor: pointer, keys, wheel and controls at random, by a seed, while nothing may break.

``WANMOVE_MONKEY_SECONDS`` and ``WANMOVE_MONKEY_SEED`` let it go on for longer or elsewhere.
"""

import os
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.e2e.driver import HEIGHT, TOOLS, WIDTH, Editor
from wanmove_core.tracks.document import parse_document

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle

SECONDS = float(os.environ.get("WANMOVE_MONKEY_SECONDS", "10"))
SEED = int(os.environ.get("WANMOVE_MONKEY_SEED", "1"))

KEYS = [
    *TOOLS.values(),
    *["Space", ",", ".", "<", ">", "PageUp", "PageDown", "Home", "End", "i", "x", "e", "[", "]"],
    *["1", "2", "3", "4", "0", "+", "-", "g", "Shift+g", "Delete", "Backspace", "Tab", "Shift+Tab", "Enter", "Escape", "?"],
    *["Control+z", "Control+z", "Control+Shift+z", "Control+y", "Control+c", "Control+v", "Control+x", "Control+d"],
    *["Control+a", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown", "Control+ArrowUp", "F2"],
]
CONTROLS = "button:not([disabled]), input, select, [role=slider], [role=menuitem], [role=option], summary"
LEFT_ALONE = {"open", "export"}
"""commands that need a dialog of the browser"""
LEFT_TO_TEXT = {"checkbox", "radio", "range", "color"}

LOOK = """async () => {
  const { parseDocument, serialiseDocument } = await import(new URL("js/model/document.js", location.href));
  const { isSame } = await import(new URL("js/model/values.js", location.href));
  const { document, committed, gesture, history, selection, progress, notice } = window.wanmoveEditor.store.state();
  const wrong = [];
  for (const one of [document, committed.document]) {
    try {
      if (!isSame(parseDocument(serialiseDocument(one)), one)) wrong.push("the document is read back otherwise");
    } catch (error) { wrong.push(String(error)); }
  }
  if (gesture.kind === "none" && selection !== committed.selection && document === committed.document)
    wrong.push("a selection at rest is not committed");
  if (history.past.at(-1)?.document === committed.document) wrong.push("a step that changes nothing");
  if (selection.layers.some(index => !document.layers[index])) wrong.push("a layer is selected that is not there");
  if (!(progress >= 0 && progress <= 1)) wrong.push("progress " + progress);
  if (/drawing-failed|cannot be drawn/i.test(notice?.text ?? "")) wrong.push(notice.text);
  return { wrong, gesture: gesture.kind };
}"""
UNDO_ALL = """async () => {
  const { isSame } = await import(new URL("js/model/values.js", location.href));
  const { store } = window.wanmoveEditor;
  store.dispatch({ type: "cancel-gesture" });
  store.dispatch({ type: "keep" });
  const last = store.state().document, steps = store.state().history.past.length;
  const first = store.state().history.past[0]?.document ?? last;
  for (let step = 0; step < steps; step += 1) store.dispatch({ type: "undo" });
  const back = store.state().document === first && store.state().history.past.length === 0;
  for (let step = 0; step < steps; step += 1) store.dispatch({ type: "redo" });
  return { back, again: isSame(store.state().document, last) };
}"""


class Monkey:
    """Does one thing after the other; ``diary`` says what."""

    def __init__(self, editor: Editor, seed: int) -> None:
        self.editor, self.page, self.chance = editor, editor.page, random.Random(seed)
        self.diary: list[str] = []

    def act(self) -> None:
        """One thing, more often what people do more often."""
        often: list[Callable[[], None]] = [self.drag, self.drag, self.drag, self.key, self.key, self.control, self.control]
        seldom = [self.click, self.tool, self.scrub, self.wheel, self.layers_at_once, self.fall_out]
        self.chance.choice([*often, *seldom])()

    def drag(self) -> None:
        """With keys held now and then; released elsewhere, or interrupted by a key."""
        places = [self._place() for _ in range(self.chance.randint(2, 7))]
        held = self.chance.choice(["", "", "", "Shift", "Control"])
        button = self.chance.choice(["left"] * 9 + ["middle"])
        self._note(f"drag {places} {held} {button}")
        if held:
            self.page.keyboard.down(held)
        self.page.mouse.move(*places[0])
        self.page.mouse.down(button=button)  # type: ignore[arg-type]
        for place in places[1:]:
            self.page.mouse.move(*place, steps=2)
        if self.chance.random() < 0.15:
            self.key()
        self.page.mouse.up(button=button)  # type: ignore[arg-type]
        if held:
            self.page.keyboard.up(held)

    def click(self) -> None:
        """Once, twice or with the other button."""
        place, count = self._place(), self.chance.choice([1, 1, 2, 3])
        button = self.chance.choice(["left"] * 6 + ["right"])
        self._note(f"click {place} x{count} {button}")
        self.page.mouse.click(*place, click_count=count, button=button)  # type: ignore[arg-type]

    def key(self) -> None:
        """Any key that means something."""
        key = self.chance.choice(KEYS)
        self._note(f"key {key}")
        self.page.keyboard.press(key)

    def tool(self) -> None:
        """Another tool, with the focus on the stage."""
        name = self.chance.choice(list(TOOLS))
        self._note(f"tool {name}")
        self.editor.focus()
        self.editor.tool(name)

    def scrub(self) -> None:
        """Another moment."""
        progress = self.chance.choice([0, 0, 0.25, 0.5, 0.77, 1, 1])
        self._note(f"progress {progress}")
        self.editor.go_to(progress)

    def control(self) -> None:
        """A control of the editor that can be seen: pressed, filled in or moved."""
        found = [one for one in self.page.query_selector_all(CONTROLS) if one.is_visible()]
        if not found:
            return
        control = self.chance.choice(found)
        name, command = control.get_attribute("aria-label") or control.inner_text()[:30], control.get_attribute("data-command")
        if command in LEFT_ALONE:
            return
        self._note(f"control {name!r}")
        box = control.bounding_box()
        if self._takes_text(control):
            control.focus()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(self.chance.choice(["0", "-5", "1e9", "12.5", "50%", "abc", "NaN"]))
            self.page.keyboard.press(self.chance.choice(["Enter", "Tab", "Escape"]))
        elif box:
            self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def wheel(self) -> None:
        """Zoom about any place."""
        self.page.mouse.move(*self._place())
        self.page.mouse.wheel(0, self.chance.choice([-400, -120, 120, 400]))

    def layers_at_once(self) -> None:
        """All layers selected and a command on them, or a preset."""
        self._note("all")
        self.editor.focus()
        self.page.keyboard.press("Control+a")
        self.key()

    def fall_out(self) -> None:
        """The picture back on the stage after it was lost by zooming, and the sheet of shortcuts closed."""
        self.editor.focus()
        self.page.keyboard.press("0")

    def _place(self) -> tuple[float, float]:
        if self.chance.random() < 0.12:
            return self.chance.uniform(0, 1199), self.chance.uniform(0, 899)
        return self.editor.on_page((self.chance.uniform(-30, WIDTH + 30), self.chance.uniform(-30, HEIGHT + 30)))

    def _takes_text(self, control: "ElementHandle") -> bool:
        kind = control.evaluate("element => element.tagName === 'INPUT' ? element.type : ''")
        return bool(kind) and kind not in LEFT_TO_TEXT

    def _note(self, line: str) -> None:
        self.diary.append(line)


def test_whatever_is_done_the_editor_goes_on_and_every_document_can_be_read(editor: Editor) -> None:
    monkey = Monkey(editor, SEED)
    until, turns = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        monkey.act()
        turns += 1
        if turns % 5 == 0:
            check(editor, monkey)
        if turns % 60 == 0:
            there_and_back(editor, monkey)
    check(editor, monkey)
    there_and_back(editor, monkey)
    editor.press("Escape", "Escape", "Escape")
    assert editor.state("state.gesture.kind") == "none", monkey.diary[-12:]
    parse_document(editor.text())
    editor.forgive("400 (Bad Request)")


def check(editor: Editor, monkey: Monkey) -> None:
    """Nothing has complained and the state is a sound one; between two acts only a path of several clicks is unfinished."""
    found: dict[str, Any] = editor.page.evaluate(LOOK)
    assert not found["wrong"], (found, monkey.diary[-12:])
    assert found["gesture"] in ("none", "path"), (found, monkey.diary[-12:])
    # A smart select that finds nothing is an answer, which the browser calls an error.
    editor.forgive("400 (Bad Request)")
    assert editor.problems == [], (editor.problems, monkey.diary[-12:])


def there_and_back(editor: Editor, monkey: Monkey) -> None:
    """Undo leads to the first document, redo to the last."""
    assert editor.page.evaluate(UNDO_ALL) == {"back": True, "again": True}, monkey.diary[-12:]
