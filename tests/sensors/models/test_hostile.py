"""Hostile artefacts: every case of the packs cut at every byte and with every byte changed, and nothing happens."""

from __future__ import annotations

import random
from base64 import b64decode
from typing import Any

import pytest

from bartizan.rules.case import Case, read_cases
from bartizan.rules.index import BUILT_IN
from bartizan.rules.model import ModelSheet
from bartizan.syntax.strictyaml import read_yaml

SHEETS = sorted(path for path in (BUILT_IN / "models").glob("*.yaml") if not path.name.endswith(".cases.yaml"))


def artefacts() -> list[tuple[str, str, bytes]]:
    """Name of the case, path and content, one of each rule and format."""
    found: dict[bytes, tuple[str, str, bytes]] = {}
    for sheet in SHEETS:
        names = tuple(rule.id for rule in read_yaml(sheet, ModelSheet).rules)
        for rule, cases in read_cases(sheet, names).items() if names else ():
            for case in cases.must_match:
                data = content(case)
                if data:
                    found.setdefault(data, (f"{rule.partition('/')[2]}-{case.name}", case.path, data))
    return list(found.values())


def content(case: Case) -> bytes:
    return b64decode(case.base64) if case.base64 else (case.text or "").encode()


ARTEFACTS = artefacts()


@pytest.mark.parametrize(("label", "path", "data"), ARTEFACTS, ids=[label for label, _, _ in ARTEFACTS])
def test_cut_and_changed_artefacts_are_survived(look: Any, label: str, path: str, data: bytes) -> None:
    step = max(1, len(data) // 150)
    source = random.Random(label)
    for length in range(0, len(data), step):
        look(path, data[:length])
        changed = bytearray(data)
        changed[length] ^= 1 << source.randrange(8)
        look(path, bytes(changed))


def test_artefacts_of_all_formats_are_among_them() -> None:
    suffixes = {path.rpartition(".")[2] for _, path, _ in ARTEFACTS}
    assert suffixes >= {
        "pkl",
        "pt",
        "npy",
        "keras",
        "gguf",
        "safetensors",
        "onnx",
        "pb",
        "tflite",
        "rds",
        "skops",
        "pmml",
    }
