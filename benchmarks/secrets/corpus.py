"""Builds a labelled corpus: small repositories with planted fake keys in every syntax, and many decoys.

    python benchmarks/secrets/corpus.py FOLDER [SEED]

writes the tree and `FOLDER.labels.json`, a list of `{path, id, provider, by, syntax, sha}`.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

import yaml
from decoys import write_decoys
from syntaxes import SYNTAXES, Plant

from bartizan.rules.sample import expand

HERE = Path(__file__).parent


def kinds() -> list[dict[str, Any]]:
    """What can be planted."""
    rows: list[dict[str, Any]] = yaml.safe_load((HERE / "kinds.yaml").read_text())
    return rows


def plants(source: random.Random, copies: int) -> list[Plant]:
    """`copies` values of each kind."""
    made = []
    for row in kinds():
        for number in range(copies):
            value = expand(
                row["value"].replace("NONCE", str(source.random())), f"{row['id']}-{number}-{source.random()}"
            )
            made.append(Plant(row["id"], row["provider"], row["name"], value, row["host"], row["by"]))
    return made


def build(folder: Path, seed: int = 1, copies: int = 6) -> list[dict[str, str]]:
    """Write the corpus and give its labels."""
    source = random.Random(seed)
    labels = []
    for number, plant in enumerate(plants(source, copies)):
        syntax = SYNTAXES[(number * 7 + source.randrange(len(SYNTAXES))) % len(SYNTAXES)]
        path, text = syntax(plant, source)
        file = folder / f"repo{number % 40:02d}" / f"p{number:04d}" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        labels.append(
            {
                "path": str(file.relative_to(folder)),
                "id": plant.id,
                "provider": plant.provider,
                "by": plant.by,
                "syntax": syntax.__name__,
                "sha": hashlib.sha256(plant.value.encode()).hexdigest()[:12],
            }
        )
    write_decoys(folder / "decoys", [row["name"] for row in kinds()], source)
    return labels


def main() -> None:
    """Command line."""
    folder = Path(sys.argv[1])
    labels = build(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    Path(f"{folder}.labels.json").write_text(json.dumps(labels, indent=1))
    print(f"{len(labels)} keys planted in {folder}")


if __name__ == "__main__":
    main()
