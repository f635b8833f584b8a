"""Documents at and between their limits either bake to finite tracks inside the picture or are refused by name."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wanmove_core.errors import DocumentError
from wanmove_core.tracks.components import COMPONENTS, Parameter
from wanmove_core.tracks.document import parse_document, serialise_document
from wanmove_core.tracks.sampling import bake
from wanmove_core.tracks.timing import EASINGS, REPEATS


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(st.sampled_from([low, high]), st.floats(low, high))


def parameter(row: Parameter) -> st.SearchStrategy[float]:
    return st.integers(int(row.low), int(row.high)) if row.whole else between(row.low, row.high)


NEAR = st.tuples(st.floats(-20, 84), st.floats(-20, 68)).map(list)
FAR = st.tuples(between(-1e6, 1e6), between(-1e6, 1e6)).map(list)
PLACE = st.one_of(NEAR, NEAR, FAR)
RADIUS = st.one_of(st.floats(0.01, 30), between(1e-9, 1e6))
REGION = st.one_of(
    st.builds(lambda at: {"kind": "point", "at": at}, NEAR),
    st.builds(lambda centre, radius: {"kind": "disc", "centre": centre, "radius": radius}, PLACE, RADIUS),
    st.builds(lambda corner, w, h: {"kind": "rectangle", "box": [*corner, w, h]}, PLACE, RADIUS, RADIUS),
    st.builds(lambda points: {"kind": "polygon", "points": points}, st.lists(PLACE, min_size=3, max_size=6)),
    st.builds(
        lambda line, radius: {"kind": "brush", "points": line, "radius": radius},
        st.lists(PLACE, min_size=1, max_size=4),
        RADIUS,
    ),
    st.sampled_from([{"kind": "frame"}, {"kind": "rest"}]),
)
EASING = st.one_of(
    st.sampled_from([*EASINGS, "step"]),
    st.tuples(between(0, 1), between(-2, 3), between(0, 1), between(-2, 3)).map(list),
)
PATH = st.builds(
    lambda kind, points: {"kind": kind, "points": points},
    st.sampled_from(["linear", "catmull-rom", "bezier"]),
    st.lists(PLACE, min_size=2, max_size=4),
)
TIMING = st.builds(
    lambda start, easing, repeat, cycles, reverse: {
        "start": start,
        "easing": easing,
        "repeat": repeat,
        "reverse": reverse,
        **({} if repeat == "hold" else {"cycles": cycles}),
    },
    st.floats(0, 0.99),
    EASING,
    st.sampled_from(list(REPEATS)),
    between(0.01, 1000),
    st.booleans(),
)
COMPONENT = st.sampled_from(list(COMPONENTS)).flatmap(
    lambda kind: st.fixed_dictionaries(
        {"kind": st.just(kind)}, optional={p.name: parameter(p) for p in COMPONENTS[kind].parameters}
    )
)


def keys(low: float, high: float) -> st.SearchStrategy[list[Any]]:
    return st.tuples(between(low, high), between(low, high), EASING).map(lambda row: [[0, row[0], row[2]], [1, row[1]]])


MOTION = st.fixed_dictionaries(
    {"anchor": PLACE},
    optional={
        "path": PATH,
        "rotation": keys(-36_000, 36_000),
        "scale": st.one_of(keys(0.5, 2), keys(0.01, 100)),
        "timing": TIMING,
        "components": st.lists(COMPONENT, max_size=3),
    },
)
LAYER = st.fixed_dictionaries({"region": REGION, "motion": MOTION}, optional={"density": between(1 / 256, 64)})


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(LAYER, min_size=1, max_size=3),
    st.integers(1, 7),
    st.sampled_from([(64, 48), (100, 48), (24, 96)]),
    st.sampled_from(["stretch", "crop"]),
)
def test_any_document_within_its_limits_bakes_to_finite_tracks_or_is_refused(
    layers: list[dict[str, Any]], length: int, size: tuple[int, int], fit: Any
) -> None:
    document = parse_document({"version": 1, "width": 64, "height": 48, "layers": layers})
    assert parse_document(serialise_document(document)) == document
    try:
        baked = bake(document, length, *size, fit)
    except DocumentError as error:
        assert str(error).startswith(("Layer ", "The document makes "))
        assert len(str(error)) < 400
        return
    assert baked.positions.shape == (length, baked.count, 2)
    assert np.isfinite(baked.positions).all()
    start = baked.positions[0]
    assert ((start >= 0) & (start < list(size))).all()
