"""Presets write ordinary, editable fields of a motion, and add up."""

import numpy as np
import pytest

from wanmove_core.errors import DocumentError
from wanmove_core.tracks.document import Layer, TrackDocument, parse_document, serialise_document
from wanmove_core.tracks.motion import move_points
from wanmove_core.tracks.presets import PRESETS, apply_preset

REGIONS = [
    {"kind": "rectangle", "box": [100, 100, 60, 80]},
    {"kind": "point", "at": [100, 100]},
    {"kind": "frame"},
    {"kind": "rest"},
]


def document_of(region: dict[str, object]) -> TrackDocument:
    return parse_document({"version": 1, "width": 832, "height": 480, "layers": [{"name": "it", "region": region}]})


def with_preset(document: TrackDocument, layer: Layer) -> TrackDocument:
    return TrackDocument(document.width, document.height, (layer,))


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("region", REGIONS)
def test_a_preset_makes_a_document_that_can_be_written_read_and_edited(name: str, region: dict[str, object]) -> None:
    document = document_of(region)
    changed = with_preset(document, apply_preset(document, document.layers[0], name))
    assert parse_document(serialise_document(changed)) == changed


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_moves_something_as_it_comes(name: str) -> None:
    document = document_of(REGIONS[0])
    layer = apply_preset(document, document.layers[0], name)
    points = np.array([[110.0, 110.0], [150.0, 170.0]])
    travelled = [np.abs(move_points(document, layer, points, progress / 20) - points).max() for progress in range(21)]
    assert travelled[0] < 1e-9
    assert max(travelled) > 1


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("extreme", ["low", "high"])
def test_a_preset_stays_finite_at_its_limits(name: str, extreme: str) -> None:
    document = document_of(REGIONS[0])
    values = {parameter.name: float(getattr(parameter, extreme)) for parameter in PRESETS[name].parameters}
    layer = apply_preset(document, document.layers[0], name, values)
    for progress in np.linspace(0, 1, 21):
        assert np.isfinite(move_points(document, layer, np.array([[110.0, 110.0]]), float(progress))).all()


def test_presets_of_different_kinds_add_up() -> None:
    document = document_of(REGIONS[0])
    panned = apply_preset(document, document.layers[0], "pan", {"x": 50, "y": 0})
    both = apply_preset(document, panned, "shake")
    assert both.motion.path == panned.motion.path
    assert [part.kind for part in both.motion.components] == ["shake"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_applied_again_replaces_what_it_made(name: str) -> None:
    document = document_of(REGIONS[0])
    once = apply_preset(document, document.layers[0], name)
    assert apply_preset(document, once, name) == once


def test_a_pendulum_hangs_from_the_top_of_its_box_or_as_far_up_as_told() -> None:
    document = document_of(REGIONS[0])
    assert apply_preset(document, document.layers[0], "pendulum").motion.anchor == (130, 100)
    assert apply_preset(document, document.layers[0], "pendulum", {"length": 100}).motion.anchor == (130, 40)


@pytest.mark.parametrize(
    ("name", "values", "complaint"),
    [
        ("teleport", {}, 'no motion preset "teleport"; there are pan, zoom'),
        ("pan", {"z": 1}, 'unknown field "z"; known are x, y'),
        ("zoom", {"scale": 0}, "scale is 0; a number from 0.01 to 100"),
        ("shake", {"seed": 0.5}, "seed is 0.5; a whole number"),
    ],
)
def test_a_preset_out_of_its_limits_is_refused(name: str, values: dict[str, float], complaint: str) -> None:
    document = document_of(REGIONS[0])
    with pytest.raises(DocumentError) as caught:
        apply_preset(document, document.layers[0], name, values)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_a_label_and_defaults_within_its_limits(name: str) -> None:
    preset = PRESETS[name]
    assert preset.name == name and preset.label
    assert all(parameter.low <= parameter.default <= parameter.high for parameter in preset.parameters)
