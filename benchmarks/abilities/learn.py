"""Learn the table of `bartizan.rules.ability`.

python benchmarks/abilities/learn.py [--listed FILE] [--held]    (scikit-learn is needed)

`tools.txt` and `phrases.txt` beside this file hold made-up tools with what they can do. `--listed` adds labelled tools
of real servers, which are not part of this repository: a JSON list of objects with `server`, `name`, `description`,
`parameters` and `label`. With `--held` one half of the servers is left out of learning, how well their tools are read
is told, and the table stays as it is.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bartizan.rules.ability import ABILITIES, Abilities, Table, features
from bartizan.rules.library import Library
from bartizan.rules.mcp import OfferFacts, offer_facts

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "src/bartizan/packs/abilities.json"
LETTERS = "UPXWE"
MARKS = (0.6, 0.6, 0.6, 0.6, 0.5)
STRENGTH = 1.0
BARE = 0.4
"""What a tool counts once more without its parameters."""
PHRASES = 0.5
LEAST_SEEN, LEAST_WEIGHT = 3, 0.05


@dataclass(frozen=True)
class Labelled:
    """A tool and the letters of what it can do; `weight` is what it counts in learning."""

    server: str
    name: str
    text: str
    parameters: tuple[str, ...]
    label: str
    weight: float = 1.0

    @property
    def held(self) -> bool:
        """Whether its server is of the half that is left out."""
        return zlib.crc32(self.server.encode()) % 2 == 1


def read_lines(path: Path, weight: float = 1.0) -> list[Labelled]:
    """The tools of a text file, one a line."""
    tools = []
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            server, name, text, parameters, label = line.split("|")
            given = tuple(word for word in parameters.split(",") if word)
            tools.append(Labelled(server, name, text, given, label, weight))
    return tools


def read_listed(path: Path) -> list[Labelled]:
    """The tools of a JSON list."""
    return [
        Labelled(tool["server"], tool["name"], tool["description"], tuple(map(str, tool["parameters"])), tool["label"])
        for tool in json.loads(path.read_text("utf-8"))
    ]


def scale(feature: str) -> float:
    """Words and pairs count less than senses, so that what is common to many tools is learnt first."""
    if feature[1] == "=":
        return 0.5
    return 0.6 if "+" in feature or ">" in feature else 1.0


def learn(tools: Iterable[Labelled], facts: OfferFacts) -> Table:
    """A logistic regression for each ability; tools that may be either way for it are left out of it."""
    every = [case for tool in tools for case in _with_bare(tool)]
    seen = [features(tool.name, tool.text, tool.parameters, facts.abilities.senses) for tool in every]
    counted = Counter(name for names in seen for name in names)
    index = {name: place for place, name in enumerate(sorted(n for n in counted if counted[n] >= LEAST_SEEN))}
    cells = [(row, index[name], scale(name)) for row, names in enumerate(seen) for name in names if name in index]
    rows, columns, values = zip(*cells, strict=True)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(every), len(index)))
    weights, bias = np.zeros((len(index), len(LETTERS))), []
    for place, letter in enumerate(LETTERS):
        use = [row for row, tool in enumerate(every) if letter.lower() not in tool.label]
        rare = {1: 4.0 if letter == "E" else 2.0, 0: 1.0}
        model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=500, class_weight=rare)
        able = np.array([letter in every[row].label for row in use])
        model.fit(matrix[use], able, sample_weight=np.array([every[row].weight for row in use]))
        bias.append(round(float(model.intercept_[0]), 3))
        weights[:, place] = model.coef_[0]
    learnt = {
        name: tuple(round(float(weight) * scale(name), 2) for weight in weights[place])
        for name, place in index.items()
        if max(abs(weights[place])) * scale(name) >= LEAST_WEIGHT
    }
    return Table(tuple(bias), MARKS, learnt)


def _with_bare(tool: Labelled) -> list[Labelled]:
    bare = [replace(tool, parameters=(), weight=tool.weight * BARE)] if tool.parameters else []
    named = len(tool.name.replace("-", "_").split("_")) > 1 and bool(tool.text)
    return [tool, *bare, *([replace(tool, text="", weight=tool.weight * BARE / 2)] if named else [])]


def tell(tools: list[Labelled], abilities: Abilities) -> None:
    """Precision and recall for each ability."""
    for letter, ability in zip(LETTERS, ABILITIES, strict=True):
        outcomes = Counter(
            (letter in tool.label, ability in abilities.of(tool.name, tool.text, tool.parameters, {}))
            for tool in tools
            if letter.lower() not in tool.label
        )
        right, missed, false = outcomes[True, True], outcomes[True, False], outcomes[False, True]
        print(
            f"  {ability:10s} precision {right / max(1, right + false):.2f} recall {right / max(1, right + missed):.2f}"
            f" ({right} found, {missed} missed, {false} false of {false + outcomes[False, False]})"
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listed", type=Path)
    parser.add_argument("--held", action="store_true")
    given = parser.parse_args()
    facts = offer_facts(Library())
    made, phrases = read_lines(HERE / "tools.txt"), read_lines(HERE / "phrases.txt", PHRASES)
    listed = read_listed(given.listed) if given.listed else []
    if given.held:
        table = learn([*(tool for tool in (*made, *listed) if not tool.held), *phrases], facts)
        for what, tools in (("made up", made), ("listed", listed)):
            held = [tool for tool in tools if tool.held]
            print(f"{len(held)} tools {what}, of servers left out:")
            tell(held, Abilities(table, facts.abilities.senses))
        return
    table = learn([*made, *listed, *phrases], facts)
    content = {"bias": table.bias, "marks": table.marks, "weights": table.weights}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    TABLE.write_text(text.replace('],"', '],\n"') + "\n", "utf-8")
    print(f"{len(table.weights)} features, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
