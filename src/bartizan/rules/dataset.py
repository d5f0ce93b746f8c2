"""What sheets of the artifacts domain hold: phrases that give orders to a model, personal data, risky formulas."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.rule import Rule
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A pattern that tells. `weight` 2 stands alone; of weight 1, two different phrases near each other count, unless
    both are `ordinary`: what training data for assistants is full of.
    """

    name: str
    pattern: Pattern
    weight: int = 1
    ordinary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalKind:
    """One kind of personal data. `check` is `luhn`, `iban`, or empty; `sensitive` kinds alone ask for action."""

    name: str
    pattern: Pattern
    check: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSheet:
    """One file of the domain.

    `orders` are phrases that address a model, `talk` those of a text that is about such attacks. `formulas` are
    cells that act when a spreadsheet opens them. `label_columns`, `digest_columns` and `content_columns` are names of
    columns (the last of addresses whose content belongs to the data set), `retrieval_folders` of folders whose texts
    are bound for retrieval.
    """

    rules: tuple[Rule, ...] = ()
    orders: tuple[Phrase, ...] = ()
    talk: tuple[Pattern, ...] = ()
    formulas: tuple[Phrase, ...] = ()
    personal: tuple[PersonalKind, ...] = ()
    label_columns: tuple[str, ...] = ()
    digest_columns: tuple[str, ...] = ()
    content_columns: tuple[str, ...] = ()
    retrieval_folders: tuple[str, ...] = ()
