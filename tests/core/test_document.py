"""Documents: what is read is written back the same, and what is wrong is named."""

import json
from pathlib import Path as FilePath
from typing import Any

import pytest

from wanmove_core.errors import DocumentError
from wanmove_core.tracks.components import COMPONENTS
from wanmove_core.tracks.curves import KINDS, PATH_FIELDS, Path
from wanmove_core.tracks.document import (
    DOCUMENT_FIELDS,
    LAYER_FIELDS,
    MAX_BYTES,
    MOTION_FIELDS,
    Layer,
    Motion,
    TrackDocument,
    migrate,
    parse_document,
    serialise_document,
)
from wanmove_core.tracks.presets import PRESETS
from wanmove_core.tracks.sampling import bake
from wanmove_core.tracks.shapes import REGIONS, Disc, Frame, Point, Polygon
from wanmove_core.tracks.timing import EASINGS, TIMING_FIELDS, Key, Timing

FULL: dict[str, Any] = {
    "version": 1,
    "width": 832,
    "height": 480,
    "layers": [
        {
            "name": "气球 balloon",
            "region": {"kind": "polygon", "points": [[10, 10], [90.5, 20], [60, 70]]},
            "motion": {
                "path": {
                    "kind": "bezier",
                    "points": [[0, 0], [50, -20]],
                    "handles": [[0, 0, 5, 5], [-5, -5, 0, 0]],
                    "times": [0, 1],
                },
                "rotation": [[0, 0], [0.5, 45, "ease-in"], [1, 0]],
                "scale": [[0, 1, [0.3, 0, 0.7, 1]], [1, 1.5]],
                "anchor": [50, 30],
                "components": [{"kind": "sway", "amplitude": 4}, {"kind": "shake", "seed": 7}],
                "timing": {
                    "start": 0.1,
                    "end": 0.9,
                    "easing": "ease-in-out",
                    "repeat": "ping-pong",
                    "cycles": 2,
                    "reverse": True,
                },
            },
            "visible": [[0, 0.4], [0.6, 1]],
            "density": 2,
            "enabled": False,
            "locked": True,
            "colour": "#ff8800",
            "group": "sky",
        },
        {"region": {"kind": "mask", "columns": 4, "rows": 2, "runs": [1, 2, 5], "cell": 16}},
        {"region": {"kind": "frame"}},
    ],
}


def one_layer(**fields: Any) -> dict[str, Any]:
    """A document of one layer: a point, with ``fields`` over it."""
    layer = {"name": "balloon", "region": {"kind": "point", "at": [5, 5]}, **fields}
    return {"version": 1, "width": 832, "height": 480, "layers": [layer]}


def moving(**fields: Any) -> dict[str, Any]:
    return one_layer(motion=fields)


def test_a_document_with_every_field_comes_back_the_same() -> None:
    document = parse_document(FULL)
    assert json.loads(serialise_document(document)) == FULL
    assert parse_document(serialise_document(document)) == document


def test_text_bytes_and_decoded_json_are_read_alike() -> None:
    text = json.dumps(FULL, ensure_ascii=False)
    assert (
        parse_document(text)
        == parse_document(text.encode())
        == parse_document(b"\xef\xbb\xbf" + text.encode())
        == parse_document(FULL)
    )


def test_fields_at_their_defaults_are_not_written() -> None:
    document = TrackDocument(8, 8, (Layer("a", Point((1.0, 2.0)), Motion(timing=Timing(0.0, 1.0))),))
    assert serialise_document(document) == (
        '{"version":1,"width":8,"height":8,"layers":[{"name":"a","region":{"kind":"point","at":[1,2]}}]}'
    )


def test_values_made_in_python_are_read_back_the_same() -> None:
    motion = Motion(Path("catmull-rom", ((0.0, 0.0), (0.1, 1e-9))), (Key(0.0, 1 / 3),), anchor=(-1e6, 1e6))
    layers = (
        Layer("a", Disc((1.5, 2.25), 0.1), motion),
        Layer("", Polygon(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))),
        Layer("", Frame()),
    )
    document = TrackDocument(8, 8, layers)
    assert parse_document(serialise_document(document)) == document


def test_moving_a_region_of_625_tracks_takes_less_than_a_kilobyte() -> None:
    source = moving(
        path={"kind": "catmull-rom", "points": [[0, 0], [40, -60], [120, -90], [200, -40]]},
        rotation=[[0, 0], [1, 30]],
        timing={"start": 0.1, "easing": "ease-in-out"},
    )
    source["layers"][0]["region"] = {"kind": "rectangle", "box": [100, 200, 200, 200]}
    document = parse_document(source)
    assert bake(document, 81, 832, 480).count == 625
    assert len(serialise_document(document).encode()) <= 1000


