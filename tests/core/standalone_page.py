"""A page of ``wanmove edit`` to ask, over real sockets."""

import http.client
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wanmove_core.standalone.server import PageServer
from wanmove_core.standalone.session import Clip, Session
from wanmove_core.tracks.document import parse_document, serialise_document

CLIP = Clip(64, 48, 9, 16.0, None)
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "width": 64,
    "height": 48,
    "layers": [
        {
            "name": "box",
            "region": {"kind": "rectangle", "box": [8, 8, 16, 16]},
            "motion": {"path": {"kind": "linear", "points": [[0, 0], [24, 8]]}},
        }
    ],
}
TEXT = serialise_document(parse_document(DOCUMENT))


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The sentence of a refusal."""
        assert list(self.json) == ["error"]
        return self.json["error"]


@dataclass(frozen=True)
class Page:
    """A running server and a way to ask it."""

    server: PageServer
    folder: Path

    @property
    def document(self) -> Path:
        """The one file that it may write."""
        return self.folder / "motion.json"

    def ask(self, path: str, method: str = "GET", body: bytes | str = b"", **headers: str) -> Reply:
        """A path below the token."""
        return self.ask_target(f"/{self.server.token}/{path}", method, body, **headers)

    def ask_target(self, target: str, method: str = "GET", body: bytes | str = b"", **headers: str) -> Reply:
        """Any target, sent just as it stands."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            content = body.encode() if isinstance(body, str) else body
            connection.putrequest(method, target, skip_host="Host" in headers)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in {"Content-Length": str(len(content)), **named}.items():
                connection.putheader(name, value)
            connection.endheaders(content)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()


def thing() -> NDArray[np.uint8]:
    """A red square of 32..64 x 16..80 on green, 128x96, with some grain."""
    pixels = np.full((96, 128, 3), (40, 120, 60), np.uint8)
    pixels[16:80, 32:64] = (200, 50, 40)
    return (pixels + np.random.default_rng(0).integers(0, 12, pixels.shape)).astype(np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """The file of a picture."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    return stream.getvalue()


@contextmanager
def running_page(folder: Path) -> Iterator[Page]:
    """A server on ``picture.png`` (a ``thing``) and ``motion.json``, which is not there yet."""
    (folder / "picture.png").write_bytes(png(thing()))
    server = PageServer(Session(folder / "picture.png", folder / "motion.json", CLIP, "zh"))
    server.start()
    try:
        yield Page(server, folder)
    finally:
        server.stop()
