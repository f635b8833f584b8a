"""The pack's routes in ComfyUI's server: smart select. They take references to ComfyUI's pictures, never paths."""

import asyncio
import json
from typing import Any

from aiohttp import web
from server import PromptServer

from ..wanmove_core.errors import RequestError, WanMoveError
from .pictures import referenced_picture

MOST_BYTES = 4 * 1024 * 1024
"""of a request: strokes, no pictures"""


def add_routes() -> None:
    """Add the routes, if there is a server; a test or a script may load the pack without one."""
    server = getattr(PromptServer, "instance", None)
    if server is not None:
        server.routes.post("/wanmove/segment")(segment)


async def segment(request: web.Request) -> web.Response:
    """Rectangle or click and strokes on a picture → the outline. The work is done beside the event loop."""
    from ..wanmove_core.tracks.selection_request import answer_selection  # OpenCV is not for ComfyUI's start

    try:
        asked = await _read(request)
        image = asked.pop("image", None)
        points = await asyncio.to_thread(lambda: answer_selection(referenced_picture(image), asked))
    except WanMoveError as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response({"points": points})


async def _read(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    if len(body) > MOST_BYTES:
        raise RequestError(f"The request for smart select is longer than {MOST_BYTES} bytes; use fewer strokes.")
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise RequestError("The request for smart select is not JSON.") from error
    if not isinstance(asked, dict):
        raise RequestError("The request for smart select is not a JSON object.")
    return asked
