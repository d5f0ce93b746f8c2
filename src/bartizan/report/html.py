"""One self-contained page that a person wants to read: nothing is loaded, and nothing in it can run."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bartizan.model.asset import Asset
from bartizan.model.coverage import Outcome
from bartizan.model.severity import Severity
from bartizan.report.result import Result
from bartizan.report.table import where
from bartizan.report.wording import one_line, several_lines
from bartizan.triage.ranking import Group, group

TEMPLATES = Path(__file__).parent / "templates"
FIRST = 8
"""How many groups stand under “Fix first”."""
_SHOWN = ("product", "version", "access", "category", "provider", "format", "license", "purl", "transport", "command")
"""Properties that are shown in the table of assets, where an asset has them; the others are in the JSON document."""


def write(result: Result, stream: BinaryIO) -> None:
    """The page, streamed."""
    template = _environment().get_template("report.html")
    stream.writelines(part.encode() for part in template.generate(page(result)))


def page(result: Result) -> dict[str, Any]:
    """What the template is filled with."""
    # The style and the script are files of ours; everything else goes through the autoescape.
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    groups = [folded for folded in group(result.findings) if folded.first.accepted is None]
    urgent = [folded for folded in groups if folded.first.finding.severity.at_least(Severity.MEDIUM)]
    inventory = result.inventory
    gaps = sorted(inventory.gaps, key=lambda gap: (gap.target, gap.sensor, gap.reason))
    return {
        "result": result,
        "scan": result.scan,
        "counts": result.counts(),
        "urgent": urgent[:FIRST],
        "more_urgent": max(len(urgent) - FIRST, 0),
        "actions": len(result.asking()),
        "assets": _by_kind(result),
        "names": {key: asset.name for key, asset in inventory.assets.items()},
        "findings_of": Counter(entry.finding.asset for entry in result.findings),
        "errors": inventory.errors(),
        "skipped": [gap for gap in gaps if gap.outcome is Outcome.SKIPPED],
        "outside": [gap for gap in gaps if gap.outcome is Outcome.OUT_OF_SCOPE],
        "checked": sorted(inventory.checked.items()),
        "style": Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        "script_hash": b64encode(sha256(script.encode()).digest()).decode(),
    }


def _by_kind(result: Result) -> list[tuple[str, list[tuple[str, Asset, str]]]]:
    """Assets by kind, each with its id and what is worth showing of its properties."""
    kinds: dict[str, list[tuple[str, Asset, str]]] = {}
    for key, asset in result.inventory.assets.items():
        kinds.setdefault(asset.kind.value, []).append((key, asset, _properties(asset)))
    return [(kind, sorted(kinds[kind], key=lambda row: (row[1].name, row[0]))) for kind in sorted(kinds)]


def _properties(asset: Asset) -> str:
    shown = [(name, asset.properties[name]) for name in _SHOWN if asset.properties.get(name) not in (None, "", [])]
    return " · ".join(f"{name} {value}" for name, value in shown if isinstance(value, str | int | float))


def _places(folded: Group, limit: int = 3) -> str:
    places = list(dict.fromkeys(where(entry) for entry in folded.members))
    more = f" and {len(places) - limit} more places" if len(places) > limit else ""
    return ", ".join(places[:limit]) + more


def _link(reference: str) -> Markup:
    """A reference as a link when it is one, an advisory's id or a CWE with its page; else as text."""
    text = Markup.escape(one_line(reference))
    if not reference.startswith(("https://", "http://")) or any(character.isspace() for character in reference):
        return text
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(one_line(reference), text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        where=where, places=_places, lines=lambda text: Markup.escape(several_lines(text)), link=_link
    )
    return environment


def _shown(value: Any) -> Any:
    return one_line(value) if type(value) is str else value
