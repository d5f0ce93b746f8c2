"""Source of servers: how many programs below the folders are reported, of what, and what it costs.

`python benchmarks/code.py FOLDER…` looks at each folder as one package and at the packages right below it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from bartizan.model.asset import Asset
from bartizan.model.finding import Finding
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.sensors.code.servers import Servers
from bartizan.sources.directory import Directory


def main(folders: list[str]) -> None:
    """Programs, those with a finding at medium or above, findings by rule, CPU seconds and megabytes of source."""
    sensor = Servers(Library(), Settings())
    programs = reported = 0
    rules: Counter[str] = Counter()
    start, size = time.process_time(), 0
    for folder in [below for each in folders for below in sorted(Path(each).iterdir()) if below.is_dir()]:
        seen = list(sensor.observe(Directory(str(folder), ".")))
        found = [each.rule for each in seen if isinstance(each, Finding) and each.severity.at_least(Severity.MEDIUM)]
        programs += any(isinstance(each, Asset) for each in seen)
        reported += bool(found)
        rules.update(found)
        size += sum(path.stat().st_size for path in folder.rglob("*") if path.suffix in (".py", ".ts", ".js", ".mjs"))
    spent = time.process_time() - start
    print(f"{programs} programs, {reported} reported; {spent:.1f} s of CPU, {size / 1e6:.1f} MB of source")
    for rule, number in rules.most_common():
        print(f"  {rule}: {number}")


if __name__ == "__main__":
    main(sys.argv[1:])
