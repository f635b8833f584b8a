"""What the page shows while one draws is what Python bakes afterwards, to a hundredth of a pixel."""

import base64
import io
import json
import urllib.request
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.e2e.driver import CLIP, DISC, Editor, made
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake

CLOSE = 0.01
"""pixels"""

LAYERS: list[dict[str, Any]] = [
    {"region": {"kind": "rest"}},
    {
        "region": {"kind": "point", "at": [40, 50]},
        "motion": {"path": {"kind": "catmull-rom", "points": [[0, 0], [50, 80], [160, 20]]}},
    },
    {
        "region": {"kind": "disc", "centre": [300, 200], "radius": 70},
        "motion": {
            "path": {"points": [[0, 0], [120, -40]]},
            "rotation": [[0, 0], [1, 75, "ease"]],
            "timing": {"easing": "ease-in-out"},
        },
    },
    {
        "region": {"kind": "rectangle", "box": [500, 60, 120, 90]},
        "motion": {"scale": [[0, 1], [0.6, 1.8], [1, 0.7]], "anchor": [500, 60], "timing": {"start": 0.1, "end": 0.8}},
        "visible": [[0, 0.4], [0.6, 1]],
    },
    {
        "region": {"kind": "polygon", "points": [[620, 260], [760, 240], [790, 400], [640, 420]]},
        "motion": {"components": [{"kind": "wave"}, {"kind": "sway", "amplitude": 30}]},
    },
    {
        "region": {"kind": "brush", "points": [[120, 360], [220, 400], [330, 380]], "radius": 22},
        "motion": {
            "path": {"kind": "bezier", "points": [[0, 0], [80, 40]], "handles": [[0, 0, 60, 0], [0, -30, 0, 0]]},
            "timing": {"repeat": "ping-pong", "cycles": 2, "reverse": True},
        },
    },
    {"region": {"kind": "frame"}, "motion": {"scale": [[0, 1], [1, 1.3]], "components": [{"kind": "shake", "seed": 7}]}},
]
FRAMES = [0, 1, 17, 40, 63, 80]

DRAWN_BY_STAGE = """async ([layers, starts, frames, last]) => {
  const base = location.href;
  const { buildWarpScene } = await import(new URL("js/editor/warp/warp_scene.js", base));
  const { affineAt, makeRipple } = await import(new URL("js/model/motion.js", base));
  const { document } = window.wanmoveEditor.store.state();
  const shown = [];
  for (const frame of frames) {
    const progress = frame / last;
    const scene = buildWarpScene(document, progress);
    layers.forEach((index, track) => {
      const layer = document.layers[index];
      const { kind } = layer.region;
      const cut = scene.cuts.find(cut => cut.layer === layer);
      const onGround = kind === "rest" || kind === "frame";
      const alone = scene.still ? [1, 0, 0, 0, 1, 0] : (cut?.affine ?? affineAt(document, layer, progress));
      const [a, b, x, c, d, y] = onGround ? scene.ground.affine : alone;
      const start = Float64Array.from(starts[track]);
      const ripple = cut?.ripples ? makeRipple(layer, start)(progress) : [0, 0];
      const [px, py] = [start[0] + ripple[0], start[1] + ripple[1]];
      shown.push([a * px + b * py + x, c * px + d * py + y]);
    });
  }
  return shown;
}"""

BAKED_ON_PAGE = """async () => {
  const { store } = window.wanmoveEditor;
  const { bake } = await import(new URL("js/model/sampling.js", location.href));
  const { document, clip } = store.state();
  const { positions, visibility, count, length } = bake(document, clip);
  const text = bytes => {
    const whole = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let made = "";
    for (let at = 0; at < whole.length; at += 32768) made += String.fromCharCode(...whole.subarray(at, at + 32768));
    return btoa(made);
  };
  return [length, count, text(positions), text(visibility)];
}"""


def test_what_the_page_bakes_is_what_python_bakes_and_what_the_server_sends(editor: Editor):
    editor.load(*LAYERS)
    there, visibility = on_page(editor)
    baked = bake(parse_document(editor.text()), CLIP.length, CLIP.width, CLIP.height, CLIP.fit)
    assert there.shape == baked.positions.shape
    assert np.abs(there - baked.positions).max() <= CLOSE
    assert np.array_equal(visibility, baked.visibility)
    assert np.abs(there - asked(editor)).max() <= CLOSE


