"""Every format by name and suffix: one line each. A format's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO

from bartizan.model.errors import UsageError
from bartizan.report.result import Result

Writer = Callable[[Result, BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """`home` is `module:function`, a function of a result and a binary stream."""

    name: str
    suffix: str
    home: str

    def load(self) -> Writer:
        """The function. Raises UsageError when an extra that it needs is missing."""
        module, _, function = self.home.partition(":")
        writer: Writer = getattr(import_module(f"bartizan.report.{module}"), function)
        return writer


FORMATS = (
    Format("table", ".txt", "table:write"),
    Format("json", ".json", "document:write"),
    Format("jsonl", ".jsonl", "lines:write"),
    Format("sarif", ".sarif", "sarif:write"),
    Format("html", ".html", "html:write"),
    Format("pdf", ".pdf", "pdf:write"),
    Format("csv", ".csv", "spreadsheet:write"),
    Format("md", ".md", "markdown:write"),
    Format("junit", ".junit.xml", "junit:write"),
    Format("cyclonedx", ".cdx.json", "cyclonedx:write"),
    Format("ocsf", ".ocsf.json", "ocsf:write"),
    Format("stix", ".stix.json", "stix:write"),
)


def format_named(name: str) -> Format:
    """The format of that name or suffix (`sarif`, `cdx.json`). Raises UsageError."""
    wanted = name.lower().lstrip(".")
    for form in FORMATS:
        if wanted in (form.name, form.suffix.lstrip(".")):
            return form
    raise UsageError(f"no format is called {name!r}", f"known are {', '.join(form.name for form in FORMATS)}")


def format_of(path: str) -> Format:
    """The format that a file's name asks for; the longest fitting suffix counts. Raises UsageError."""
    fitting = [form for form in FORMATS if path.lower().endswith(form.suffix)]
    if not fitting:
        suffixes = " ".join(form.suffix for form in FORMATS)
        raise UsageError(f"the name of {path!r} tells no format", f"it may end in {suffixes}")
    return max(fitting, key=lambda form: len(form.suffix))
