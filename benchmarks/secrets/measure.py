"""Precision, recall and naming of `bartizan scan` on a labelled corpus.

python benchmarks/secrets/measure.py FOLDER        (after corpus.py or places.py)
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
from pathlib import Path


def scan(folder: Path) -> dict[str, object]:
    """The JSON document of a scan without a store."""
    command = [
        sys.executable,
        "-m",
        "bartizan",
        "scan",
        str(folder),
        "--only",
        "secrets",
        "--no-store",
        "--format",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr)
    document: dict[str, object] = json.loads(done.stdout)
    return document


def main() -> None:
    """Command line."""
    folder = Path(sys.argv[1])
    labels = json.loads(Path(f"{folder}.labels.json").read_text())
    document = scan(folder)
    assets = {asset["id"]: asset for asset in document["assets"]}
    found = collections.defaultdict(list)
    for finding in document["findings"]:
        place = finding["location"]
        found["!".join(filter(None, (place.get("path"), place.get("member"))))].append(finding)
    paths = {label["path"]: label for label in labels}
    hits: list[dict[str, str]] = []
    missed, misnamed = [], []
    named = 0
    for label in labels:
        here = found.get(label["path"], [])
        if not here:
            missed.append(label)
            continue
        hits.append(label)
        providers = [set(assets[finding["asset"]]["properties"].get("providers", [])) for finding in here]
        right = any(label["provider"] in names and len(names) == 1 for names in providers)
        named += right
        if not right:
            misnamed.append((label, [finding["rule"] for finding in here], providers))
    false = [finding for path, here in found.items() for finding in (here if path not in paths else here[1:])]
    total = sum(len(here) for here in found.values())
    print(f"planted {len(labels)}  found {len(hits)}  findings {total}  false {len(false)}")
    print(
        f"precision {1 - len(false) / max(total, 1):.4f}  recall {len(hits) / len(labels):.4f}  naming {named / max(len(hits), 1):.4f}"
    )
    for group in sorted({label["by"] for label in labels}):
        all_of = [label for label in labels if label["by"] == group]
        print(f"  {group}: recall {sum(label in hits for label in all_of) / len(all_of):.4f} of {len(all_of)}")
    if "-v" in sys.argv:
        for label in missed:
            print("missed", label["id"], label["syntax"], label["path"])
        for label, rules, providers in misnamed:
            print("misnamed", label["id"], label["syntax"], rules, providers, label["path"])
        for finding in false:
            print("false", finding["rule"], finding["location"], finding["evidence"][0]["summary"])


if __name__ == "__main__":
    main()
