"""OpenSSF model signatures as they lie in a repository: does the signed list of files fit what is there?

This tells a changed or an unsigned file without any key. Whether the signer is the right one needs a key or identity:
`bartizan models verify`. Format: a sigstore bundle with a DSSE envelope around an in-toto statement whose predicate is
`https://model_signing/signature/v1.0`.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bartizan.model.folder import Folder

_BUNDLE = 32 << 20
_FILE = 64 << 20
_FILES = 20_000
_PREDICATE = "https://model_signing/signature/"
_MATTERS = re.compile(r"\.(?:safetensors|bin|pt|pth|ckpt|pkl|gguf|onnx|h5|keras|py|json|jinja|model|npz|tflite)\Z")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a signature covers: name to digest, and what was left out on purpose."""

    file: str
    digests: dict[str, tuple[str, str]]
    """Name to algorithm and digest (hexadecimal)."""
    ignored: tuple[str, ...]
    by_files: bool


def manifests(folder: Folder) -> Iterator[Manifest]:
    """Every model signature that lies in the folder."""
    for name in folder.files:
        if name.endswith((".sig", ".sigstore", ".sigstore.json")):
            found = _read(name, folder.read(name, _BUNDLE))
            if found:
                yield found


def _read(name: str, content: bytes | None) -> Manifest | None:
    try:
        bundle = json.loads(content or b"")
        statement = json.loads(b64decode(bundle["dsseEnvelope"]["payload"]))
        predicate = statement["predicate"]
        if not str(statement["predicateType"]).startswith(_PREDICATE):
            return None
        digests = {str(item["name"]): (str(item["algorithm"]), str(item["digest"])) for item in predicate["resources"]}
        serialization = predicate.get("serialization", {})
        ignored = tuple(str(path) for path in serialization.get("ignore_paths", ()))
        return Manifest(name, digests, ignored, serialization.get("method", "files") == "files")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return None


def changed(folder: Folder, manifest: Manifest) -> list[str]:
    """Signed files that are missing or whose content differs; files too large to read here are left to `verify`."""
    wrong: list[str] = []
    for name, (algorithm, digest) in list(manifest.digests.items())[:_FILES] if manifest.by_files else ():
        content = folder.read(name, _FILE)
        actual = _digest(algorithm, content) if content is not None else ""
        if actual and actual != digest:
            wrong.append(name)
    return wrong


def _digest(algorithm: str, content: bytes) -> str:
    if algorithm == "sha256":
        return sha256(content).hexdigest()
    return blake2b(content).hexdigest() if algorithm == "blake2b" else ""


def unsigned(folder: Folder, manifest: Manifest) -> list[str]:
    """Files with weights, code or configuration that the signature does not cover."""
    covered = {name.partition(":")[0] for name in manifest.digests}
    return [
        name
        for name in _names(folder, "", 0)
        if _MATTERS.search(name) and name not in covered and name != manifest.file
    ]


def _names(folder: Folder, prefix: str, depth: int) -> Iterator[str]:
    yield from (prefix + name for name in folder.files)
    if depth < 3:
        for name in folder.folders:
            if not name.startswith(".git"):
                below: Any = folder.enter(name)
                if below is not None:
                    yield from _names(below, f"{prefix}{name}/", depth + 1)
