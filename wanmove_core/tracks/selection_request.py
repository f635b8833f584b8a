"""Smart select as a page asks for it: JSON in pixels of the document, answered on a picture of any size."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .document import MAX_SIDE
from .schema import Field, Place, integer, list_of, number, numbers, read_fields, read_flag
from .segment import FARTHEST, MAX_POINTS, MAX_STROKES, Marks, Stroke, select_region
from .shapes import Pair

_pair = numbers(2, -FARTHEST, FARTHEST)


def answer_selection(picture: NDArray[np.uint8], asked: object) -> list[list[float]]:
    """The outline [[x, y], ...] of what a request marks, in pixels of a document of the size that the request states.

    The request is ``{"width", "height", "box": [left, top, right, bottom] | null, "click": [x, y] | null, "strokes":
    [{"keep", "points", "radius"}]}``; the picture fills the document.

    Raises:
        DocumentError: a field is missing, unknown or out of limits.
        RequestError: nothing can be selected there.
    """
    fields = read_fields(asked, Place("The request for smart select"), _REQUEST)
    across, down = picture.shape[1] / fields["width"], picture.shape[0] / fields["height"]
    outline = select_region(picture, _scaled(fields, (across, down)))
    return [[round(x / across, 2), round(y / down, 2)] for x, y in outline]


def _scaled(fields: Mapping[str, Any], scale: Pair) -> Marks:
    across, down = scale
    box, click = fields["box"], fields["click"]
    return Marks(
        box=box and (box[0] * across, box[1] * down, box[2] * across, box[3] * down),
        click=click and (click[0] * across, click[1] * down),
        strokes=tuple(
            Stroke(
                stroke["keep"],
                tuple((x * across, y * down) for x, y in cast(Sequence[Pair], stroke["points"])),
                stroke["radius"] * (across + down) / 2,
            )
            for stroke in fields["strokes"]
        ),
    )


def _read_stroke(value: object, place: Place) -> dict[str, Any]:
    return read_fields(value, place, _STROKE)


_STROKE = (
    Field("keep", read_flag),
    Field("points", list_of(_pair, 1, MAX_POINTS, "points")),
    Field("radius", number(0, FARTHEST, above=True)),
)

_REQUEST = (
    Field("width", integer(1, MAX_SIDE)),
    Field("height", integer(1, MAX_SIDE)),
    Field("box", lambda value, place: None if value is None else numbers(4, -FARTHEST, FARTHEST)(value, place), None),
    Field("click", lambda value, place: None if value is None else _pair(value, place), None),
    Field("strokes", list_of(_read_stroke, 0, MAX_STROKES, "strokes"), ()),
)
