"""What belongs to a skill, read within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.model.folder import Folder
from bartizan.sensors.skills.oddity import kind_of

MAX_FILES = 400
MAX_FILE = 1 << 20
MAX_TOTAL = 16 << 20
MAX_DEPTH = 8

LEFT_OUT = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".pytest_cache", "site-packages"}
)
MAX_PROGRAM = 48 << 20
"""Of a file that is no text: only its beginning matters."""


@dataclass(slots=True)
class Bundle:
    """Texts by path inside the folder; `kinds` say what a file is that cannot be reviewed as text; `left` says
    what a limit left unread.
    """

    folder: Folder
    texts: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
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
        if name == "__pycache__" and (cached := folder.enter(name)) is not None:
            yield from (f"{prefix}{name}/{file}" for file in cached.files if file.endswith(".pyc"))
        if below is not None and not any(is_head(each) for each in below.files):
            yield from _below(below, f"{prefix}{name}/", depth + 1)


def _take(bundle: Bundle, name: str) -> None:
    data = bundle.folder.read(name, MAX_FILE)
    whole = data if data is not None else bundle.folder.read(name, MAX_PROGRAM) or b""
    kind = kind_of(name, whole)
    if kind:
        bundle.kinds[name] = kind
        return
    if data is None:
        bundle.left.append(name)
        return
    text = decode(data)
    if text is not None and sum(map(len, bundle.texts.values())) + len(text) <= MAX_TOTAL:
        bundle.texts[name] = text
