"""Serves ComfyUI's real frontend with the pack in it. Not ComfyUI: see README.md."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from tests.host.runner import Runner
from tests.host.user_files import UserFiles

ROOT = Path(__file__).parents[2]
PACK = "ComfyUI-WanMove"
EMPTY_PAGES = {"jobs": [], "pagination": {"offset": 0, "limit": 200, "total": 0, "has_more": False}}
MAY_BE_MISSING = ("/api/workflow_templates", "/templates", "/user.css", "/api/experiment", "/api/assets")
"""asked for by the frontend, which takes a 404 for an answer"""


@dataclass
class Host:
    """What one server knows."""

    frontend: Path
    """``static`` of a comfyui-frontend-package"""
    runner: Runner
    settings: dict[str, Any] = field(default_factory=lambda: {"Comfy.TutorialCompleted": True})
    sockets: dict[str, web.WebSocketResponse] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """what was asked for and is not there; served at /thin/refused"""
    pack_routes: list[web.RouteDef] = field(default_factory=list)
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    """runs one prompt after another"""

    def application(self) -> web.Application:
        """All routes."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        router = application.router
        router.add_get("/ws", self._socket)
        router.add_get("/", lambda _: _file(self.frontend / "index.html"))
        for path, answer in self._answers().items():
            router.add_get(path, answer)
        router.add_post("/api/settings/{name}", self._set)
        router.add_post("/api/prompt", self._prompt)
        router.add_post("/api/interrupt", self._interrupt)
        router.add_post("/api/upload/image", self._upload)
        router.add_get("/api/history/{prompt}", self._history)
        router.add_routes(UserFiles(self._folder("user")).routes())
        for route in self.pack_routes:
            router.add_route(route.method, route.path, route.handler)
            router.add_route(route.method, f"/api{route.path}", route.handler)
        router.add_get(f"/extensions/{PACK}/{{path:.*}}", lambda request: _below(ROOT / "js", request.match_info["path"]))
        router.add_route("*", "/{path:.*}", self._rest)
        return application

    def _answers(self) -> Mapping[str, Any]:
        def plain(value: object) -> Any:
            return lambda _: web.json_response(value)

        return {
            "/api/users": plain({"storage": "server", "migrated": True}),
            "/api/settings": lambda _: web.json_response(self.settings),
            "/api/extensions": lambda _: web.json_response(self._extensions()),
            "/api/object_info": lambda _: web.json_response(self.runner.definitions()),
            "/api/features": plain({}),
            "/api/system_stats": plain({"system": {"os": "posix", "comfyui_version": "0.33.0", "argv": []}, "devices": []}),
            "/api/i18n": plain({}),
            "/api/node_replacements": plain({}),
            "/api/global_subgraphs": plain({}),
            "/api/jobs": plain(EMPTY_PAGES),
            "/api/queue": plain({"queue_running": [], "queue_pending": []}),
            "/api/history": plain({}),
            "/internal/files/input": lambda _: web.json_response([path.name for path in self._folder("input").iterdir()]),
            "/internal/files/output": plain([]),
            "/api/view": self._view,
            "/favicon.ico": lambda _: web.Response(status=404),
            "/thin/refused": lambda _: web.json_response(self.refused),
        }

    def _extensions(self) -> list[str]:
        """Every script, as ComfyUI lists them: the frontend imports all of them at once."""
        ours = [f"/extensions/{PACK}/{path.relative_to(ROOT / 'js').as_posix()}" for path in (ROOT / "js").rglob("*.js")]
        core = self.frontend / "extensions"
        return [f"/extensions/{path.relative_to(core).as_posix()}" for path in core.rglob("*.js")] + sorted(ours)

    def _folder(self, kind: str) -> Path:
        return self.runner.folder / kind

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        """Files of the frontend; what nobody may miss is answered with 501 and remembered."""
        if request.method == "GET":
            found = self.frontend / request.path.lstrip("/")
            if found.is_file() and found.resolve().is_relative_to(self.frontend.resolve()):
                return web.FileResponse(found)
        if request.path.startswith(MAY_BE_MISSING):
            return web.Response(status=404)
        self.refused.append(f"{request.method} {request.path}")
        return web.Response(status=501, text="the thin host does not do this")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        client = request.query.get("clientId") or uuid4().hex
        self.sockets[client] = socket
        await socket.send_json({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client}})
        async for message in socket:
            if message.type == WSMsgType.ERROR:
                break
        self.sockets.pop(client, None)
        return socket

    async def _set(self, request: web.Request) -> web.Response:
        self.settings[request.match_info["name"]] = await request.json()
        return web.Response()

    async def _prompt(self, request: web.Request) -> web.Response:
        asked = await request.json()
        verdict = self.runner.validate(asked["prompt"])
        if not verdict.outputs:
            error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}
            error = {**error, "details": "", "extra_info": {}}
            return web.json_response({"error": error, "node_errors": verdict.errors}, status=400)
        prompt_id = str(uuid4())
        loop = asyncio.get_running_loop()

        def tell(kind: str, data: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(self._send(kind, data), loop).result(10)

        loop.run_in_executor(self.worker, self.runner.run, asked["prompt"], verdict.outputs, prompt_id, tell)
        return web.json_response({"prompt_id": prompt_id, "number": 1, "node_errors": verdict.errors})

    async def _history(self, request: web.Request) -> web.Response:
        name = request.match_info["prompt"]
        return web.json_response({name: self.runner.history[name]} if name in self.runner.history else {})

    async def _send(self, kind: str, data: dict[str, Any]) -> None:
        for socket in list(self.sockets.values()):
            if not socket.closed:
                await socket.send_json({"type": kind, "data": data})

    async def _interrupt(self, _: web.Request) -> web.Response:
        self.runner.interrupt()
        return web.Response()

    async def _view(self, request: web.Request) -> web.StreamResponse:
        kind = request.query.get("type", "output")
        if kind not in ("input", "output", "temp"):
            return web.Response(status=400)
        return await _below(self._folder(kind), f"{request.query.get('subfolder', '')}/{request.query['filename']}".lstrip("/"))

    async def _upload(self, request: web.Request) -> web.Response:
        part = (await request.post())["image"]
        if not isinstance(part, web.FileField):
            return web.Response(status=400)
        name = Path(part.filename).name
        (self._folder("input") / name).write_bytes(part.file.read())
        return web.json_response({"name": name, "subfolder": "", "type": "input"})


async def _file(path: Path) -> web.StreamResponse:
    return web.FileResponse(path)


async def _below(folder: Path, name: str) -> web.StreamResponse:
    found = (folder / name).resolve()
    if not found.is_relative_to(folder.resolve()) or not found.is_file():
        return web.Response(status=404)
    return web.FileResponse(found)


@contextmanager
def serve(host: Host) -> Iterator[str]:
    """The host on a free port of 127.0.0.1, in a thread of its own; its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = web.AppRunner(host.application())

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner.addresses[0][1]

    port = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def pack_nodes(pack: ModuleType) -> tuple[dict[str, Any], list[web.RouteDef]]:
    """The pack's nodes by id, and its routes."""
    server = __import__("server")
    server.PromptServer.instance = server.PromptServer()
    extension = asyncio.run(pack.comfy_entrypoint())
    nodes = {node.define_schema().node_id: node for node in asyncio.run(extension.get_node_list())}
    return nodes, list(server.PromptServer.instance.routes)
