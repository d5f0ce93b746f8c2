"""Archives made by the real tools, for the tests."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping

import py7zr

from bartizan.model.blob import Blob, Buffer
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.location import Location
from bartizan.sources.archive import members
from bartizan.sources.budget import Limits
from bartizan.sources.format import sniff


def make_zip(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def make_tar(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mode = 0o640
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def make_7z(files: Mapping[str, bytes], password: str | None = None) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return out.getvalue()


def blob_of(data: Buffer, path: str = "a/box") -> Blob:
    return Blob(Location(path=path), data, sniff(path, data))


def opened(data: Buffer, path: str = "a/box", limits: Limits | None = None) -> tuple[dict[str, bytes], list[Coverage]]:
    """What is inside: content by member (empty for the blob's own place), and the complaints."""
    found: dict[str, bytes] = {}
    gaps: list[Coverage] = []
    for seen in members(blob_of(data, path), limits or Limits()):
        if isinstance(seen, Coverage):
            gaps.append(seen)
        elif isinstance(seen, Blob):
            found[seen.location.member or ""] = seen.bytes()
    return found, gaps


def failed(gaps: list[Coverage]) -> list[str]:
    return [f"{gap.target}: {gap.reason}" for gap in gaps if gap.outcome is Outcome.FAILED]
