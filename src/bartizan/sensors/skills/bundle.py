"""What belongs to a skill, read within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.model.folder import Folder

MAX_FILES = 400
MAX_FILE = 1 << 20
MAX_TOTAL = 16 << 20
MAX_DEPTH = 8

LEFT_OUT = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".pytest_cache", "site-packages"}
)
_BINARY = (".exe", ".dll", ".so", ".dylib", ".bin", ".pyc", ".class", ".jar", ".node", ".msi", ".scr", ".com")


@dataclass(slots=True)
class Bundle:
    """Texts by path inside the folder; `binaries` are files that hold machine or byte code; `left` says what a limit
    left unread.
    """

    folder: Folder
    texts: dict[str, str] = field(default_factory=dict)
    binaries: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def read_bundle(folder: Folder, head: str) -> Bundle:
    """The head file, then everything below the folder except other skills."""
    bundle = Bundle(folder)
    _take(bundle, head)
    for name in _below(folder, "", 0):
        if len(bundle.texts) >= MAX_FILES:
            bundle.left.append(name)
            break
        if name != head:
            _take(bundle, name)
    return bundle


def read_files(folder: Folder, names: list[str]) -> Bundle:
    """Just these files."""
    bundle = Bundle(folder)
    for name in names[:MAX_FILES]:
        _take(bundle, name)
    return bundle


def decode(data: bytes) -> str | None:
    """Text of a file, or None for what is none. Byte order marks decide, then UTF-8, then Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_head(name: str) -> bool:
    """Whether a file of that name makes its folder a skill."""
    return name.lower() in ("skill.md", "skills.md")


def _below(folder: Folder, prefix: str, depth: int) -> Iterator[str]:
    for name in folder.files:
        yield prefix + name
    if depth >= MAX_DEPTH:
        return
    for name in folder.folders:
        below = None if name in LEFT_OUT else folder.enter(name)
        if below is not None and not any(is_head(each) for each in below.files):
            yield from _below(below, f"{prefix}{name}/", depth + 1)


def _take(bundle: Bundle, name: str) -> None:
    data = bundle.folder.read(name, MAX_FILE)
    if data is None:
        bundle.left.append(name)
        return
    if (
        data[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
        or data[:2] == b"MZ"
        or name.lower().endswith(_BINARY)
    ):
        bundle.binaries.append(name)
        return
    text = decode(data)
    if text is not None and sum(map(len, bundle.texts.values())) + len(text) <= MAX_TOTAL:
        bundle.texts[name] = text