BAD = [
    (b"\xff\xfe{}", "not UTF-8 text: byte 0 is 0xff"),
    ('{"version":1', "not JSON"),
    ("", "not JSON"),
    ("nul", "not JSON"),
    ("[]", "The document is a list of 0; an object {…} is needed."),
    ("[" * 200_000, "nested too deeply"),
    ('{"version":1,"width":' + "9" * 5000 + "}", "thousands of digits"),
    ('{"version":1,"width":-Infinity}', "the number -Infinity; every number must be finite"),
    ('{"version":1,"version":1}', 'the field "version" twice'),
    ('{"version":"1"}', 'version "1"; 1 is the newest known'),
    ('{"version":99}', "version 99; 1 is the newest known"),
    ('{"version":true}', "version true"),
    ({"version": 1, "height": 8, "layers": []}, 'lacks the field "width"'),
    (
        {"version": 1, "width": 10**400, "height": 8, "layers": []},
        "width is a whole number of 1329 bits; a whole number from 1 to 16384",
    ),
    ({"version": 1, "width": float("nan"), "height": 8, "layers": []}, "width is not finite"),
    ({"version": 1, "width": 8, "height": 8, "layers": [], 5: 1}, "unknown field 5"),
    ({"version": 1, "width": 8, "height": 8, "layers": [{}] * 257}, "has 257 layers; 256 are allowed"),
    ({"version": 1, "width": 8, "height": 8, "layers": [None]}, "Layer 1 is null"),
    (
        {"version": 1, "width": 8, "height": 8, "layers": [{"region": {"kind": "frame"}}, {"name": "x"}]},
        'Layer 2 "x" lacks the field "region"',
    ),
    (one_layer(name="a\ud800b"), "broken Unicode"),
    (one_layer(name="a\nb"), "control characters"),
    (one_layer(name="n" * 201), "text of at most 200 characters"),
    (one_layer(name=7), "Layer 1: name is 7"),
    (one_layer(colour="#12345g"), 'colour is "#12345g"'),
    (one_layer(density=0), "density is 0; a number from 0.00390625 to 64"),
    (one_layer(enabled=1), "enabled is 1; true or false"),
    (one_layer(visible=[[0, 0.5], [0.4, 1]]), "visible[1] starts at 0.4, inside the span before it"),
    (one_layer(visible=[[0.5, 0.4]]), "visible[0] runs from 0.5 to 0.4"),
    (one_layer(visible=[[0, 1.1]]), "visible[0][1] is 1.1; a number from 0 to 1"),
    (one_layer(region={"kind": "pint"}), 'region.kind is "pint"; one of point, disc'),
    (one_layer(region={"at": [1, 2]}), 'region lacks the field "kind"'),
    (one_layer(region={"kind": "point", "at": [1]}), "region.at is a list of 1; a list of 2 numbers"),
    (one_layer(region={"kind": "point", "at": [1, "2"]}), 'region.at[1] is "2"; a number from -1000000 to 1000000'),
    (one_layer(region={"kind": "point", "at": [1, 2], "radius": 3}), 'unknown field "radius"; known are at'),
    (one_layer(region={"kind": "disc", "centre": [1, 2], "radius": 0}), "region.radius is 0; a number over 0"),
    (one_layer(region={"kind": "rectangle", "box": [1, 2, 0, 4]}), "region.box is 0 wide and 4 high; both must be over 0"),
    (one_layer(region={"kind": "polygon", "points": [[1, 2], [3, 4]]}), "region.points has 2 points; 3 to 4096"),
    (one_layer(region={"kind": "mask", "columns": 4, "rows": 2, "runs": [1, 2]}), "add up to 3; 4 x 2 = 8 is needed"),
    (one_layer(region={"kind": "mask", "columns": 4, "rows": 2, "runs": [8, 0]}), "mark no cell"),
    (
        one_layer(region={"kind": "mask", "columns": 9999, "rows": 9999, "runs": [1, 2]}),
        "9999 x 9999 cells; 4194304 are allowed",
    ),
    (moving(speed=1), 'motion has the unknown field "speed"'),
    (
        moving(path={"kind": "spline", "points": [[0, 0], [1, 1]]}),
        'motion.path.kind is "spline"; one of linear, catmull-rom, bezier',
    ),
    (moving(path={"points": [[0, 0]]}), "motion.path.points has 1 points; 2 to 4096"),
    (moving(path={"points": [[0, 0], [1, 1]], "handles": [[0, 0, 0, 0]] * 2}), 'linear and has handles; only "bezier"'),
    (moving(path={"points": [[0, 0], [1, 1]], "times": [0]}), "motion.path.times has 1 rows for 2 points"),
    (moving(path={"points": [[0, 0], [1, 1]], "times": [0, 0.5]}), "motion.path.times runs from 0 to 0.5; 0 to 1"),
    (
        moving(path={"points": [[0, 0], [1, 1], [2, 2]], "times": [0, 0, 1]}),
        "motion.path.times[1] is at 0, not after 0 before it",
    ),
    (moving(rotation=[[0.5, 0], [0.2, 90]]), "motion.rotation[1] is at 0.2, not after 0.5"),
    (moving(rotation=[[0]]), "motion.rotation[0] is a list of 1; [time, value]"),
    (moving(scale=[[0, 0]]), "motion.scale[0][1] is 0; a number from 0.01 to 100"),
    (moving(scale=[[0, 1, "jump"]]), 'motion.scale[0][2] is "jump"; one of linear'),
    (moving(anchor=[1, None]), "motion.anchor[1] is null"),
    (
        moving(timing={"start": 0.6, "end": 0.4}),
        'Layer 1 "balloon" moves from 0.6 to 0.4; a layer needs 0 <= start < end <= 1.',
    ),
    (moving(timing={"start": 0.5, "end": 0.5}), "moves from 0.5 to 0.5"),
    (moving(timing={"easing": [2, 0, 1, 1]}), "x1 = 2 and x2 = 1; a cubic-bezier needs both from 0 to 1"),
    (moving(timing={"cycles": 3}), 'cycles is 3; 1 where repeat is "hold"'),
    (moving(timing={"repeat": "bounce"}), 'repeat is "bounce"; one of hold, loop, ping-pong'),
    (moving(components=[{"kind": "fly"}]), 'motion.components[0].kind is "fly"; one of sway'),
    (moving(components=[{"amplitude": 1}]), 'motion.components[0] lacks the field "kind"'),
    (moving(components=[{"kind": "sway", "amplitude": -1}]), "motion.components[0].amplitude is -1; a number from 0"),
    (moving(components=[{"kind": "shake", "seed": 1.5}]), "motion.components[0].seed is 1.5; a whole number"),
    (moving(components=[{"kind": "sway"}] * 17), "motion.components has 17 components; 0 to 16"),
    (
        {
            "version": 1,
            "width": 8,
            "height": 8,
            "layers": [{"region": {"kind": "frame"}, "motion": {"components": [{"kind": "burst"}]}}],
        },
        "Layer 1 bursts the whole frame; give motion.anchor",
    ),
]


