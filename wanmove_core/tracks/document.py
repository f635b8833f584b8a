"""The track document: what somebody drew, as immutable values; read from JSON and written back.

The only truth of the project: the editor changes it, the workflow file keeps it, ``sampling.bake`` makes tracks of it.
Positions are pixels of the reference picture (x right, y down), times are clip progress 0…1, angles degrees clockwise,
scales factors. ``docs/document.md`` describes every field.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from ..errors import DocumentError
from .components import Component, read_component, write_component
from .curves import Path, read_path, write_path
from .schema import (
    Field,
    Place,
    integer,
    list_of,
    needs,
    number,
    numbers,
    read_fields,
    read_flag,
    read_object,
    read_point,
    shown,
    text,
    write_fields,
)
from .shapes import Frame, Region, Rest, read_region, write_region
from .timing import Key, Timing, check_rising, key_reader, read_timing, write_keys, write_timing

VERSION = 1
MAX_LAYERS = 256
MAX_BYTES = 4 * 1024 * 1024
MAX_SIDE = 16_384
MAX_KEYS = 4096
MAX_COMPONENTS = 16
MAX_SPANS = 256

Span = tuple[float, float]


@dataclass(frozen=True)
class Motion:
    """How a layer moves: a path, turning and growing about an anchor, and closed-form components, all on one timing.

    At clip progress 0 every layer is where the picture shows it: only the change since then counts.
    """

    path: Path | None = None
    rotation: tuple[Key, ...] = ()
    """degrees clockwise at phases of the motion"""
    scale: tuple[Key, ...] = ()
    """factors at phases of the motion; between keys the scale grows by equal factors in equal times"""
    anchor: tuple[float, float] | None = None
    """pixels; None = the middle of the region's box"""
    components: tuple[Component, ...] = ()
    timing: Timing = field(default_factory=Timing)


@dataclass(frozen=True)
class Layer:
    """A region and its motion. The order of the layers is depth: the last lies on top."""

    name: str
    region: Region
    motion: Motion = field(default_factory=Motion)
    visible: tuple[Span, ...] = ((0.0, 1.0),)
    """spans of clip progress, ends included, in which the tracks are seen"""
    density: float = 1.0
    """tracks per cell where the layer is largest"""
    enabled: bool = True
    locked: bool = False
    colour: str = ""
    """"" or "#rrggbb"; the editor's, without meaning for the tracks"""
    group: str = ""
    """layers of one name are selected together; the editor's, without meaning for the tracks"""


@dataclass(frozen=True)
class TrackDocument:
    """Layers, bottom to top, over a reference picture of ``width`` x ``height`` pixels."""

    width: int
    height: int
    layers: tuple[Layer, ...] = ()
    version: int = VERSION


Migration = Callable[[dict[str, object]], dict[str, object]]
MIGRATIONS: Mapping[int, Migration] = {}
"""version n → a function that makes the object of version n + 1; version 1 is the first, so there are none yet"""


def parse_document(source: str | bytes | Mapping[str, object]) -> TrackDocument:
    """The document in JSON text (or already decoded JSON).

    Raises:
        DocumentError: it is not JSON, too large, of an unknown version, or a field is unknown, missing or out of limits.
    """
    data = migrate(_decode(source) if isinstance(source, (str, bytes)) else source)
    return TrackDocument(**read_fields(data, Place("The document"), DOCUMENT_FIELDS))


def serialise_document(document: TrackDocument) -> str:
    """Compact JSON that ``parse_document`` reads back to an equal document; fields at their defaults are left out."""
    data = {"version": document.version, **write_fields(document, DOCUMENT_FIELDS)}
    try:
        written = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise DocumentError(f"The document holds a number that JSON has no word for: {error}.") from error
    _check_size(len(written.encode("utf-8", "surrogatepass")))
    return written


def migrate(source: object, migrations: Mapping[int, Migration] = MIGRATIONS, newest: int = VERSION) -> dict[str, object]:
    """The object in the form of version ``newest``; refuses versions that this program does not know."""
    place = Place("The document")
    data = dict(read_object(source, place))
    if "version" not in data:
        raise DocumentError(f'{place} lacks the field "version"; version {newest} is the newest known.')
    found = data["version"]
    # Some programs write every number as a float; JSON itself knows no difference.
    if isinstance(found, bool) or not isinstance(found, int | float) or found not in range(1, newest + 1):
        raise DocumentError(f"{place} has version {shown(found)}; {newest} is the newest known. Update this pack to read it.")
    for version in range(int(found), newest):
        data = {**migrations[version](data), "version": version + 1}
    return data


def layer_title(document: TrackDocument, index: int) -> str:
    """What messages call a layer: ``Layer 3 "balloon"`` (counted from 1)."""
    return _title(index, document.layers[index].name)


