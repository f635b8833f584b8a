"""The server of ``wanmove edit``: what it serves, what it saves, and whom it refuses."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.standalone_page import DOCUMENT, TEXT, Page, running_page
from wanmove_core.errors import RequestError
from wanmove_core.standalone.server import PageServer
from wanmove_core.tracks.document import parse_document, serialise_document


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with running_page(tmp_path) as page:
        yield page


def test_the_page_and_its_modules_are_served_with_their_types(page: Page) -> None:
    kinds = {path: page.ask(path).headers["Content-Type"].split(";")[0] for path in (
        "", "js/editor/mount.js", "js/editor/editor.css", "wanmove_core/standalone/page.js", "session", "document", "picture",
    )}  # fmt: skip
    assert list(kinds.values()) == [
        "text/html", "text/javascript", "text/css", "text/javascript", "application/json", "application/json", "image/png",
    ]  # fmt: skip
    assert page.ask("js/editor/mount.js").body == Path("js/editor/mount.js").resolve().read_bytes()
    assert b"wanmove_core/standalone/page.js" in page.ask("").body


def test_every_answer_forbids_what_comes_from_elsewhere(page: Page) -> None:
    for reply in (page.ask(""), page.ask("picture"), page.ask("nothing"), page.ask_target("/")):
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy and "http" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff" and reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"


def test_the_session_says_clip_language_and_picture(page: Page) -> None:
    assert page.ask("session").json == {
        "clip": {"width": 64, "height": 48, "length": 9, "fps": 16.0, "fit": None},
        "locale": "zh",
        "document": "motion.json",
        "picture": {"name": "picture.png", "number": 0, "width": 128, "height": 96},
    }


@pytest.mark.parametrize(
    "target", ["/", "/session", "//session", "/wrong/session", "/?token={token}", "/{token}x/session", "/{token}"]
)
def test_without_the_token_nothing_is_served_but_the_bare_page(page: Page, target: str) -> None:
    reply = page.ask_target(target.format(token=page.server.token))
    bare = target == "/{token}"
    assert reply.status == (200 if bare else 403)
    assert bare or "Open the whole address that wanmove edit printed" in reply.error


def test_without_the_token_nothing_is_written(page: Page) -> None:
    assert page.ask_target("/wrong/document", "PUT", TEXT).status == 403
    assert page.ask_target("/document", "PUT", TEXT).status == 403
    assert not page.document.exists()


def test_each_server_has_a_token_of_its_own(page: Page) -> None:
    other = PageServer(page.server.session)
    other.server_close()
    assert other.token != page.server.token and len(other.token) == 32 and other.server_port != page.server.server_port


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost:{port}.evil.example", ""]
)
def test_another_name_for_this_machine_is_refused(page: Page, host: str) -> None:
    reply = page.ask("document", Host=host.format(port=page.server.server_port))
    assert reply.status == 403 and "belongs to another site" in reply.error


def test_localhost_is_this_machine(page: Page) -> None:
    assert page.ask("session", Host=f"localhost:{page.server.server_port}").status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_pages_of_other_sites_are_refused(page: Page, origin: str) -> None:
    reply = page.ask("document", "PUT", TEXT, Origin=origin.format(port=page.server.server_port))
    assert reply.status == 403 and "page of another site" in reply.error and not page.document.exists()


def test_the_page_itself_may_write(page: Page) -> None:
    own = f"http://127.0.0.1:{page.server.server_port}"
    assert page.ask("document", "PUT", TEXT, Origin=own).json == {"saved": "motion.json"}


@pytest.mark.parametrize("path", [
    "js/../pyproject.toml", "js/../README.md", "js/..%2f..%2fpackage.json", "js/%2e%2e/package.json", "js//package.json",
    "js/editor/..%5c..%5cpackage.json", "js/editor/mount.js/", "js/editor", "js/types.d.ts", "js", "js/", "package.json",
    "wanmove_core/standalone/server.py", "wanmove_core/standalone/../demo/document.json", "wanmove_core/demo/document.json",
    "js/.", "js/editor/mount.js%00.css", "js/%ff.js", "motion.json", "/etc/passwd", "..%2f", "document/", "Document",
])  # fmt: skip
def test_only_what_the_page_needs_is_served(page: Page, path: str) -> None:
    reply = page.ask(path)
    assert reply.status == 404 and "There is no" in reply.error


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "picture", 405), ("POST", "document", 405), ("GET", "bake", 405), ("PUT", "js/editor/mount.js", 404),
     ("PUT", "other.json", 404), ("POST", "", 405), ("DELETE", "document", 501), ("PATCH", "document", 501)],
)  # fmt: skip
def test_what_cannot_be_done_is_said_so(page: Page, method: str, path: str, status: int) -> None:
    assert page.ask(path, method, TEXT).status == status
    assert {file.name for file in page.folder.iterdir()} == {"picture.png"}


def test_before_anything_is_drawn_the_document_is_empty_and_has_no_file(page: Page) -> None:
    assert page.ask("document").json == {"version": 1, "width": 128, "height": 96, "layers": []}
    assert not page.document.exists()


def test_a_document_is_saved_and_read_back(page: Page) -> None:
    assert page.ask("document", "PUT", json.dumps(DOCUMENT, indent=4)).json == {"saved": "motion.json"}
    assert page.document.read_text() == TEXT + "\n"
    assert page.ask("document").body.decode() == TEXT
    assert {file.name for file in page.folder.iterdir()} == {"picture.png", "motion.json"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{}", "lacks the field"),
        (TEXT[:-1].encode(), "not JSON"),
        (b'{"version": 2, "width": 1, "height": 1, "layers": []}', "has version 2"),
        (TEXT.replace("24", "NaN").encode(), "NaN"),
        (b"\xff\xfe", "not UTF-8"),
        (b" " * (4 * 1024 * 1024) + TEXT.encode(), "4194304 are allowed"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_document_is_refused_and_the_file_stays(page: Page, body: bytes, message: str) -> None:
    page.ask("document", "PUT", TEXT)
    reply = page.ask("document", "PUT", body)
    assert reply.status == 400 and message in reply.error
    assert page.document.read_text() == TEXT + "\n"


def test_too_long_a_body_is_refused_unread(page: Page) -> None:
    reply = page.ask("document", "PUT", b" " * 5_000_000)
    assert reply.status == 413 and reply.error == "5,000,000 bytes were sent; 4,259,840 are allowed here."
    assert page.ask("session").status == 200


def test_a_body_of_unknown_length_is_refused(page: Page) -> None:
    assert page.ask("document", "PUT", b"", Content_Length="x").status == 411
    assert page.ask("document", "PUT", b"", Content_Length="-1").status == 411
    assert page.ask("document", "PUT", b"", Transfer_Encoding="chunked").status == 411


def test_half_a_body_writes_nothing(page: Page) -> None:
    with socket.create_connection(("127.0.0.1", page.server.server_port)) as connection:
        address = f"127.0.0.1:{page.server.server_port}"
        head = f"PUT /{page.server.token}/document HTTP/1.1\r\nHost: {address}\r\nContent-Length: 999\r\n\r\n"
        connection.sendall(head.encode() + TEXT[:40].encode())
        connection.shutdown(socket.SHUT_WR)
        assert b" 400 " in connection.recv(4096)
    assert not page.document.exists()


def test_of_documents_saved_at_once_one_stands_whole(page: Page) -> None:
    texts = [serialise_document(parse_document({**DOCUMENT, "width": 64 + number})) for number in range(12)]
    threads = [threading.Thread(target=page.ask, args=("document", "PUT", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert page.document.read_text().strip() in texts
    assert {file.name for file in page.folder.iterdir()} == {"picture.png", "motion.json"}


def test_a_file_that_cannot_be_written_is_said_so(page: Page) -> None:
    page.document.mkdir()
    reply = page.ask("document", "PUT", TEXT)
    assert reply.status == 400 and "it is a folder" in reply.error


def test_after_stopping_the_port_is_free_again(page: Page) -> None:
    port = page.server.server_port
    other = PageServer(page.server.session)
    other.start()
    taken = other.server_port
    with pytest.raises(RequestError, match=rf"Port {taken} of 127\.0\.0\.1 cannot be used: .*--port 0"):
        PageServer(page.server.session, taken)
    other.stop()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", taken))
    assert port != taken and page.ask("session").status == 200


def test_it_listens_on_this_machine_only(page: Page) -> None:
    assert page.server.server_address[0] == "127.0.0.1"
