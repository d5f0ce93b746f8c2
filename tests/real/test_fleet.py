"""Every real server of the fleet that is installed is named rightly: `pytest -m slow tests/real` with $FLEET set."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("fleet", Path(__file__).with_name("fleet.py"))
assert _spec
assert _spec.loader
fleet: Any = importlib.util.module_from_spec(_spec)
sys.modules["fleet"] = fleet
_spec.loader.exec_module(fleet)


@pytest.mark.slow
@pytest.mark.parametrize("entry", fleet.SERVERS, ids=lambda entry: entry["name"])
def test_a_real_server_is_named_rightly(entry: dict[str, Any]) -> None:
    server = fleet.Server(entry)
    if not server.is_here():
        pytest.skip("not installed")
    with server.running() as port:
        assets, asked = fleet.look(port)
    assert fleet.compare(server, assets) == []
    assert len(asked) <= 15


def test_the_fleet_is_written_down_completely() -> None:
    from bartizan.rules.library import Library
    from bartizan.rules.product import Product

    slugs = {product.slug for product in Library().sheets(Product)}
    for entry in fleet.SERVERS:
        assert entry["product"] in slugs | {""}
        assert "{port}" in entry["run"] + str(entry.get("env")) + str(entry.get("files")), entry["name"]
        assert {"venv", "npm", "program"} & set(entry), entry["name"]