@pytest.mark.parametrize(("source", "complaint"), BAD, ids=[complaint for _, complaint in BAD])
def test_a_bad_document_is_refused_by_naming_what_is_wrong(source: Any, complaint: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(source)
    assert complaint in str(caught.value)
    str(caught.value).encode("utf-8")


def test_more_than_four_megabytes_of_text_are_refused() -> None:
    with pytest.raises(DocumentError, match="4194305 bytes; 4194304 are allowed"):
        parse_document(" " * (MAX_BYTES + 1))


def test_a_number_that_json_cannot_hold_is_not_written() -> None:
    with pytest.raises(DocumentError, match="no word for"):
        serialise_document(TrackDocument(8, 8, (Layer("a", Point((float("nan"), 0.0))),)))


def test_an_older_version_is_brought_up_one_step_at_a_time() -> None:
    steps = {1: lambda data: {**data, "b": data["a"]}, 2: lambda data: {**data, "c": data["b"]}}
    assert migrate({"version": 1, "a": 5}, steps, 3) == {"version": 3, "a": 5, "b": 5, "c": 5}
    assert migrate({"version": 3, "a": 5}, steps, 3) == {"version": 3, "a": 5}


def test_a_migration_leaves_the_source_as_it_was() -> None:
    source = {"version": 1, "a": 5}
    migrate(source, {1: lambda data: {"z": 1}}, 2)
    assert source == {"version": 1, "a": 5}


def test_the_examples_in_the_manual_can_be_baked() -> None:
    manual = (FilePath(__file__).parents[2] / "docs" / "document.md").read_text(encoding="utf-8")
    examples = [line for line in manual.splitlines() if line.startswith('{"version"')]
    assert len(examples) == 3
    for example in examples:
        document = parse_document(example)
        assert serialise_document(document) == example
        assert bake(document, 81, 832, 480).count > 0


def test_the_manual_names_every_field_kind_easing_and_preset() -> None:
    manual = (FilePath(__file__).parents[2] / "docs" / "document.md").read_text(encoding="utf-8")
    fields = [
        field.name for rows in (DOCUMENT_FIELDS, LAYER_FIELDS, MOTION_FIELDS, PATH_FIELDS, TIMING_FIELDS) for field in rows
    ]
    parameters = [parameter.name for kind in COMPONENTS.values() for parameter in kind.parameters]
    for word in [*fields, *parameters, *REGIONS, *COMPONENTS, *KINDS, *EASINGS, *PRESETS]:
        assert word in manual, word
