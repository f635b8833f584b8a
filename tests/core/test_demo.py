"""The demo that ships: its files, its run at a small size, and that its model follows tracks."""

import json
from pathlib import Path

import pytest

from wanmove_core.demo import demonstration
from wanmove_core.demo.assets import DIT, DOCUMENT, PICTURE, VAE, demo_document, load_demo_models
from wanmove_core.demo.scoring import evaluate_demo
from wanmove_core.host import SilentHost
from wanmove_core.loading.description import describe_checkpoint
from wanmove_core.rendering.images import load_image
from wanmove_core.rendering.video_file import read_video, video_info
from wanmove_core.tracks.document import serialise_document

KEYS = {
    "draft", "video", "unguided", "overlay", "sheet", "draft_overlay", "draft_sheet",
    "draft_error", "guided_error", "unguided_error",
}  # fmt: skip


def test_both_weight_files_together_are_at_most_24_megabytes() -> None:
    assert DIT.stat().st_size + VAE.stat().st_size <= 24e6


@pytest.mark.parametrize(("path", "kind"), [(DIT, "dit"), (VAE, "vae21")])
def test_the_weights_are_recognised_like_any_checkpoint(path: Path, kind: str) -> None:
    description = describe_checkpoint(path)
    assert (description.kind, description.loadable, description.problems) == (kind, True, ())


def test_the_model_takes_tracks_and_needs_no_encoder() -> None:
    variant = load_demo_models().variant
    assert (variant.takes_tracks, variant.needs_text, variant.needs_image_encoder) == (True, False, False)


def test_the_document_is_drawn_on_the_picture_and_small() -> None:
    document = demo_document()
    assert load_image(PICTURE).shape[:2] == (document.height, document.width)
    assert len(document.layers) >= 3
    assert len(serialise_document(document).encode()) <= 2048 and len(DOCUMENT.read_bytes()) <= 2048


def test_the_demo_writes_what_it_says_and_measures_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("DRAFT_LENGTH", 9), ("MODEL_LENGTH", 9), ("MODEL_WIDTH", 224), ("MODEL_HEIGHT", 128)):
        monkeypatch.setattr(demonstration, name, value)
    result = demonstration.run_demo(tmp_path / "demo", SilentHost())
    assert json.loads(json.dumps(result)).keys() >= KEYS
    for key in ("draft", "video", "unguided", "overlay", "draft_overlay"):
        path = Path(str(result[key]))
        assert len(list(read_video(path))) == 9, key
    assert (video_info(Path(str(result["draft"]))).width, video_info(Path(str(result["video"]))).width) == (832, 224)
    assert load_image(Path(str(result["sheet"]))).shape[1] > 1000
    diagonal = (832**2 + 480**2) ** 0.5
    assert float(str(result["draft_error"])) <= 0.02 * diagonal
    assert float(str(result["guided_error"])) < float(str(result["unguided_error"]))


def test_the_model_follows_tracks_on_clips_it_was_not_trained_on() -> None:
    scores = evaluate_demo(clips=4, size=128, host=SilentHost())
    guided, unguided, truth = (scores[name] for name in ("guided", "unguided", "truth"))
    assert isinstance(guided, dict) and isinstance(unguided, dict) and isinstance(truth, dict)
    assert truth["within_8px_percent"] >= 60
    assert guided["within_8px_percent"] >= 3 * unguided["within_8px_percent"]
    assert guided["within_8px_percent"] >= 15
