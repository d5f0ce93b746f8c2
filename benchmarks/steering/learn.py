"""Learn the table of `bartizan.rules.steering`.

python benchmarks/steering/learn.py SENTENCES… --honest FOLDER…    (scikit-learn is needed)

SENTENCES are JSON lines with `text` and `bad` (1 or 0), or with `windows`: the files beside this one. Of a text that is
bad somewhere, `span` quotes what makes it so; without it the likeliest windows are found while learning. Below
`--honest` lie public listings of tools (JSON) and instructions (Markdown) that count as honest; they are read for
learning and are not part of this repository. Every eleventh honest file is left out of learning, and how many of their
windows reach the marks is told.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from bartizan.rules.steering import features, windows

TABLE = Path(__file__).parents[2] / "src/bartizan/packs/steering.json"
CLOSE = 20.0
PER_FILE = 40
"""Windows taken of each honest Markdown file."""


def texts(node: Any) -> Iterator[str]:
    """Every string of a document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def cut(text: str) -> list[str]:
    """The windows of a text."""
    return list(windows(text))


def case_windows(case: dict[str, Any]) -> list[str]:
    """The windows of a written text; of a bad one those that share a sentence with what makes it bad."""
    found = case.get("windows") or cut(case["text"]) or [case["text"]]
    if case["bad"] and case.get("span"):
        spans = [case["span"]] if isinstance(case["span"], str) else case["span"]
        told = {window for span in spans for window in cut(span)}
        found = [window for window in found if any(part in window for part in told)] or found
    return found


def honest_files(folders: Iterable[Path]) -> Iterator[list[str]]:
    """The windows of each file."""
    chance = random.Random(5)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".md", ".mdc", ".json") or not path.is_file() or path.stat().st_size > 3_000_000:
                continue
            try:
                content = path.read_text("utf-8")
                found = (
                    [w for text in texts(json.loads(content)) for w in cut(text)]
                    if path.suffix == ".json"
                    else cut(content)
                )
            except ValueError:
                continue
            if path.suffix != ".json":
                chance.shuffle(found)
                found = found[:PER_FILE]
            yield found


class Learner:
    """A logistic regression over the features of windows."""

    def __init__(self, bags: list[list[str]], close: list[str], good: list[str]) -> None:
        """`close` are honest windows that somebody wrote to resemble bad ones: each counts as much as `CLOSE`."""
        good = list(dict.fromkeys((*close, *good)))
        self.counts = np.full(len(good), 1.0)
        self.counts[: len(set(close))] = CLOSE
        counted = Counter(name for window in (*good, *(w for bag in bags for w in bag)) for name in features(window))
        kept = [name for name, count in counted.items() if count > 1]
        total = len(good) + len(bags)
        self.rarity = {name: math.log(total / counted[name]) + 1 for name in kept}
        self.index = {name: number for number, name in enumerate(kept)}
        self.bags, self.good = bags, good
        self.good_rows = self.rows(good)

    def rows(self, found: list[str]) -> csr_matrix:
        """One row for each window."""
        data: list[float] = []
        columns: list[int] = []
        ends = [0]
        for window in found:
            names = features(window)
            size = math.sqrt(len(names)) or 1.0
            for name in names:
                if name in self.index:
                    columns.append(self.index[name])
                    data.append(self.rarity[name] / size)
            ends.append(len(data))
        return csr_matrix((data, columns, ends), shape=(len(found), len(self.index)))

    def learn(self, rounds: int = 3, strength: float = 0.05) -> LogisticRegression:
        """First from all windows of bad texts, then from the likeliest of each."""
        good = set(self.good)
        bad = [window for bag in self.bags for window in bag if window not in good]
        for _ in range(rounds):
            rows = self.rows(bad)
            weight = min(20.0, 0.3 * len(self.good) / len(bad))
            model = LogisticRegression(C=strength, solver="liblinear", max_iter=300)
            model.fit(
                vstack([rows, self.good_rows]).tocsr(),
                np.r_[np.ones(rows.shape[0]), np.zeros(len(self.good))],
                sample_weight=np.r_[np.full(rows.shape[0], weight), self.counts],
            )
            bad = [window for bag in self.bags for window in self._likeliest(model, [w for w in bag if w not in good])]
        return model

    def _likeliest(self, model: LogisticRegression, bag: list[str]) -> list[str]:
        if not bag:
            return []
        scores = model.decision_function(self.rows(bag))
        return [bag[at] for at in np.argsort(-scores)[:2] if scores[at] > scores.max() - 1]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sentences", nargs="+", type=Path)
    parser.add_argument("--honest", nargs="*", type=Path, default=[])
    parser.add_argument("--marks", nargs=3, type=float, default=(-0.5, 0.5, -1.0), help="report, prose and support")
    parser.add_argument("--keep", type=int, default=20_000, help="weights to keep")
    given = parser.parse_args()
    bags: list[list[str]] = []
    close: list[str] = []
    for path in given.sentences:
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            found = case_windows(case)
            if case["bad"]:
                bags.append(found)
            else:
                close += found
    files = list(honest_files(given.honest))
    aside = files[::11]
    good = [window for number, found in enumerate(files) if number % 11 for window in found]
    learner = Learner(bags, close, good)
    model = learner.learn()
    weights = {name: float(model.coef_[0][at] * learner.rarity[name]) for name, at in learner.index.items()}
    strongest = sorted(weights, key=lambda name: -abs(weights[name]))[: given.keep]
    table = {name: round(weights[name], 2) for name in sorted(strongest)}
    bias = float(model.intercept_[0])

    def score(window: str) -> float:
        names = features(window)
        return bias + sum(table.get(name, 0.0) for name in names) / math.sqrt(len(names) or 1)

    worst = sorted((score(window) for found in aside for window in found), reverse=True)
    print(f"{len(bags)} bad texts, {len(good)} honest windows; honest ones aside: {len(worst)}, highest {worst[:5]}")
    marks = dict(zip(("report", "prose", "support"), given.marks, strict=True))
    content = {"bias": round(bias, 3), **marks, "weights": table}
    TABLE.write_text(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace(',"', ',\n"') + "\n", "utf-8"
    )
    for name, mark in marks.items():
        print(f"{name} {mark}: {sum(score >= mark for score in worst) / len(worst):.5f} of the honest windows aside")


if __name__ == "__main__":
    main()
