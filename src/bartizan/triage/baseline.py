"""What was known before: an earlier result, compared by ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bartizan.model.errors import UsageError

LIMIT = 2 << 30
"""Bytes of the largest baseline that is read."""


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of the earlier result, as far as it is needed to name it."""

    id: str
    rule: str = ""
    title: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class _Document:
    schema: str
    findings: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Findings by id."""

    known: Mapping[str, Known]

    def status(self, finding: str) -> str:
        """`known` or `new`."""
        return "known" if finding in self.known else "new"

    def fixed(self, present: Collection[str]) -> list[Known]:
        """What the baseline holds and the present result does not, in the order of ids."""
        return [self.known[key] for key in sorted(self.known) if key not in present]


def read_baseline(path: Path) -> Baseline:
    """Read a result document (`--format json`). Raises UsageError when it is none."""
    try:
        if path.stat().st_size > LIMIT:
            raise UsageError(f"the baseline {path} is too large")
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
    except OSError as error:
        raise UsageError(f"cannot read the baseline {path}", error.strerror or str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the baseline {path} is no result of `--format json`", str(error)) from error
    if document.schema != "bartizan/1":
        raise UsageError(f"the baseline {path} has the schema {document.schema!r}, not bartizan/1")
    return Baseline({known.id: known for known in document.findings})
