"""10,000 malformed documents give only the project's own errors, each naming what is wrong."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wanmove_core.errors import DocumentError, WanMoveError
from wanmove_core.tracks.components import COMPONENTS
from wanmove_core.tracks.document import parse_document, serialise_document
from wanmove_core.tracks.sampling import bake

QUICK = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

SOUND: dict[str, Any] = {
    "version": 1,
    "width": 64,
    "height": 48,
    "layers": [
        {
            "name": "polygon",
            "region": {"kind": "polygon", "points": [[8, 8], [40, 8], [20, 40]]},
            "motion": {
                "path": {
                    "kind": "bezier",
                    "points": [[0, 0], [10, 5], [20, 0]],
                    "handles": [[0, 0, 3, 3], [-3, 0, 3, 0], [-3, 3, 0, 0]],
                    "times": [0, 0.4, 1],
                },
                "rotation": [[0, 0], [1, 40, "ease-in"]],
                "scale": [[0, 1, [0.2, 0, 0.8, 1]], [1, 1.4]],
                "anchor": [20, 20],
                "timing": {
                    "start": 0.1,
                    "end": 0.9,
                    "easing": "overshoot",
                    "repeat": "ping-pong",
                    "cycles": 2,
                    "reverse": True,
                },
            },
            "visible": [[0, 0.5], [0.6, 1]],
            "density": 1.5,
            "enabled": True,
            "locked": False,
            "colour": "#00ff00",
            "group": "g",
        },
        {"region": {"kind": "mask", "columns": 8, "rows": 6, "runs": [9, 3, 36], "cell": 8}},
        {
            "region": {"kind": "brush", "points": [[5, 5], [50, 40]], "radius": 4},
            "motion": {"path": {"kind": "catmull-rom", "points": [[0, 0], [4, 9]]}},
        },
        {"region": {"kind": "point", "at": [30, 30]}, "motion": {"components": [{"kind": kind} for kind in COMPONENTS]}},
        {"region": {"kind": "disc", "centre": [50, 20], "radius": 6}},
        {"region": {"kind": "rectangle", "box": [1, 30, 20, 10]}},
        {"region": {"kind": "rest"}},
        {"region": {"kind": "frame"}, "motion": {"components": [{"kind": "dolly", "travel": 0.2}]}},
    ],
}

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0, -1, 1, 0.5, 1e6, -1e6, 1e-300, 10**400, 2**31, 1e999]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8), st.binary(max_size=4))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)


def places_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a JSON value, containers included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places_of(item, (*path, key)))]


PLACES = [place for place in places_of(SOUND) if place]


def changed(path: tuple[Any, ...], how: str, value: Any) -> dict[str, Any]:
    """The sound document with one thing replaced, removed, added beside, or doubled."""
    document = copy.deepcopy(SOUND)
    holder: Any = document
    for key in path[:-1]:
        holder = holder[key]
    if how == "remove":
        del holder[path[-1]]
    elif how == "beside" and isinstance(holder, dict):
        holder["extra"] = value
    elif how == "double" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[path[-1]]))
    else:
        holder[path[-1]] = value
    return document


CHANGED = st.builds(
    changed, st.sampled_from(PLACES), st.sampled_from(["replace", "replace", "remove", "beside", "double"]), VALUES
)


def check(source: Any) -> None:
    """Reading either works, and then writing, reading back and baking do as they promise, or says what is wrong."""
    try:
        document = parse_document(source)
    except DocumentError as error:
        assert len(str(error)) > 20
        assert len(str(error)) < 1000
        return
    assert parse_document(serialise_document(document)) == document
    try:
        baked = bake(document, 3, 64, 48, "stretch")
    except WanMoveError as error:
        assert "Layer" in str(error) or "document" in str(error)
        return
    assert baked.positions.shape == (3, baked.count, 2)


def test_the_document_that_is_damaged_below_is_sound() -> None:
    assert bake(parse_document(SOUND), 3, 64, 48).count > 10


@settings(max_examples=6000, deadline=None, suppress_health_check=QUICK)
@given(CHANGED)
def test_a_document_with_one_thing_wrong_gives_only_our_own_errors(source: Any) -> None:
    check(source)


@settings(max_examples=1000, deadline=None, suppress_health_check=QUICK)
@given(VALUES)
def test_any_value_gives_only_our_own_errors(source: Any) -> None:
    check(source)


@settings(max_examples=1000, deadline=None, suppress_health_check=QUICK)
@given(st.one_of(st.text(), st.binary()))
def test_any_text_or_bytes_give_only_our_own_errors(source: Any) -> None:
    check(source)


@settings(max_examples=2000, deadline=None, suppress_health_check=QUICK)
@given(st.integers(0, 10**6), st.integers(0, 12), st.binary(max_size=6))
def test_damaged_bytes_of_a_document_give_only_our_own_errors(where: int, cut: int, put: bytes) -> None:
    sound = json.dumps(SOUND).encode()
    at = where % len(sound)
    check(sound[:at] + put + sound[at + cut :])
