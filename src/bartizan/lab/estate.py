"""What the lab consists of, as data, and the folder that is part of it."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bartizan.model.errors import RuleError
from bartizan.rules.case import Case, read_cases
from bartizan.rules.index import BUILT_IN
from bartizan.rules.sample import expand
from bartizan.syntax.strictyaml import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat endpoint that tells its system prompt to whoever asks for it."""

    model: str
    system: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Products to emulate (slugs of `packs/exposure`), files to write, MCP tools to offer, and a chat endpoint."""

    products: tuple[str, ...]
    files: dict[str, str]
    tools: tuple[dict[str, Any], ...]
    chat: Chat


def read_estate() -> Estate:
    """The estate that comes with the product."""
    return read_yaml(Path(__file__).with_name("estate.yaml"), Estate)


def exchanges(product: str) -> Case:
    """The recorded exchanges that make up an emulated product: the first case its fingerprint must match."""
    sheet = BUILT_IN / "exposure" / f"{product}.yaml"
    for cases in read_cases(sheet).values():
        for case in cases.must_match:
            if case.exchanges:
                return case
    raise RuleError(f"{sheet}: no recorded exchanges to emulate")


class _Inert:
    """Pickles to a call of `print`: a forbidden kind of content that does no harm."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("print('this would have run')",))


def write_folder(folder: Path, estate: Estate, seed: str) -> None:
    """Write the estate's files, with fake keys made from `seed`, and a pickle that would run code if loaded."""
    for name, text in estate.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(expand(text, f"{seed}/{name}"), "utf-8")
    model = folder / "models" / "classifier.pkl"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(pickle.dumps({"weights": [0.1, 0.2], "hook": _Inert()}))
