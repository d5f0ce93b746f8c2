"""Puts observations into other words; what speaks of an asset stays with it when its name, and so its id, changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bartizan.model.asset import Asset
from bartizan.model.finding import Finding
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation


def reworded(seen: Iterable[Observation], reword: Callable[[Observation], Observation]) -> list[Observation]:
    """Each observation as `reword` gives it back; findings and relations name the assets by their new ids."""
    said: list[Observation] = []
    renamed: dict[str, str] = {}
    for item in seen:
        shown = reword(item)
        if isinstance(item, Asset) and isinstance(shown, Asset) and item.id != shown.id:
            renamed[item.id] = shown.id
        said.append(shown)
    return [_follow(item, renamed) for item in said] if renamed else said


def _follow(item: Observation, renamed: Mapping[str, str]) -> Observation:
    if isinstance(item, Finding) and item.asset in renamed:
        return replace(item, asset=renamed[item.asset])
    if isinstance(item, Relation) and (item.source in renamed or item.target in renamed):
        return replace(item, source=renamed.get(item.source, item.source), target=renamed.get(item.target, item.target))
    return item
