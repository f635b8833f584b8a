"""The page's server: on 127.0.0.1 only, everything below a random token, one document file that it may write."""

import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from ..errors import RequestError, WanMoveError
from .guards import POLICY, path_below_token, refusal
from .routes import MAX_PICTURE_BYTES, MAX_TEXT_BYTES, ROOT, ROUTES, Answer, Asked, file_answer, json_answer, most_bytes
from .session import Session

ADDRESS = "127.0.0.1"
_PATIENCE = 30
"""seconds without a byte, after which a connection is given up"""


class PageServer(ThreadingHTTPServer):
    """Listens from the start; ``serve_forever`` answers, ``stop`` ends it and frees the port."""

    daemon_threads = True

    def __init__(self, session: Session, port: int = 0) -> None:
        """Take a port, a free one for 0.

        Raises:
            RequestError: the port is taken, or the editor's files are not there.
        """
        if not (ROOT / "js" / "editor" / "mount.js").is_file():
            raise RequestError(
                f'The editor\'s files are not in "{ROOT / "js"}"; run wanmove edit from a checkout of the repository.'
            )
        self.session, self.token = session, secrets.token_urlsafe(24)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise RequestError(
                f"Port {port} of {ADDRESS} cannot be used: {error.strerror or error}. Choose another, or --port 0."
            ) from error

    @property
    def url(self) -> str:
        """Of the page, with the token: whoever has it may edit."""
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"

    def server_bind(self) -> None:
        """As its base does, but asks no name server what 127.0.0.1 is called, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no event; a mistake of ours is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def start(self) -> None:
        """Answer in a thread of its own."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """End a started server and free its port."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    server_version = "wanmove"
    sys_version = ""
    timeout = _PATIENCE

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is for the address and for mistakes."""

    def _answer(self) -> None:
        try:
            answer = self._let_in()
        except _Refused as refused:
            answer = json_answer({"error": str(refused)}, refused.status)
        except WanMoveError as error:
            answer = json_answer({"error": str(error)}, 400)
        except MemoryError:
            answer = json_answer({"error": "There is not enough memory for this; use a smaller picture or fewer tracks."}, 500)
        except TimeoutError:
            return
        self._send(answer)

    def _let_in(self) -> Answer:
        server, body_size = cast(PageServer, self.server), self._body_size()
        refused = refusal(self.headers.get("Host"), self.headers.get("Origin"), server.server_port)
        path = path_below_token(self.path, server.token)
        if refused or path is None:
            self._drop_body(body_size, MAX_TEXT_BYTES)
            raise _Refused(
                403, refused.reason if refused else "Open the whole address that wanmove edit printed, token and all."
            )
        file = file_answer(path) if self.command == "GET" else None
        if file:
            return file
        route, most = ROUTES.get((self.command, path)), most_bytes(path)
        if route is None or body_size > most:
            self._drop_body(body_size, 2 * MAX_PICTURE_BYTES)
            raise (
                _unknown(path) if route is None else _Refused(413, f"{body_size:,} bytes were sent; {most:,} are allowed here.")
            )
        query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        return route(Asked(self.rfile.read(body_size), query, server.session))

    def _body_size(self) -> int:
        stated = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not stated.isdecimal() or len(stated) > 12:
            raise _Refused(411, "The length of the request must be stated.")
        return int(stated)

    def _drop_body(self, size: int, most: int) -> None:
        """A connection that is closed with bytes unread is reset, and the client never sees why."""
        left = min(size, most)
        while left > 0 and (chunk := self.rfile.read(min(left, 65_536))):
            left -= len(chunk)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {
            "Content-Type": answer.media_type,
            "Content-Length": str(len(answer.body)),
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


class _Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _unknown(path: str) -> _Refused:
    return _Refused(405 if path in {known for _, known in ROUTES} else 404, f'There is no "{path[:80]}" to be had this way.')
