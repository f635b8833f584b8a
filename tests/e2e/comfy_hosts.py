"""ComfyUI itself, where somebody has installed it, and the thin host that CI has instead. Each runs in a process of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "wanmove_core" / "demo" / "picture.jpg"
FRONTENDS = Path(sys.prefix) / "frontends"
"""comfyui-frontend-package by version; ``make test`` puts them there"""
START_SECONDS = 120


@contextmanager
def thin_host(version: str, folder: Path) -> Iterator[str]:
    """The thin host (tests/host) with a release of ComfyUI's frontend; its address."""
    static = FRONTENDS / version / "comfyui_frontend_package" / "static"
    if not static.is_dir():
        pytest.skip(f"ComfyUI's frontend {version} is not in {FRONTENDS}: make test puts it there")
    _make_folders(folder)
    arguments = ["--frontend", str(static), "--folder", str(folder)]
    with _program([sys.executable, "-m", "tests.host", *arguments], ROOT, folder / "log.txt") as process:
        _wait(lambda: (folder / "log.txt").read_text().startswith("http"), process, folder / "log.txt")
        yield (folder / "log.txt").read_text().split()[0]


@contextmanager
def real_comfyui(folder: Path) -> Iterator[str]:
    """The ComfyUI that WANMOVE_COMFYUI names, run by WANMOVE_COMFYUI_PYTHON, with folders of its own and this pack."""
    program = os.environ.get("WANMOVE_COMFYUI")
    if not program:
        pytest.skip("WANMOVE_COMFYUI names no ComfyUI")
    _make_folders(folder)
    (folder / "custom_nodes" / "ComfyUI-WanMove").symlink_to(ROOT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    python = os.environ.get("WANMOVE_COMFYUI_PYTHON", sys.executable)
    arguments = ["--cpu", "--port", url.rsplit(":", 1)[1], "--disable-auto-launch", "--base-directory", str(folder)]
    with _program([python, "main.py", *arguments], Path(program), folder / "log.txt") as process:
        _wait(lambda: _answers(f"{url}/api/object_info/TrajectoryEditor"), process, folder / "log.txt")
        yield url


def change_setting(url: str, name: str, value: object) -> None:
    """As the page's settings do."""
    post(f"{url}/api/settings/{name}", value)


def post(url: str, body: object) -> tuple[int, Any]:
    """Status and answer of a request."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def finished(url: str, prompt: str) -> dict[str, Any]:
    """The history of a prompt, when it is over."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/api/history/{prompt}", timeout=60) as answer:
            if found := json.load(answer):
                return found[prompt]
        time.sleep(0.2)
    pytest.fail(f"The prompt {prompt} did not end")


def _make_folders(folder: Path) -> None:
    for name in ("input", "custom_nodes", "output", "temp", "models", "user"):
        (folder / name).mkdir()
    shutil.copy(PICTURE, folder / "input" / "picture.jpg")


@contextmanager
def _program(command: list[str], where: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=where, stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return
        time.sleep(0.3)
    pytest.fail(f"The host did not start:\n{log.read_text()[-3000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False
