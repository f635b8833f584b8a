"""Saved workflows, as ComfyUI keeps them: files below a folder, asked for by name."""

from pathlib import Path
from typing import Any

from aiohttp import web


class UserFiles:
    """``/api/userdata`` over a folder.

    Args:
        folder: all files lie in it; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def routes(self) -> list[web.RouteDef]:
        """What the page asks for when it lists, opens, saves and deletes workflows."""
        one = "/api/userdata/{file}"
        return [
            web.get("/api/userdata", self._list),
            web.get(one, self._read),
            web.post(one, self._write),
            web.delete(one, self._delete),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        folder = self._place(request.query.get("dir", ""))
        if not folder.is_dir():
            return web.Response(status=404, text="Directory not found")
        return web.json_response([_about(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()])

    async def _read(self, request: web.Request) -> web.StreamResponse:
        path = self._place(request.match_info["file"])
        return web.FileResponse(path) if path.is_file() else web.Response(status=404)

    async def _write(self, request: web.Request) -> web.Response:
        path = self._place(request.match_info["file"])
        if path.exists() and request.query.get("overwrite") == "false":
            return web.Response(status=409, text="File already exists")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await request.read())
        return web.json_response(_about(path, self._folder))

    async def _delete(self, request: web.Request) -> web.Response:
        self._place(request.match_info["file"]).unlink(missing_ok=True)
        return web.Response(status=204)

    def _place(self, name: str) -> Path:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise web.HTTPForbidden
        return path


def _about(path: Path, folder: Path) -> dict[str, Any]:
    stat = path.stat()
    written = int(stat.st_mtime * 1000)
    return {"path": path.relative_to(folder).as_posix(), "size": stat.st_size, "modified": written, "created": written}
