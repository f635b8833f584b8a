"""A second editor on the standalone page, as another page would mount it: in a node's size or full screen."""

from typing import Any

from tests.e2e.driver import Editor

LAYERS: list[dict[str, Any]] = [
    {"region": {"kind": "rest"}},
    {
        "name": "box",
        "region": {"kind": "rectangle", "box": [100, 100, 80, 60]},
        "motion": {"path": {"points": [[0, 0], [120, 40]]}, "rotation": [[0, 0], [1, 30]], "components": [{"kind": "sway"}]},
        "visible": [[0, 0.4], [0.6, 1]],
    },
    {"name": "disc", "region": {"kind": "disc", "centre": [500, 200], "radius": 40}, "group": "things"},
]

MOUNT = """async ([size, width, height, locale, document_]) => {
  const { mountEditor } = await import(new URL("js/editor/mount.js", location.href));
  const place = document.createElement("div");
  place.id = "second";
  place.style.cssText = `position:fixed;left:0;top:0;width:${width}px;height:${height}px;z-index:9`;
  document.body.append(place);
  window.commits = [];
  window.second = mountEditor(place, {
    document: document_,
    picture: { url: new URL("picture", location.href).href },
    clip: window.wanmoveEditor.store.state().clip,
    size,
    locale,
    commit: text => window.commits.push(text),
    enlarge: () => {},
  });
}"""


def mount(editor: Editor, how: list) -> None:
    """A second editor on the page, once its styles are there."""
    editor.page.evaluate(MOUNT, how)
    editor.wait("() => getComputedStyle(document.querySelector('#second .wanmove-strip')).display === 'flex'")
    editor.settle()


def dispose(editor: Editor, remove: bool = True) -> None:
    """The second editor away, in the middle of whatever it does."""
    editor.page.evaluate("() => window.second.dispose()")
    editor.page.mouse.up()
    if remove:
        editor.page.evaluate("() => document.querySelector('#second').remove()")
    editor.settle()
