"""A real ComfyUI that somebody has installed, started for tests with folders of its own, and spoken to over HTTP.

``WANMOVE_COMFYUI`` names its folder, ``WANMOVE_COMFYUI_PYTHON`` its Python.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "wanmove_core" / "demo" / "picture.jpg"
START_SECONDS = 120


@dataclass(frozen=True)
class Comfy:
    """A running ComfyUI and its folders."""

    url: str
    folder: Path

    def get(self, path: str) -> Any:
        """The JSON below its address."""
        return json.loads(read(f"{self.url}{path}"))

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """Status and answer of a request."""
        return post(f"{self.url}{path}", body)


@contextlib.contextmanager
def running_comfyui(folder: Path, *arguments: str) -> Iterator[Comfy]:
    """ComfyUI on a free port, with folders of its own below ``folder`` and this pack in them."""
    program = os.environ.get("WANMOVE_COMFYUI")
    if not program:
        pytest.skip("WANMOVE_COMFYUI names no ComfyUI")
    for name in ("input", "custom_nodes", "output", "temp", "models", "user"):
        (folder / name).mkdir(exist_ok=True)
    shutil.copy(PICTURE, folder / "input" / "picture.jpg")
    (folder / "custom_nodes" / "ComfyUI-WanMove").symlink_to(ROOT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = os.environ.get("WANMOVE_COMFYUI_PYTHON", sys.executable)
    command = [python, "main.py", "--cpu", "--port", str(port), "--disable-auto-launch", "--base-directory", str(folder)]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen([*command, *arguments], cwd=program, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/api/object_info/TrajectoryEditor", process, folder / "log.txt")
        yield Comfy(url, folder)
    finally:
        process.terminate()
        process.wait(30)


def read(url: str) -> bytes:
    """What is at an address."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def post(url: str, body: object) -> tuple[int, Any]:
    """Status and JSON of the answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            read(url)
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    pytest.fail(f"ComfyUI did not start:\n{log.read_text()[-3000:]}")
