"""Motion presets: a row each. Applying one writes ordinary fields of the motion, which stay editable afterwards.

A preset changes only the part of the motion that it is about (path, keys or a component of its kind), so presets add up:
a pan and a handheld shake on one layer are both kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..errors import DocumentError
from .components import COMPONENTS, Component, Parameter, Values, parameter_field
from .curves import Path
from .document import Layer, Motion, TrackDocument
from .motion import anchor_of
from .schema import Place, read_fields
from .shapes import bounds, centre
from .timing import Key

CIRCLE_HANDLE = 0.5522847498307936
"""Length of the handles that make four cubic Bezier segments a circle of radius 1: 4/3 (sqrt 2 - 1)."""


@dataclass(frozen=True)
class Subject:
    """What a preset is put on, in reference pixels."""

    anchor: tuple[float, float]
    middle: tuple[float, float]
    """of the region's box"""
    top: float
    """of the region's box"""


@dataclass(frozen=True)
class Preset:
    """A row of ``PRESETS``: what the menu shows, what can be set, and what it makes of a motion."""

    name: str
    label: str
    parameters: tuple[Parameter, ...]
    change: Callable[[Motion, Values, Subject], Motion]


def apply_preset(document: TrackDocument, layer: Layer, name: str, values: Values | None = None) -> Layer:
    """The layer with the preset's motion written into it.

    Args:
        values: parameters by name; those left out take their defaults.

    Raises:
        DocumentError: no such preset or parameter, or a value out of its limits.
    """
    if name not in PRESETS:
        raise DocumentError(f'There is no motion preset "{name}"; there are {", ".join(PRESETS)}.')
    preset = PRESETS[name]
    fields = [parameter_field(parameter) for parameter in preset.parameters]
    given = read_fields(dict(values or {}), Place(f'The preset "{name}"'), fields)
    return replace(layer, motion=preset.change(layer.motion, given, _subject(document, layer)))


def _subject(document: TrackDocument, layer: Layer) -> Subject:
    size = (document.width, document.height)
    return Subject(anchor_of(document, layer), centre(layer.region, *size), bounds(layer.region, *size)[1])


def _pan(motion: Motion, values: Values, subject: Subject) -> Motion:
    return replace(motion, path=Path("linear", ((0.0, 0.0), (values["x"], values["y"]))))


def _zoom(motion: Motion, values: Values, subject: Subject) -> Motion:
    return replace(motion, scale=(Key(0.0, 1.0), Key(1.0, values["scale"])))


def _roll(motion: Motion, values: Values, subject: Subject) -> Motion:
    return replace(motion, rotation=(Key(0.0, 0.0), Key(1.0, values["angle"])))


def _orbit(motion: Motion, values: Values, subject: Subject) -> Motion:
    """A closed ellipse through the layer's place, its middle ``radius_x`` to the right; clockwise if that is positive."""
    x, y = values["radius_x"], values["radius_y"]
    corners = ((0.0, 0.0), (x, -y), (2 * x, 0.0), (x, y), (0.0, 0.0))
    leaving = ((0.0, -y), (x, 0.0), (0.0, y), (-x, 0.0), (0.0, -y))
    handles = tuple((-dx * CIRCLE_HANDLE, -dy * CIRCLE_HANDLE, dx * CIRCLE_HANDLE, dy * CIRCLE_HANDLE) for dx, dy in leaving)
    timing = replace(motion.timing, repeat="loop", cycles=values["cycles"])
    return replace(motion, path=Path("bezier", corners, handles), timing=timing)


def _pendulum(motion: Motion, values: Values, subject: Subject) -> Motion:
    """Swings about a point ``length`` pixels above the region's middle; 0 = the top of its box."""
    x, y = subject.middle
    pivot = y - values["length"] if values["length"] else subject.top
    return replace(_with_component("pendulum", motion, values), anchor=(x, pivot))


def _burst(motion: Motion, values: Values, subject: Subject) -> Motion:
    return replace(_with_component("burst", motion, values), anchor=subject.anchor)


def _component(kind: str) -> Callable[[Motion, Values, Subject], Motion]:
    return lambda motion, values, subject: _with_component(kind, motion, values)


def _with_component(kind: str, motion: Motion, values: Values) -> Motion:
    """The motion with its component of this kind set to ``values``."""
    made = Component(kind, tuple(float(values[parameter.name]) for parameter in COMPONENTS[kind].parameters))
    return replace(motion, components=(*(part for part in motion.components if part.kind != kind), made))


_PIXELS = 10_000.0

_ROWS = (
    Preset(
        "pan",
        "Pan: straight across",
        (Parameter("x", 160, -_PIXELS, _PIXELS, "px"), Parameter("y", 0, -_PIXELS, _PIXELS, "px")),
        _pan,
    ),
    Preset("zoom", "Zoom: grow or shrink", (Parameter("scale", 1.3, 0.01, 100),), _zoom),
    Preset("dolly", "Dolly: come nearer, faster and faster", COMPONENTS["dolly"].parameters, _component("dolly")),
    Preset("roll", "Roll: turn clockwise", (Parameter("angle", 15, -36_000, 36_000, "°"),), _roll),
    Preset(
        "orbit",
        "Orbit: round an ellipse",
        (
            Parameter("radius_x", 60, -_PIXELS, _PIXELS, "px"),
            Parameter("radius_y", 60, -_PIXELS, _PIXELS, "px"),
            Parameter("cycles", 1, 0.01, 100, "times"),
        ),
        _orbit,
    ),
    Preset(
        "pendulum",
        "Pendulum: swing from above",
        (*COMPONENTS["pendulum"].parameters, Parameter("length", 0, 0, _PIXELS, "px")),
        _pendulum,
    ),
    Preset("sway", "Sway: to and fro", COMPONENTS["sway"].parameters, _component("sway")),
    Preset("wave", "Wave: ripple like cloth or water", COMPONENTS["wave"].parameters, _component("wave")),
    Preset("gravity", "Gravity: fall and bounce", COMPONENTS["gravity"].parameters, _component("gravity")),
    Preset("spring", "Spring: jump there and settle", COMPONENTS["spring"].parameters, _component("spring")),
    Preset("breathe", "Breathe: swell and sink", COMPONENTS["breathe"].parameters, _component("breathe")),
    Preset("explode", "Explode: fly apart in fragments", COMPONENTS["burst"].parameters, _burst),
    Preset("shake", "Handheld: the shake of a held camera", COMPONENTS["shake"].parameters, _component("shake")),
)

PRESETS: Mapping[str, Preset] = {row.name: row for row in _ROWS}
