"""Stands in for ComfyUI's ``server``: routes on aiohttp, as the real one has them."""

from aiohttp import web


class PromptServer:
    """The server; a test sets ``instance``."""

    instance: "PromptServer | None" = None

    def __init__(self) -> None:
        self.routes = web.RouteTableDef()
        self.notes: list[tuple[str, str]] = []

    def send_progress_text(self, text: str, node_id: str) -> None:
        """A line on a node."""
        self.notes.append((node_id, text))
