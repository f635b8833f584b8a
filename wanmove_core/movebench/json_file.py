"""JSON objects in files, whole or not at all."""

import json
from pathlib import Path
from typing import Any

from ..errors import RequestError
from ..rendering.atomic_file import unfinished

MAX_BYTES = 2**28

JsonObject = dict[str, Any]


def encode_json(content: JsonObject) -> bytes:
    """The same bytes for the same content; refuses what JSON cannot say (NaN)."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1).encode()


def write_json(path: Path, content: JsonObject) -> None:
    """Write a file that is whole at any moment."""
    with unfinished(path) as partial:
        partial.write_bytes(encode_json(content))


def read_json(path: Path) -> JsonObject:
    """The object in a file.

    Raises:
        RequestError: it cannot be read, or is none.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RequestError(f"{path} has over {MAX_BYTES:,} bytes; it is none of the files that wanmove bench writes.")
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}.") from error
    # RecursionError: thousands of brackets in a row
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path} is damaged ({str(error)[:120]}); delete it, and it is made anew.") from error
    return as_object(content, str(path))


def as_object(value: object, where: str) -> JsonObject:
    """The value, if it is an object.

    Raises:
        RequestError: it is not.
    """
    if not isinstance(value, dict):
        raise RequestError(f"{where} is no JSON object; delete the file, and it is made anew.")
    return value