def test_what_the_stage_draws_at_a_moment_is_where_python_has_the_tracks(editor: Editor):
    editor.load(*LAYERS)
    baked = bake(parse_document(editor.text()), CLIP.length, CLIP.width, CLIP.height, CLIP.fit)
    every = np.asarray(baked.layer)
    some = np.concatenate([np.flatnonzero(every == index)[::7] for index in range(len(LAYERS))])
    owners = every[some]
    assert set(owners.tolist()) == {0, 1, 2, 3, 4, 5}, "the rest leaves no place to the camera"
    starts = baked.positions[0, some].astype(float)
    drawn = editor.page.evaluate(DRAWN_BY_STAGE, [owners.tolist(), starts.tolist(), FRAMES, CLIP.length - 1])
    off = np.abs(np.array(drawn).reshape(len(FRAMES), len(some), 2) - baked.positions[FRAMES][:, some])
    worst = np.unravel_index(off.argmax(), off.shape)
    assert off.max() <= CLOSE, f"frame {FRAMES[worst[0]]}, layer {owners[worst[1]]}: {off.max()} px"


def test_a_drawing_made_by_hand_survives_reloading_and_is_baked_as_it_was_shown(editor: Editor):
    editor.tool("lasso")
    editor.drag((220, 120), (380, 120), (380, 280), (220, 280), (220, 122), steps=6)
    editor.drag((300, 200), (420, 160))
    editor.drag(editor.handle("rotate"), (520, 160))
    editor.page.locator('[data-command="pin-rest"]').click()
    drawn = editor.saved()
    before, _ = on_page(editor)
    editor.open()
    assert editor.document() == drawn
    assert np.array_equal(on_page(editor)[0], before)
    baked = bake(parse_document(editor.session.path.read_bytes()), CLIP.length, CLIP.width, CLIP.height, CLIP.fit)
    assert np.abs(before - baked.positions).max() <= CLOSE
    assert editor.steps() == 0


@pytest.mark.parametrize("progress, place", [(0, (300, 200)), (0.5, (400, 225)), (1, (500, 250))])
def test_the_picture_itself_moves(editor: Editor, progress, place):
    editor.load(
        {"region": {"kind": "disc", "centre": DISC[:2], "radius": DISC[2]}, "motion": {"path": {"points": [[0, 0], [200, 50]]}}}
    )
    editor.press("1")
    editor.go_to(progress)
    editor.settle()
    editor.page.mouse.move(5, 5)
    orange = [colour(editor, (place[0] + 20, place[1] + across)) for across in (-30, 0, 30)]
    assert all(red > 150 > blue + 50 for red, _, blue in orange), orange
    red, _, blue = colour(editor, (700, 60))
    assert blue > red


def test_the_start_of_the_clip_shows_the_picture_untouched(editor: Editor):
    editor.load(*LAYERS)
    editor.press("1")
    editor.settle()
    red, green, blue = colour(editor, (420, 195))
    assert green > red
    assert green > blue


def on_page(editor: Editor) -> tuple[np.ndarray, np.ndarray]:
    """Positions [T, N, 2] and visibility [T, N] as the page bakes what is drawn."""
    length, count, positions, visibility = editor.page.evaluate(BAKED_ON_PAGE)
    return (
        np.frombuffer(base64.b64decode(positions), np.float32).reshape(length, count, 2),
        np.frombuffer(base64.b64decode(visibility), np.uint8).reshape(length, count).astype(bool),
    )


def asked(editor: Editor) -> np.ndarray:
    """The tracks of what is drawn, as the server bakes them."""
    query = f"width={CLIP.width}&height={CLIP.height}&length={CLIP.length}&fit=&pixels=clip&part=tracks"
    request = urllib.request.Request(f"{editor.url}bake?{query}", editor.text().encode(), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return np.load(io.BytesIO(answer.read()))


def colour(editor: Editor, place: tuple[float, float]) -> tuple[int, int, int]:
    """What is on the screen at a place of the picture."""
    x, y = editor.on_page(place)
    shot = Image.open(io.BytesIO(editor.page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3}))).convert("RGB")
    red, green, blue = np.asarray(shot).reshape(-1, 3).mean(0).astype(int).tolist()
    return red, green, blue


def test_the_document_of_these_tests_is_sound():
    assert len(parse_document(json.dumps(made(*LAYERS))).layers) == len(LAYERS)
