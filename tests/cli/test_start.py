"""What a scan costs before it looks at anything."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Ran


def test_an_empty_folder_costs_little(bartizan: Callable[..., Ran], tmp_path: Path) -> None:
    arguments = ("scan", tmp_path, "--no-store")
    bartizan(*arguments)  # compiles the rules, once for all tests
    costs = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert bartizan(*arguments).code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(costs) < 0.45  # 0.27 s of CPU when nobody else is busy
