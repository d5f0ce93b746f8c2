"""HTTP/1.1 messages: a request as bytes, and the head of an answer from bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bartizan import __version__
from bartizan.model.errors import NetworkError
from bartizan.model.service import Request

MAX_HEAD = 64 << 10
MAX_HEADERS = 200

_STATUS = re.compile(rb"HTTP/(\d(?:\.\d)?) +(\d{3})(?: |$)")
_BAD_NAME = re.compile(rb"[\x00-\x20\x7f]")
_DEFAULTS = (
    ("user-agent", f"bartizan/{__version__}"),
    ("accept", "*/*"),
    ("accept-encoding", "gzip, deflate"),
    ("connection", "keep-alive"),
)


class NotHttpError(NetworkError):
    """The peer spoke, but not HTTP; `banner` holds what it said first."""

    def __init__(self, banner: bytes) -> None:
        super().__init__("the answer is not HTTP")
        self.banner = banner


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers (names in lower case, in order, doubles kept). `length` is -1 when not told."""

    status: int
    headers: tuple[tuple[str, str], ...]
    length: int
    chunked: bool
    keep: bool

    def header(self, name: str) -> str:
        """The first value of a header, or the empty string."""
        return next((value for key, value in self.headers if key == name), "")


def encode_request(request: Request, authority: str) -> bytes:
    """The request as sent; headers of the request replace the usual ones. Line breaks in any part are refused."""
    given = {name.lower() for name, _ in request.headers}
    lines = [f"{request.method} {request.path or '/'} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"host: {authority}")
    lines.extend(f"{name}: {value}" for name, value in _DEFAULTS if name not in given)
    lines.extend(f"{name}: {value}" for name, value in request.headers)
    if (request.body or request.method in ("POST", "PUT", "PATCH")) and "content-length" not in given:
        lines.append(f"content-length: {len(request.body)}")
    if any("\r" in line or "\n" in line for line in lines) or " " in request.path:
        raise NetworkError("a request must not hold line breaks, nor its path blanks")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + request.body


def head_end(data: bytes | bytearray) -> tuple[int, int]:
    """Where the head ends and the body begins; (-1, -1) while the head is incomplete."""
    end = data.find(b"\r\n\r\n")
    bare = data.find(b"\n\n", 0, end if end >= 0 else len(data))
    if bare >= 0:
        return bare, bare + 2
    return (end, end + 4) if end >= 0 else (-1, -1)


def parse_head(raw: bytes) -> Head:
    """Read a head without its empty line.

    Raises NotHttpError when the first line is no status line, NetworkError when there are too many headers. Lines
    without a colon and names with blanks are left out, as browsers do.
    """
    first, *lines = raw.split(b"\n")
    match = _STATUS.match(first.rstrip(b"\r"))
    if not match:
        raise NotHttpError(raw[:512])
    if len(lines) > MAX_HEADERS:
        raise NetworkError(f"more than {MAX_HEADERS} headers")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip().decode('latin-1')}")
            continue
        key, colon, rest = line.partition(b":")
        if colon and key and not _BAD_NAME.search(key):
            headers.append((key.decode("latin-1").lower(), rest.strip().decode("latin-1")))
    return _head(match, headers)


def _head(match: re.Match[bytes], headers: list[tuple[str, str]]) -> Head:
    length, chunked, keep = -1, False, not match.group(1).startswith(b"1.0")
    for name, value in headers:
        if name == "content-length":
            told = int(value) if value.isascii() and value.isdigit() and len(value) < 16 else -1
            length = told if length in (-1, told) else -2
        elif name == "transfer-encoding":
            chunked = value.lower().rpartition(",")[2].strip() == "chunked"
        elif name == "connection":
            keep = "close" not in value.lower() and (keep or "keep-alive" in value.lower())
    if chunked or length < 0:
        return Head(int(match.group(2)), tuple(headers), -1, chunked, keep and length != -2)
    return Head(int(match.group(2)), tuple(headers), length, chunked, keep)
