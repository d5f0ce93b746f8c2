"""CPU seconds and size of each format for many findings: `python -m benchmarks.report [COUNT]`."""

from __future__ import annotations

import io
import sys
import time

from benchmarks.store import made

from bartizan.model.asset import Asset
from bartizan.model.inventory import Inventory
from bartizan.model.scan import Scan
from bartizan.report.format import FORMATS
from bartizan.report.result import make_result


def main() -> None:
    """One line for each format that needs no extra."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    inventory = Inventory()
    inventory.add(made(count))
    assert any(isinstance(asset, Asset) for asset in inventory.assets.values())
    start = time.process_time()
    result = make_result(Scan(version="0"), inventory)
    sys.stdout.write(f"ranking    {time.process_time() - start:5.2f} s\n")
    for form in FORMATS:
        if form.name != "pdf":
            write, stream = form.load(), io.BytesIO()
            start = time.process_time()
            write(result, stream)
            sys.stdout.write(f"{form.name:<10} {time.process_time() - start:5.2f} s {stream.tell() / 1e6:6.1f} MB\n")


if __name__ == "__main__":
    main()
