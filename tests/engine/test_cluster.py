"""The same scan on a Dask cluster of two workers gives the same findings, to the byte."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Ran

CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    input()
    cluster.close()
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a scheduler with two workers, each a process of its own."""
    script = tmp_path_factory.mktemp("cluster") / "cluster.py"
    script.write_text(CLUSTER)
    process = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.communicate("\n", timeout=60)


def test_findings_are_the_same_on_a_cluster(bartizan: Callable[..., Ran], scheduler: str, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for number in range(1200):
        place = folder / f"d{number % 20}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"m{number}.pkl").write_bytes(pickle.dumps(eval if number % 9 == 0 else [number]))

    def tables(*extra: str) -> str:
        ran = bartizan("scan", folder, "--no-store", "--only", "models", "--format", "json", *extra)
        assert ran.code == 0, ran.err
        return json.dumps([ran.document[name] for name in ("assets", "relations", "findings")])

    alone = tables("--jobs", "1")
    assert "models/pickle-dangerous-global" in alone
    assert tables("--engine", scheduler) == alone
    assert tables("--jobs", "2") == alone


def test_a_scheduler_that_does_not_answer_is_one_line(bartizan: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    ran = bartizan("scan", tmp_path, "--no-store", "--engine", "tcp://127.0.0.1:9")
    assert ran.code == 2
    assert len(ran.err.splitlines()) <= 2
    assert ran.err.startswith("bartizan: ")
