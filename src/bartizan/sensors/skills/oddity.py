"""What can be told of a skill's files without reading them as text: links, machine code, archives that nobody can look
into. Each becomes one line that signals are looked for in, as in a text.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from bartizan.model.folder import Folder
from bartizan.sensors.skills.unit import Unit

MAX_LINKS = 200
MAX_DEPTH = 8

_MACHINE = {
    b"\x7fELF": "machine code",
    b"\xcf\xfa\xed\xfe": "machine code",
    b"\xce\xfa\xed\xfe": "machine code",
    b"\xca\xfe\xba\xbe": "machine or byte code",
}
_COMPILED = (".exe", ".dll", ".so", ".dylib", ".bin", ".class", ".jar", ".node", ".msi", ".scr", ".com")
_TEST_FILE = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE"


def kind_of(name: str, data: bytes) -> str:
    """What a file is that cannot be reviewed as text; nothing for all others."""
    if name.lower().endswith(".pyc"):
        return "byte code"
    known = next((kind for mark, kind in _MACHINE.items() if data.startswith(mark)), "")
    if known or data[:2] == b"MZ" or name.lower().endswith(_COMPILED):
        return known or "machine code"
    if data[:4] == b"PK\x03\x04" and len(data) > 8 and data[6] & 1:
        return "encrypted archive"
    if data[:6] == b"7z\xbc\xaf\x27\x1c" or data[:4] == b"Rar!":
        return "archive that few scanners open"
    return "antivirus test file" if _TEST_FILE in data[:256] else ""


def file_units(kinds: dict[str, str], names: set[str]) -> Iterator[Unit]:
    """One unit for each file of a kind; byte code says whether one of the `names` is its source."""
    for name, kind in kinds.items():
        folder, _, leaf = name.rpartition("/")
        source = posixpath.join(folder.removesuffix("__pycache__").rstrip("/"), leaf.split(".")[0] + ".py")
        alone = " without its source" if kind == "byte code" and source not in names else ""
        yield Unit(name, "file", f"{name}: {kind}{alone}", 0)


def link_units(folder: Folder, prefix: str = "", depth: int = 0) -> Iterator[Unit]:
    """One unit for each link below the folder that leads out of it. Where it leads is never opened."""
    for name, target in list(folder.links.items())[:MAX_LINKS]:
        led = posixpath.normpath(posixpath.join(prefix, target.replace("\\", "/")))
        if led.startswith(("/", "~", "..")) or target[1:3] in (":\\", ":/"):
            yield Unit(prefix + name, "file", f"{prefix}{name}: link to {target}", 0)
    for name in folder.folders if depth < MAX_DEPTH else ():
        below = None if name in (".git", "node_modules", ".venv", "venv") else folder.enter(name)
        if below is not None:
            yield from link_units(below, f"{prefix}{name}/", depth + 1)
