"""CPU seconds to record and read back many findings: `python benchmarks/store.py [COUNT] [URL]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.scan import Scan, Status
from bartizan.model.severity import Confidence, Severity
from bartizan.store.store import open_store

BATCH = 5000


def made(count: int) -> list[Finding | Asset]:
    """As a scan makes them: an asset for every fourth finding, full evidence and remediation."""
    seen: list[Finding | Asset] = []
    for number in range(count):
        place = Location(
            path=f"services/team-{number % 97}/app/config/settings-{number}.env", line=number % 400 + 1, column=12
        )
        if number % 4 == 0:
            asset = Asset(
                AssetKind.CREDENTIAL, f"key {number}", place, {"provider": "openai", "fingerprint": f"{number:032x}"}
            )
            seen.append(asset)
        evidence = Evidence("text", f"OPENAI_API_KEY=sk-proj-…{number:04x} (fingerprint {number:032x})", "", place)
        seen.append(
            Finding(
                "secrets/openai-project",
                "OpenAI project key",
                Severity.HIGH,
                Confidence.FIRM,
                asset.id,
                place,
                (evidence,),
                ("LLM02:2025", "CWE-798"),
                ("https://platform.openai.com/docs/api-reference/authentication",),
                "Revoke the key with its provider, issue another, and keep it in a secret store.",
            )
        )
    return seen


def main() -> None:
    """Print the seconds of each step."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = tempfile.TemporaryDirectory()
    seen = made(count)
    start = time.process_time()
    store = open_store(sys.argv[2] if len(sys.argv) > 2 else str(Path(folder.name) / "store.db"))
    opened = time.process_time()
    key = store.begin(Scan(version="0", targets=("bench",)))
    for first in range(0, len(seen), BATCH):
        store.record(key, seen[first : first + BATCH])
    store.finish(key, Status.DONE)
    recorded = time.process_time()
    inventory = store.inventory(key)
    read = time.process_time()
    assert len(inventory.findings) == count
    size = sum(file.stat().st_size for file in Path(folder.name).iterdir()) / 1e6
    sys.stdout.write(
        f"{count} findings: open {opened - start:.2f} s, record {recorded - opened:.2f} s, "
        f"read {read - recorded:.2f} s\n"
        f"together {read - start:.2f} s of CPU; {size:.0f} MB on disk\n"
    )
    store.close()
    folder.cleanup()


if __name__ == "__main__":
    main()
