"""Bartizan and its peers on the same artefacts, as one table.

    python benchmarks/models/benign.py GOOD TAG        in each environment with model libraries
    python benchmarks/models/malicious.py BAD
    python benchmarks/models/peer.py TOOL GOOD TOOL-benign.json     in each tool's environment, and for BAD
    python benchmarks/models/compare.py BAD GOOD PEERS

An artefact is a file or folder directly below BAD or GOOD; `alarm` is a finding of medium or worse.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

TOOLS = ("bartizan", "picklescan", "modelscan", "fickling", "modelaudit")


def bartizan(folder: str) -> tuple[dict[str, str], float]:
    """Verdicts of one scan of the folder, and its CPU seconds, start-up included."""
    command = [
        sys.executable,
        "-m",
        "bartizan",
        "scan",
        folder,
        "--only",
        "models",
        "--no-store",
        "--format",
        "json",
        "--jobs",
        "1",
    ]
    before = os.times()
    document = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
    after = os.times()
    verdicts = dict.fromkeys(os.listdir(folder), "unknown")
    for asset in document["assets"]:
        name = asset["location"]["path"].split("/")[0]
        if asset["properties"].get("verdict") != "unknown" and verdicts.get(name) == "unknown":
            verdicts[name] = "clean"
    for name in verdicts:
        if verdicts[name] == "unknown" and not any(error["target"].startswith(name) for error in document["errors"]):
            looked = any(
                asset["properties"].get("verdict") == "unknown" and asset["location"]["path"].startswith(name)
                for asset in document["assets"]
            )
            verdicts[name] = "unknown" if looked else "clean"
    for finding in document["findings"]:
        if finding["severity"] in ("medium", "high", "critical"):
            verdicts[finding["location"]["path"].split("/")[0]] = "alarm"
    return verdicts, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    bad, good, peers = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    print("| tool | malicious found | malicious and vulnerable | false alarms | unknown on benign | CPU, both sets |")
    print("|---|---|---|---|---|---|")
    for tool in TOOLS:
        tables = []
        seconds = 0.0
        for kind, folder in (("bad", bad), ("benign", good)):
            path = peers / f"{tool}-{kind}.json"
            if tool == "bartizan":
                verdicts, cost = bartizan(folder)
            elif path.is_file():
                stored = json.loads(path.read_text())
                verdicts, cost = stored["verdicts"], stored["seconds"]
            else:
                break
            tables.append(verdicts)
            seconds += cost
        else:
            print(row(tool, *tables, seconds))


def row(tool: str, bad: dict[str, str], good: dict[str, str], seconds: float) -> str:
    malicious = [verdict for name, verdict in bad.items() if name.startswith("bad-")]
    found, every = malicious.count("alarm"), list(bad.values())
    alarms, unknown = list(good.values()).count("alarm"), list(good.values()).count("unknown")
    return (
        f"| {tool} | {found}/{len(malicious)} ({found / len(malicious):.1%}) | {every.count('alarm')}/{len(every)} "
        f"({every.count('alarm') / len(every):.1%}) | {alarms}/{len(good)} ({alarms / len(good):.1%}) "
        f"| {unknown}/{len(good)} ({unknown / len(good):.1%}) | {seconds:.1f} s |"
    )


if __name__ == "__main__":
    main()
