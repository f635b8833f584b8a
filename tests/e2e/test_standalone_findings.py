"""What the model will not be told as it was drawn: each finding is listed, and its button mends it."""

from typing import Any

import pytest

from tests.e2e.driver import Editor

BOX = {"kind": "rectangle", "box": [100, 100, 80, 64]}


def moving(region: dict[str, Any], *points: list[float], **others: Any) -> dict[str, Any]:
    """A layer with a straight path."""
    return {"region": region, "motion": {"path": {"points": [[0, 0], *points]}}, **others}


CASES = {
    "start-outside": [moving({"kind": "point", "at": [-20, 100]}, [100, 0])],
    "hidden-start": [moving(BOX, [160, 0], visible=[[0.25, 1]])],
    "far-edge": [moving({"kind": "point", "at": [700, 100]}, [132, 0])],
    "collision-lost": [
        moving({"kind": "point", "at": [100, 100]}, [200, 0]),
        moving({"kind": "point", "at": [100, 200]}, [200, -100]),
    ],
    "motion-under-a-cell": [moving({"kind": "rectangle", "box": [96, 96, 64, 64]}, [1, 0])],
    "jump": [moving(BOX, [600, 0], motion={"path": {"points": [[0, 0], [600, 0]]}, "timing": {"start": 0.4, "end": 0.5}})],
}


@pytest.fixture(autouse=True)
def nothing_found(editor: Editor) -> None:
    """What was found in the document before is gone from the page."""
    editor.page.locator(".wanmove-status .wanmove-warning").wait_for(state="hidden")


@pytest.mark.parametrize("kind", CASES)
def test_a_finding_is_listed_and_its_button_mends_it_as_one_step(editor: Editor, kind):
    editor.load(*CASES[kind])
    before = editor.document()
    [finding] = [one for one in findings(editor) if one[0] == kind]
    index = open_findings(editor, kind)
    fixes = editor.page.locator(f'.wanmove-findings button[data-finding="{index}"][data-fix]')
    assert fixes.count() == 1, f"{kind} has no button"
    fixes.click()
    wait_without(editor, finding)
    assert editor.saved() != before
    assert editor.steps() == 1
    editor.press("Control+z")
    assert editor.document() == before


def test_a_clip_of_another_length_is_mended_in_the_clip(editor: Editor):
    editor.load(moving(BOX, [160, 0]))
    editor.page.evaluate(
        "() => { const { store, setClip } = window.wanmoveEditor; setClip({ ...store.state().clip, length: 80 }); }"
    )
    index = open_findings(editor, "length")
    button = editor.page.locator(f'.wanmove-findings button[data-finding="{index}"][data-fix]')
    assert button.inner_text() == "Make it 81 frames"
    button.click()
    editor.wait_state("state.clip.length === 81")
    wait_without(editor, ["length", None])


def test_the_words_of_a_finding_go_to_its_layer_and_moment(editor: Editor):
    editor.load(moving(BOX, [160, 0]), *CASES["jump"])
    editor.go_to(1)
    index = open_findings(editor, "jump")
    editor.page.locator(f'.wanmove-finding-words[data-finding="{index}"]').click()
    assert editor.state("state.selection.layers") == [1]
    assert 0.4 <= editor.state("state.progress") <= 0.5
    assert editor.steps() == 0


def test_nothing_drawn_is_nothing_to_look_at(editor: Editor):
    editor.settle()
    assert editor.page.locator(".wanmove-warning").is_hidden()


def findings(editor: Editor) -> list[list[str | None]]:
    """Kind and layer's region of what there is to look at, in the order of the list."""
    return editor.page.evaluate(
        """async () => {
          const at = path => import(new URL(path, location.href));
          const [{ findingsOf }, { bake }, { cellEdit }] = await Promise.all(
            ["js/model/lint.js", "js/model/sampling.js", "js/model/guidance.js"].map(at));
          const { document, clip } = window.wanmoveEditor.store.state();
          let [tracks, error] = [null, null];
          try { tracks = bake(document, clip); } catch (thrown) { error = thrown.message; }
          return findingsOf(document, clip, tracks, tracks && cellEdit(tracks), error).map(({ kind, layer }) =>
            [kind, layer === null ? null : JSON.stringify(document.layers[layer].region)]);
        }"""
    )


def open_findings(editor: Editor, kind: str) -> int:
    """The list opened by its button; the place of the first finding of a kind in it."""
    kinds = [one for one, _ in findings(editor)]
    assert kind in kinds
    button = editor.page.locator(".wanmove-status .wanmove-warning")
    button.filter(has_text=str(len(kinds))).wait_for()
    button.click()
    assert editor.page.locator(".wanmove-finding").count() == len(kinds)
    return kinds.index(kind)


def wait_without(editor: Editor, finding: list[str | None]) -> None:
    """Until the page counts as many findings as there are, this one not among them."""
    there = findings(editor)
    assert finding not in there
    button = editor.page.locator(".wanmove-status .wanmove-warning")
    if there:
        button.filter(has_text=str(len(there))).wait_for()
    else:
        button.wait_for(state="hidden")
