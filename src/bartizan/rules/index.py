"""All packs compiled to one cached file, so that a scan does not parse YAML."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bartizan import __version__
from bartizan.model.errors import RuleError
from bartizan.model.home import cache_folder
from bartizan.model.identity import digest
from bartizan.rules.cache import keep
from bartizan.rules.sheet import SHEETS, sheet_type
from bartizan.syntax.strictyaml import read_yaml

BUILT_IN = Path(__file__).parent.parent / "packs"
_SUM = 16


def load_index(folders: Sequence[Path]) -> dict[str, msgspec.Raw]:
    """Encoded sheets by domain, from the cache when no file of the folders has changed since it was written.

    Raises RuleError for the first mistake in a pack. An unwritable cache is no error: the work is done again.
    """
    files = sorted(_files(folders))
    cached = cache_folder() / f"rules-{_state(files)}.msgpack"
    try:
        kept = cached.read_bytes()
        if kept[:_SUM] == _sum(kept[_SUM:]):
            return msgspec.msgpack.decode(kept[_SUM:], type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError):
        pass
    encoded = msgspec.msgpack.encode(_compile(files))
    keep(cached, _sum(encoded) + encoded, spare=16)
    return msgspec.msgpack.decode(encoded, type=dict[str, msgspec.Raw])


def _sum(encoded: bytes) -> bytes:
    """Tells a damaged cache from a whole one: rules that are missing would be silence about what they find."""
    return hashlib.blake2b(encoded, digest_size=_SUM).digest()


def sheet_files(folders: Iterable[Path], domain: str = "") -> list[tuple[str, Path]]:
    """Domain and path of every sheet, cases files left out."""
    return sorted((name, path) for name, path in _files(folders) if domain in ("", name))


def _files(folders: Iterable[Path]) -> Iterable[tuple[str, Path]]:
    for folder in folders:
        if not folder.is_dir():
            raise RuleError(f"{folder}: no such folder of packs")
        for entry in os.scandir(folder):
            if entry.is_dir() and not entry.name.startswith((".", "_")):
                if entry.name not in SHEETS:
                    raise RuleError(f"{entry.path}: no domain of that name; known are {', '.join(sorted(SHEETS))}")
                for file in os.scandir(entry.path):
                    if file.name.endswith(".yaml") and not file.name.endswith(".cases.yaml"):
                        yield entry.name, Path(file.path)


def _state(files: Iterable[tuple[str, Path]]) -> str:
    parts = [__version__]
    for _, path in files:
        status = path.stat()
        parts.append(f"{path}|{status.st_size}|{status.st_mtime_ns}")
    parts.extend(f"{module.name}|{module.stat().st_mtime_ns}" for module in sorted(Path(__file__).parent.glob("*.py")))
    return digest(*parts)


def _compile(files: Iterable[tuple[str, Path]]) -> dict[str, list[Any]]:
    sheets: dict[str, list[Any]] = {}
    for domain, path in files:
        sheets.setdefault(domain, []).append(read_yaml(path, sheet_type(domain), RuleError))
    return sheets
