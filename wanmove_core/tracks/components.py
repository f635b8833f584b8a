"""Closed-form motions: functions of the phase 0…1 with a few parameters, a row each.

A component is either a *pose* (shift, turn and growth of the whole layer) or a *ripple* (each place on its own). New
ones are a row here; the motion subtracts what a component gives at progress 0, so that every layer starts in its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError
from .schema import Field, Place, choice, integer, number, plain, read_fields, read_object

Floats = NDArray[np.float64]

_BOUNCES = 64


@dataclass(frozen=True)
class Parameter:
    """A number that a component or preset takes, with its limits and unit."""

    name: str
    default: float
    low: float
    high: float
    unit: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Pose:
    """Where a motion has taken a layer, for phases [T]."""

    shift: Floats
    """[T, 2] pixels"""
    turn: Floats
    """[T] degrees clockwise"""
    growth: Floats
    """[T] natural logarithm of the scale"""


Values = Mapping[str, float]
PoseOf = Callable[[Values, Floats], Pose]
RippleOf = Callable[[Values, Floats, float], Floats]
"""values, places [N, 2] relative to the anchor, phase → displacement [N, 2]"""


@dataclass(frozen=True)
class ComponentKind:
    """A row: parameters and one of the two functions."""

    parameters: tuple[Parameter, ...]
    pose: PoseOf | None = None
    ripple: RippleOf | None = None


@dataclass(frozen=True)
class Component:
    """A closed-form part of a motion; ``values`` follow the order of its kind's parameters."""

    kind: str
    values: tuple[float, ...]

    def named(self) -> dict[str, float]:
        """The values by the names of their parameters."""
        names = (parameter.name for parameter in COMPONENTS[self.kind].parameters)
        return dict(zip(names, self.values, strict=True))


def pose(
    phase: Floats, x: Floats | float = 0.0, y: Floats | float = 0.0, turn: Floats | float = 0.0, growth: Floats | float = 0.0
) -> Pose:
    """A pose from parts of [T] or one number for all phases."""
    zero = np.zeros_like(phase)
    return Pose(np.stack([zero + x, zero + y], axis=1), zero + turn, zero + growth)


def hash32(seed: int, channel: int, indices: NDArray[np.int64]) -> Floats:
    """A fixed noise: whole numbers [K] → -1 … 1, the same in every language (32-bit multiply, xor, shift)."""
    mask = np.uint64(0xFFFFFFFF)
    x = (indices & 0xFFFFFFFF).astype(np.uint64) * np.uint64(0x9E3779B1)
    x = (x + np.uint64(seed * 0x85EBCA6B + channel * 0xC2B2AE35 & 0xFFFFFFFF)) & mask
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = ((x ^ (x >> np.uint64(shift))) * np.uint64(factor)) & mask
    return (x ^ (x >> np.uint64(16))).astype(np.float64) / 2147483648.0 - 1.0


def smooth_noise(seed: int, channel: int, at: Floats) -> Floats:
    """Value noise: ``hash32`` at whole numbers, 3t² - 2t³ between them; about -1 … 1. [T]"""
    whole = np.floor(at)
    t, index = at - whole, whole.astype(np.int64)
    before, after = hash32(seed, channel, index), hash32(seed, channel, index + 1)
    return before + (after - before) * (t * t * (3 - 2 * t))


def _swing(values: Values, phase: Floats) -> Floats:
    """A damped sine, 0 at phase 0."""
    return np.sin(2 * np.pi * values["cycles"] * phase) * np.exp(-values["damping"] * phase)


def _sway(values: Values, phase: Floats) -> Pose:
    along, angle = values["amplitude"] * _swing(values, phase), np.radians(values["direction"])
    return pose(phase, x=along * np.cos(angle), y=along * np.sin(angle))


def _pendulum(values: Values, phase: Floats) -> Pose:
    return pose(phase, turn=values["amplitude"] * _swing(values, phase))


def _spring(values: Values, phase: Floats) -> Pose:
    arrived = 1 - np.exp(-values["damping"] * phase) * np.cos(2 * np.pi * values["cycles"] * phase)
    return pose(phase, x=values["x"] * arrived, y=values["y"] * arrived)


def _breathe(values: Values, phase: Floats) -> Pose:
    swell = (1 - np.cos(2 * np.pi * values["cycles"] * phase)) / 2
    return pose(phase, growth=np.log(1 + values["amount"] * swell))


def _dolly(values: Values, phase: Floats) -> Pose:
    """Scale of a thing that the camera nears by the share ``travel`` of its distance: 1 / (1 - travel * phase)."""
    return pose(phase, growth=-np.log(np.maximum(1 - values["travel"] * phase, 0.01)))


def _gravity(values: Values, phase: Floats) -> Pose:
    """Fall from rest or a throw, and bounce off a floor; each bounce keeps the share ``bounce`` of the speed."""
    gravity, floor, throw = values["gravity"], values["floor"], values["speed_y"]
    impact = np.sqrt(throw * throw + 2 * gravity * floor)
    y = np.minimum(throw * phase + gravity * phase * phase / 2, floor)
    since, speed = phase - (impact - throw) / gravity, impact
    for _ in range(_BOUNCES):
        speed = speed * values["bounce"]
        flying = since >= 0
        y = np.where(flying, np.minimum(floor - speed * since + gravity * since * since / 2, floor), y)
        since = np.where(flying, since - 2 * speed / gravity, since)
    return pose(phase, x=values["speed_x"] * phase, y=np.where(since >= 0, floor, y))


