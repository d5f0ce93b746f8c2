"""Which files of a skill work together."""

from __future__ import annotations

from bartizan.sensors.skills.tie import ties


def test_files_are_tied_by_imports_and_by_a_third() -> None:
    texts = {
        "main.ts": 'import { a } from "./lib/read";\nimport { b } from "./lib/send";\n',
        "lib/read.ts": "export const a = 1;\n",
        "lib/send.ts": "export const b = 1;\n",
        "alone.ts": "import fs from 'fs';\n",
    }
    found = ties(texts, texts)
    assert found["lib/read.ts"] == {"main.ts", "lib/send.ts"}
    assert found["alone.ts"] == frozenset()


def test_a_script_that_starts_another_is_tied_to_it() -> None:
    found = ties({"go.sh": "python3 $HERE/collect.py\n", "collect.py": "import json\n"}, ["go.sh", "collect.py"])
    assert found["collect.py"] == {"go.sh"}
