"""Reading values out of JSON, one small reader a type, with errors that say where, what and what instead.

A reader takes a value and its ``Place`` and returns the checked value or raises ``DocumentError``. The fields of each
part of a document are rows (``Field``) that drive both reading and writing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import DocumentError

COORDINATE_LIMIT = 1e6
POINT_LIMIT = 4096
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Place:
    """Where a value stands: whose it is (``Layer 3 "balloon"``) and the path of field names below that."""

    owner: str
    path: str = ""

    def at(self, name: str) -> "Place":
        """The field ``name`` below this place."""
        return Place(self.owner, f"{self.path}.{name}" if self.path else name)

    def item(self, index: int) -> "Place":
        """The item ``index`` (from 0, as in JSON) of the list at this place."""
        return Place(self.owner, f"{self.path}[{index}]")

    def __str__(self) -> str:
        return f"{self.owner}: {self.path}" if self.path else self.owner


Reader = Callable[[object, Place], Any]


class _Required:
    """The default of a field that has none."""


REQUIRED = _Required()


@dataclass(frozen=True)
class Field:
    """One field of a JSON object. A value equal to ``default`` is not written."""

    name: str
    read: Reader
    default: object = REQUIRED
    write: Callable[[Any], object] | None = None


def read_fields(value: object, place: Place, fields: Sequence[Field]) -> dict[str, Any]:
    """The checked values of an object's fields, defaults filled in; refuses what is missing or unknown."""
    data = read_object(value, place)
    names = [field.name for field in fields]
    for key in data:
        if key not in names:
            raise DocumentError(f"{place} has the unknown field {shown(key)}; known are {', '.join(names)}.")
    return {field.name: _read_field(data, place, field) for field in fields}


def write_fields(value: object, fields: Sequence[Field]) -> dict[str, object]:
    """The object that ``read_fields`` reads back, defaults left out."""
    written: dict[str, object] = {}
    for field in fields:
        item = getattr(value, field.name)
        if isinstance(field.default, _Required) or item != field.default:
            written[field.name] = field.write(item) if field.write else plain(item)
    return written


def plain(value: object) -> object:
    """A value as JSON has it: tuples as lists, whole floats as integers."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def shown(value: object) -> str:
    """A value as an error message shows it: short, and safe for anything that a file can hold."""
    if isinstance(value, str):
        text = value.encode("ascii", "backslashreplace").decode() if _has_surrogates(value) else value
        return f'"{text[:_SHOWN_CHARACTERS]}…"' if len(text) > _SHOWN_CHARACTERS else f'"{text}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value) if value.bit_length() < 64 else f"a whole number of {value.bit_length()} bits"
    if isinstance(value, float):
        return f"{value:.10g}" if math.isfinite(value) else "not finite"
    if isinstance(value, Mapping):
        return f"an object of {len(value)}"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return f"a {type(value).__name__}"


def needs(place: Place, value: object, what: str) -> DocumentError:
    """The error for a value that is not ``what``."""
    return DocumentError(f"{place} is {shown(value)}; {what} is needed.")


def read_object(value: object, place: Place) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise needs(place, value, "an object {…}")
    return value


def read_flag(value: object, place: Place) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise needs(place, value, "true or false")
    return value


def number(low: float, high: float, *, above: bool = False) -> Reader:
    """A reader of finite numbers from ``low`` (or, with ``above``, over it) to ``high``, as float."""
    bounds = f"a number over {low:.10g} up to {high:.10g}" if above else f"a number from {low:.10g} to {high:.10g}"

    def read(value: object, place: Place) -> float:
        found = _as_float(value)
        if not low <= found <= high or (above and found == low):
            raise needs(place, value, bounds)
        return found

    return read


def integer(low: int, high: int) -> Reader:
    """A reader of whole numbers from ``low`` to ``high``; 3.0 counts as 3."""

    def read(value: object, place: Place) -> int:
        found = _as_float(value)
        if not low <= found <= high or not found.is_integer():
            raise needs(place, value, f"a whole number from {low} to {high}")
        return int(found)

    return read


def text(longest: int) -> Reader:
    """A reader of text of at most ``longest`` characters, without control characters and half surrogates."""

    def read(value: object, place: Place) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise needs(place, value, f"text of at most {longest} characters")
        if _has_surrogates(value) or any(ord(letter) < 32 for letter in value):
            raise needs(place, value, "text without control characters or broken Unicode")
        return value

    return read


def choice(names: Sequence[str]) -> Reader:
    """A reader of one of ``names``."""

    def read(value: object, place: Place) -> str:
        if not isinstance(value, str) or value not in names:
            raise needs(place, value, f"one of {', '.join(names)}")
        return value

    return read


def numbers(count: int, low: float, high: float) -> Reader:
    """A reader of a list of exactly ``count`` finite numbers, as a tuple of floats."""

    def read(value: object, place: Place) -> tuple[float, ...]:
        if not isinstance(value, (list, tuple)) or len(value) != count:
            raise needs(place, value, f"a list of {count} numbers")
        return tuple(read_one(item, place.item(index)) for index, item in enumerate(value))

    read_one = number(low, high)
    return read


def list_of(read_one: Reader, fewest: int, most: int, what: str) -> Reader:
    """A reader of a list of ``fewest`` to ``most`` items, as a tuple."""

    def read(value: object, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise needs(place, value, f"a list of {what}")
        if not fewest <= len(value) <= most:
            raise DocumentError(f"{place} has {len(value)} {what}; {fewest} to {most} are allowed.")
        return tuple(read_one(item, place.item(index)) for index, item in enumerate(value))

    return read


read_point = numbers(2, -COORDINATE_LIMIT, COORDINATE_LIMIT)


def points(fewest: int) -> Reader:
    """A reader of a list of at least ``fewest`` points [x, y]."""
    return list_of(read_point, fewest, POINT_LIMIT, "points")


def _read_field(data: Mapping[str, object], place: Place, field: Field) -> object:
    if field.name in data:
        return field.read(data[field.name], place.at(field.name))
    if isinstance(field.default, _Required):
        raise DocumentError(f'{place} lacks the field "{field.name}".')
    return field.default


def _as_float(value: object) -> float:
    """NaN for everything that is not a finite number, so that every comparison with a limit fails."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        found = float(value)
    except OverflowError:
        return math.nan
    return found if math.isfinite(found) else math.nan


def _has_surrogates(value: str) -> bool:
    return any(0xD800 <= ord(letter) <= 0xDFFF for letter in value)
