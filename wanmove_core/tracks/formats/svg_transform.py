"""The ``transform`` of an SVG element as an affine map. Rules: SVG 1.1, chapter 7.6."""

import math
import re

from ...errors import TrackError

Affine = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: x' = a x + c y + e, y' = b x + d y + f"""

_CALL = re.compile(r"[\s,]*(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)")
_END = re.compile(r"\s*\Z")
_COUNTS = {"matrix": (6,), "translate": (1, 2), "scale": (1, 2), "rotate": (1, 3), "skewX": (1,), "skewY": (1,)}


def read_transform(text: str, source: str) -> Affine:
    """All that the attribute says, the last first.

    Raises:
        TrackError: it says something else.
    """
    affine: Affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    at = 0
    while not _END.match(text, at):
        found = _CALL.match(text, at)
        numbers = _floats(found[2]) if found else None
        if found is None or numbers is None or len(numbers) not in _COUNTS[found[1]]:
            raise TrackError(f'{source} has the transform "{text[at : at + 40].strip()}", which is none of SVG\'s.')
        affine = combine(affine, _affine(found[1], numbers))
        at = found.end()
    return affine


def combine(outer: Affine, inner: Affine) -> Affine:
    """First ``inner``, then ``outer``."""
    a, b, c, d, e, f = outer
    u, v, w, x, y, z = inner
    return a * u + c * v, b * u + d * v, a * w + c * x, b * w + d * x, a * y + c * z + e, b * y + d * z + f


def _floats(text: str) -> list[float] | None:
    try:
        numbers = [float(part) for part in re.split(r"[\s,]+", text.strip())]
    except ValueError:
        return None
    return numbers if all(abs(number) < 1e9 for number in numbers) else None


def _affine(name: str, numbers: list[float]) -> Affine:
    if name == "translate":
        return 1.0, 0.0, 0.0, 1.0, numbers[0], numbers[1] if len(numbers) > 1 else 0.0
    if name == "scale":
        return numbers[0], 0.0, 0.0, numbers[-1], 0.0, 0.0
    if name == "rotate":
        cos, sin = math.cos(math.radians(numbers[0])), math.sin(math.radians(numbers[0]))
        x, y = (numbers[1], numbers[2]) if len(numbers) == 3 else (0.0, 0.0)
        return cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y
    if name == "matrix":
        a, b, c, d, e, f = numbers
        return a, b, c, d, e, f
    tangent = math.tan(math.radians(numbers[0]))
    return (1.0, 0.0, tangent, 1.0, 0.0, 0.0) if name == "skewX" else (1.0, tangent, 0.0, 1.0, 0.0, 0.0)
