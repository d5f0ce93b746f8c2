"""One thing in several places is one asset, and the document names all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema

from bartizan.rules.sample import expand
from tests.conftest import Ran


def test_an_asset_names_all_its_places(bartizan: Callable[..., Ran], tmp_path: Path) -> None:
    folder, store = tmp_path / "folder", tmp_path / "store.db"
    key = expand("OPENAI_API_KEY=sk-proj-<<alnum 74>>T3BlbkFJ<<alnum 74>>\n", "locations")
    for name in ("b", "a", "c"):
        (folder / name).mkdir(parents=True)
        (folder / name / ".env").write_text(key, "utf-8")
    ran = bartizan("scan", folder, "--only", "secrets", "--store", store, "--format", "json")
    jsonschema.validate(ran.document, json.loads(bartizan("schema").out))
    assets = {asset["kind"]: asset for asset in ran.document["assets"]}
    places = assets["credential"]["locations"]
    assert [place["path"] for place in places] == ["a/.env", "b/.env", "c/.env"]
    assert places[0] == assets["credential"]["location"]
    assert "locations" not in assets["ai-service"]
    listed = json.loads(bartizan("assets", "list", "--store", store, "--format", "json").out)
    kept = {asset["kind"]: asset for asset in listed}
    assert kept["credential"]["locations"] == places
