"""What changed between two revisions of a model: files, structure, code, templates, names a pickle needs, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.severity import Severity

_KINDS = (AssetKind.MODEL_FILE, AssetKind.REPOSITORY)
_TABLES = {"chat_templates": "chat template", "code": "code"}
_LISTS = {"globals": "needs", "architectures": "architecture"}
_FACTS = ("format", "framework", "verdict", "tensors", "nodes", "operators", "license", "base_model", "signed")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs at one path. `kind` is `added`, `removed` or `changed`."""

    path: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two revisions; findings by what is new and what is gone."""

    changes: tuple[Change, ...]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]

    def worst(self) -> Severity | None:
        """The severity of the worst new finding; None when there is none."""
        return max((finding.severity for finding in self.new), key=lambda severity: severity.rank, default=None)


def compare(before: Inventory, after: Inventory) -> Difference:
    """Compare two inventories of the same model by path, rule and proof.

    Two single files are two revisions of one, whatever they are called.
    """
    old, new = _artefacts(before), _artefacts(after)
    single = len(old) == len(new) == 1
    if single:
        old = dict(zip(new, old.values(), strict=True))
    changes = tuple(
        change for place in sorted({*old, *new}) for change in _changes(place, old.get(place), new.get(place))
    )
    known, present = _findings(before, single), _findings(after, single)
    return Difference(
        changes,
        tuple(finding for key, finding in sorted(present.items()) if key not in known),
        tuple(finding for key, finding in sorted(known.items()) if key not in present),
    )


def _artefacts(inventory: Inventory) -> dict[str, Asset]:
    return {
        f"{asset.location}" + ("/" if asset.kind is AssetKind.REPOSITORY else ""): asset
        for asset in inventory.assets.values()
        if asset.kind in _KINDS
    }


def _findings(inventory: Inventory, single: bool) -> dict[tuple[str, str, str], Finding]:
    found: dict[tuple[str, str, str], Finding] = {}
    for finding in inventory.findings.values():
        member = finding.location.member or ""
        found[finding.rule, member if single else f"{finding.location.path}!{member}", finding.proof] = finding
    return found


def _changes(path: str, old: Asset | None, new: Asset | None) -> Iterator[Change]:
    if old is None or new is None:
        there = old or new
        if there is not None:
            kind = "removed" if new is None else "added"
            yield Change(path, kind, str(there.properties.get("format") or there.kind))
        return
    one, two = old.properties, new.properties
    for name in _FACTS:
        if one.get(name) != two.get(name):
            yield Change(path, "changed", f"{name} {_shown(one.get(name))} -> {_shown(two.get(name))}")
    for name, word in _LISTS.items():
        before, after = _texts(one.get(name)), _texts(two.get(name))
        yield from (Change(path, "added", f"{word} {text}") for text in sorted(after - before))
        yield from (Change(path, "removed", f"{word} {text}") for text in sorted(before - after))
    for name, word in _TABLES.items():
        yield from _table_changes(path, word, one.get(name) or {}, two.get(name) or {})
    if one.get("structure") != two.get("structure"):
        yield Change(path, "changed", "names, types or shapes of tensors")
    if one.get("sha256") != two.get("sha256"):
        yield Change(path, "changed", f"content {_shown(one.get('sha256'))[:12]} -> {_shown(two.get('sha256'))[:12]}")


def _table_changes(path: str, word: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            kind = "added" if key not in old else "removed" if key not in new else "changed"
            yield Change(path, kind, f"{word} {key}")


def _texts(value: Any) -> set[str]:
    return {str(item) for item in value} if isinstance(value, Iterable) and not isinstance(value, str) else set()


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
