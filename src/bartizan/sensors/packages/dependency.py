"""One package that a list or an environment names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A package in one ecosystem (the type of its purl: pypi, npm, golang, cargo, nuget, maven).

    `name` is in the ecosystem's normal form, `version` exact or empty, `constraint` what was written instead. `url`
    is set when it is not taken from an index; `line` counts from 1, 0 when not known. `digests` are `algorithm:hex`
    or as the lock file writes them. `installed` says that it is there and not only asked for.
    """

    ecosystem: str
    name: str
    version: str = ""
    constraint: str = ""
    line: int = 0
    url: str = ""
    digests: tuple[str, ...] = ()
    licence: str = ""
    direct: bool = False
    installed: bool = False

    @property
    def identity(self) -> str:
        """`ECOSYSTEM:NAME`."""
        return f"{self.ecosystem}:{self.name}"

    @property
    def purl(self) -> str:
        """The package URL; without a version when none is known."""
        path = "/".join(quote(part, safe="") for part in self.name.split("/"))
        return f"pkg:{self.ecosystem}/{path}" + (f"@{quote(self.version, safe='+')}" if self.version else "")


def normal_name(ecosystem: str, name: str) -> str:
    """The name as its ecosystem compares it (PEP 503 for PyPI; Go and NuGet ignore case)."""
    name = name.strip()
    if ecosystem == "pypi":
        return _SEPARATORS.sub("-", name).lower()
    return name.lower() if ecosystem in {"golang", "nuget"} else name