def _shake(values: Values, phase: Floats) -> Pose:
    """Two octaves of noise on each of x, y and roll."""
    at, seed = values["frequency"] * phase, int(values["seed"])
    x, y, turn = ((smooth_noise(seed, c, at) + smooth_noise(seed, c + 3, 2 * at) / 2) / 1.5 for c in range(3))
    return pose(phase, x=values["amplitude"] * x, y=values["amplitude"] * y, turn=values["roll"] * turn)


def _wave(values: Values, places: Floats, phase: float) -> Floats:
    """A sine that travels along ``heading`` and moves places along ``direction``."""
    heading, direction = np.radians(values["heading"]), np.radians(values["direction"])
    along = places[:, 0] * np.cos(heading) + places[:, 1] * np.sin(heading)
    height = values["amplitude"] * np.sin(2 * np.pi * (values["cycles"] * phase - along / values["wavelength"]))
    return height[:, None] * np.array([np.cos(direction), np.sin(direction)])


def _burst(values: Values, places: Floats, phase: float) -> Floats:
    """Square fragments of ``grain`` pixels fly from the anchor, each at its own speed, and fall."""
    fragment = np.floor(places / values["grain"]).astype(np.int64)
    index = (fragment[:, 0] & 0xFFFF) * 65536 + (fragment[:, 1] & 0xFFFF)
    speed = values["distance"] * (1 + values["spread"] * hash32(int(values["seed"]), 7, index))
    outward = (fragment + 0.5) * values["grain"]
    reach = np.maximum(np.hypot(outward[:, 0], outward[:, 1]), 1e-9)
    flown = outward * (speed * phase / reach)[:, None]
    return flown + np.array([0.0, values["gravity"] * phase * phase / 2])


_CYCLES = Parameter("cycles", 2, 0, 100, "times")
_DAMPING = Parameter("damping", 0, 0, 20)
_SEED = Parameter("seed", 1, 0, 2**31 - 1, whole=True)
_PIXELS = 10_000.0

COMPONENTS: Mapping[str, ComponentKind] = {
    "sway": ComponentKind(
        (Parameter("amplitude", 16, 0, _PIXELS, "px"), Parameter("direction", 0, -360, 360, "°"), _CYCLES, _DAMPING), _sway
    ),
    "pendulum": ComponentKind((Parameter("amplitude", 20, -360, 360, "°"), _CYCLES, _DAMPING), _pendulum),
    "spring": ComponentKind(
        (
            Parameter("x", 0, -_PIXELS, _PIXELS, "px"),
            Parameter("y", -80, -_PIXELS, _PIXELS, "px"),
            Parameter("cycles", 3, 0, 100, "times"),
            Parameter("damping", 5, 0, 20),
        ),
        _spring,
    ),
    "breathe": ComponentKind((Parameter("amount", 0.06, -0.9, 10), _CYCLES), _breathe),
    "dolly": ComponentKind((Parameter("travel", 0.3, -10, 0.9),), _dolly),
    "gravity": ComponentKind(
        (
            Parameter("gravity", 1600, 1, 1e6, "px per run²"),
            Parameter("floor", 200, 0, _PIXELS, "px"),
            Parameter("bounce", 0.6, 0, 0.95),
            Parameter("speed_x", 0, -_PIXELS, _PIXELS, "px per run"),
            Parameter("speed_y", 0, -_PIXELS, _PIXELS, "px per run"),
        ),
        _gravity,
    ),
    "shake": ComponentKind(
        (
            Parameter("amplitude", 6, 0, 1000, "px"),
            Parameter("roll", 0.6, 0, 90, "°"),
            Parameter("frequency", 8, 0, 200, "per run"),
            _SEED,
        ),
        _shake,
    ),
    "wave": ComponentKind(
        (
            Parameter("amplitude", 10, 0, 1000, "px"),
            Parameter("wavelength", 160, 4, _PIXELS, "px"),
            _CYCLES,
            Parameter("heading", 0, -360, 360, "°"),
            Parameter("direction", 90, -360, 360, "°"),
        ),
        ripple=_wave,
    ),
    "burst": ComponentKind(
        (
            Parameter("distance", 160, -_PIXELS, _PIXELS, "px"),
            Parameter("spread", 0.5, 0, 1),
            Parameter("grain", 32, 1, 1024, "px"),
            Parameter("gravity", 0, -_PIXELS, _PIXELS, "px per run²"),
            _SEED,
        ),
        ripple=_burst,
    ),
}


def make_component(kind: str, values: Values) -> Component:
    """A component of ``kind`` with ``values`` over the defaults, checked."""
    return read_component({"kind": kind, **values}, Place(f"The component {kind}"))


def read_component(value: object, place: Place) -> Component:
    """An object of ``components``."""
    data = dict(read_object(value, place))
    if "kind" not in data:
        raise DocumentError(f'{place} lacks the field "kind"; known kinds are {", ".join(COMPONENTS)}.')
    kind = choice(list(COMPONENTS))(data.pop("kind"), place.at("kind"))
    fields = [parameter_field(parameter) for parameter in COMPONENTS[kind].parameters]
    return Component(kind, tuple(float(item) for item in read_fields(data, place, fields).values()))


def write_component(component: Component) -> object:
    """The object that ``read_component`` reads back."""
    parameters = COMPONENTS[component.kind].parameters
    changed = {p.name: plain(v) for p, v in zip(parameters, component.values, strict=True) if v != p.default}
    return {"kind": component.kind, **changed}


def parameter_field(parameter: Parameter) -> Field:
    """The row that reads a parameter's value."""
    low, high = parameter.low, parameter.high
    return Field(
        parameter.name, integer(int(low), int(high)) if parameter.whole else number(low, high), float(parameter.default)
    )
