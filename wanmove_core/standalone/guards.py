"""Who may ask, and for which files: the rules of the page's server, as functions of text."""

import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # the editor places things by style attributes
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy of everything that is served: nothing from elsewhere, no inline scripts."""

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
}


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    reason: str


def refusal(host: str | None, origin: str | None, port: int) -> Refusal | None:
    """None for a request that a page of this server may have made.

    A page of another site can make the browser ask here (under a name of its own that it has pointed at 127.0.0.1, or as a
    cross-site request); it cannot forge ``Host`` and ``Origin``.
    """
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    if host not in hosts:
        return Refusal(403, "This address belongs to another site; open the one that wanmove edit printed.")
    if origin is not None and origin not in {f"http://{name}" for name in hosts}:
        return Refusal(403, "This request comes from the page of another site.")
    return None


def path_below_token(target: str, token: str) -> str | None:
    """The path of a request target after ``/<token>/``; None without the right token."""
    given, _, path = urlsplit(target).path.removeprefix("/").partition("/")
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode()):
        return None
    return unquote(path, errors="replace")


def file_below(root: Path, path: str) -> Path | None:
    """The file of a module or style sheet below a folder; None for anything else, links that lead out included."""
    parts = path.split("/")
    if not all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", part) for part in parts) or ".." in path:
        return None
    file = root.joinpath(*parts)
    if file.suffix not in (".js", ".css", ".json") or not file.is_file() or not file.resolve().is_relative_to(root.resolve()):
        return None
    return file
