"""What can be asked of the page's server, and what it answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import RequestError
from ..tracks.document import MAX_BYTES
from ..tracks.sampling import MAX_LENGTH, MAX_SIDE
from .guards import MEDIA_TYPES, file_below
from .session import Clip, Session, bake_npy

ROOT = Path(__file__).parents[2]
"""of the checkout: the editor's modules are not part of the Python package"""
HERE = Path(__file__).parent
MAX_PICTURE_BYTES = 64 * 1024 * 1024
MAX_TEXT_BYTES = MAX_BYTES + 64 * 1024
"""of a request body that is no picture: a document, and a little"""


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    media_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True)
class Asked:
    """A request that was let in."""

    body: bytes
    query: Mapping[str, str]
    session: Session


def file_answer(path: str) -> Answer | None:
    """The module or style sheet that a path names, None where there is none."""
    for prefix, folder in _FOLDERS.items():
        file = file_below(folder, path.removeprefix(f"{prefix}/")) if path.startswith(f"{prefix}/") else None
        if file:
            return Answer(file.read_bytes(), MEDIA_TYPES[file.suffix])
    return None


def most_bytes(path: str) -> int:
    """How long the body of a request may be."""
    return MAX_PICTURE_BYTES if path == "picture" else MAX_TEXT_BYTES


def json_answer(value: object, status: int = 200) -> Answer:
    """A value as JSON."""
    return Answer(json.dumps(value).encode(), status=status)


def _page(asked: Asked) -> Answer:
    return Answer((HERE / "page.html").read_bytes(), MEDIA_TYPES[".html"])


def _about(asked: Asked) -> Answer:
    return json_answer(asked.session.about())


def _picture(asked: Asked) -> Answer:
    return Answer(asked.session.picture.file, asked.session.picture.media_type)


def _document(asked: Asked) -> Answer:
    return Answer(asked.session.document().encode("utf-8"))


def _save(asked: Asked) -> Answer:
    asked.session.save(asked.body)
    return json_answer({"saved": asked.session.path.name})


def _segment(asked: Asked) -> Answer:
    return json_answer({"points": asked.session.select(_decoded(asked.body))})


def _show(asked: Asked) -> Answer:
    asked.session.show(asked.body, asked.query.get("name", "")[:200] or "picture")
    return json_answer(asked.session.about_picture())


def _bake(asked: Asked) -> Answer:
    made = bake_npy(asked.body, _clip(asked.query), asked.query.get("pixels", "clip"), asked.query.get("part", "tracks"))
    return Answer(status=204) if made is None else Answer(made, "application/octet-stream")


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError("The request is not JSON.") from error


def _clip(query: Mapping[str, str]) -> Clip:
    fit = query.get("fit") or None
    if fit not in (None, "stretch", "crop"):
        raise RequestError(f'The fit is "{fit[:40]}"; "stretch" or "crop" is needed.')
    sides = (_whole(query, "width", MAX_SIDE), _whole(query, "height", MAX_SIDE))
    return Clip(*sides, _whole(query, "length", MAX_LENGTH), 16.0, fit)


def _whole(query: Mapping[str, str], name: str, most: int) -> int:
    value = query.get(name, "")
    if not value.isdecimal() or len(value) > 9 or not 1 <= int(value) <= most:
        raise RequestError(f'The {name} is "{value[:40]}"; a whole number from 1 to {most} is needed.')
    return int(value)


ROUTES: Mapping[tuple[str, str], Callable[[Asked], Answer]] = {
    ("GET", ""): _page,
    ("GET", "session"): _about,
    ("GET", "picture"): _picture,
    ("GET", "document"): _document,
    ("PUT", "document"): _save,
    ("POST", "segment"): _segment,
    ("POST", "picture"): _show,
    ("POST", "bake"): _bake,
}
_FOLDERS = {"js": ROOT / "js", "wanmove_core/standalone": HERE}
"""whose modules and style sheets are served, under the paths that they have in the repository"""
