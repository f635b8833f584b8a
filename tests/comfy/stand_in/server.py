"""Stands in for ComfyUI's ``server``: routes on aiohttp, as the real one has them."""

from aiohttp import web


class PromptServer:
    """The server; a test sets ``instance``."""

    instance: "PromptServer | None" = None

    def __init__(self) -> None:
        self.routes = web.RouteTableDef()