def _title(index: int, name: object) -> str:
    return f"Layer {index + 1} {shown(name)}" if isinstance(name, str) and name else f"Layer {index + 1}"


def _decode(source: str | bytes) -> object:
    """JSON without the liberties that Python's reader takes (NaN, repeated keys, any depth)."""
    _check_size(len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass")))
    try:
        decoded = source.decode("utf-8-sig") if isinstance(source, bytes) else source.removeprefix("\ufeff")
        return json.loads(decoded, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"The document is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}."
        ) from error
    except json.JSONDecodeError as error:
        raise DocumentError(f"The document is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise DocumentError("The document is nested too deeply; a track document has about eight levels.") from error
    except ValueError as error:
        raise DocumentError("The document holds a whole number of thousands of digits; coordinates end at 1000000.") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise DocumentError(f"The document has the field {shown(key)} twice in one object; once is needed.")
        found[key] = value
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise DocumentError(f"The document holds the number {word}; every number must be finite.")


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise DocumentError(f"The document has {size} bytes; {MAX_BYTES} are allowed. Use fewer points or coarser masks.")


def _read_layers(value: object, place: Place) -> tuple[Layer, ...]:
    if not isinstance(value, (list, tuple)):
        raise needs(place, value, "a list of layers")
    if len(value) > MAX_LAYERS:
        raise DocumentError(f"{place} has {len(value)} layers; {MAX_LAYERS} are allowed. Merge or delete some.")
    return tuple(_read_layer(item, index) for index, item in enumerate(value))


def _read_layer(value: object, index: int) -> Layer:
    place = Place(_title(index, value.get("name") if isinstance(value, dict) else None))
    layer = Layer(**read_fields(value, place, LAYER_FIELDS))
    bursts = any(component.kind == "burst" for component in layer.motion.components)
    if bursts and layer.motion.anchor is None and isinstance(layer.region, (Frame, Rest)):
        raise DocumentError(f"{place} bursts the whole {layer.region.kind}; give motion.anchor, the place that it bursts from.")
    return layer


def _read_motion(value: object, place: Place) -> Motion:
    motion = Motion(**read_fields(value, place, MOTION_FIELDS))
    for name, keys in (("rotation", motion.rotation), ("scale", motion.scale)):
        check_rising(tuple(key.time for key in keys), place.at(name))
    return motion


def _read_spans(value: object, place: Place) -> tuple[Span, ...]:
    spans: tuple[Span, ...] = list_of(numbers(2, 0, 1), 0, MAX_SPANS, "spans")(value, place)
    for index, (start, end) in enumerate(spans):
        if start > end:
            raise DocumentError(f"{place.item(index)} runs from {start:g} to {end:g}; a span needs 0 <= start <= end <= 1.")
        if index and start < spans[index - 1][1]:
            raise DocumentError(
                f"{place.item(index)} starts at {start:g}, inside the span before it; put them in order or merge them."
            )
    return spans


def _read_colour(value: object, place: Place) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or len(value) != 7 or value[0] != "#" or set(value[1:]) - set("0123456789abcdefABCDEF"):
        raise needs(place, value, 'a colour as "#rrggbb"')
    return value


def _write_layers(layers: tuple[Layer, ...]) -> object:
    return [write_fields(layer, LAYER_FIELDS) for layer in layers]


def _write_motion(motion: Motion) -> object:
    return write_fields(motion, MOTION_FIELDS)


_LEAST_SCALE, _MOST_SCALE = 0.01, 100

MOTION_FIELDS = (
    Field("path", read_path, None, write_path),
    Field("rotation", list_of(key_reader(-36_000, 36_000), 0, MAX_KEYS, "keys"), (), write_keys),
    Field("scale", list_of(key_reader(_LEAST_SCALE, _MOST_SCALE), 0, MAX_KEYS, "keys"), (), write_keys),
    Field("anchor", read_point, None),
    Field(
        "components",
        list_of(read_component, 0, MAX_COMPONENTS, "components"),
        (),
        lambda components: [write_component(component) for component in components],
    ),
    Field("timing", read_timing, Timing(), write_timing),
)

LAYER_FIELDS = (
    Field("name", text(200), ""),
    Field("region", read_region, write=write_region),
    Field("motion", _read_motion, Motion(), _write_motion),
    Field("visible", _read_spans, ((0.0, 1.0),)),
    Field("density", number(1 / 256, 64), 1.0),
    Field("enabled", read_flag, True),
    Field("locked", read_flag, False),
    Field("colour", _read_colour, ""),
    Field("group", text(200), ""),
)

DOCUMENT_FIELDS = (
    Field("version", integer(1, VERSION)),
    Field("width", integer(1, MAX_SIDE)),
    Field("height", integer(1, MAX_SIDE)),
    Field("layers", _read_layers, write=_write_layers),
)
