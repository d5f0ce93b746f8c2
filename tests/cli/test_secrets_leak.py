"""No value of a secret leaves the scan by any way."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
import subprocess
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.sensors.secrets.conftest import ANTHROPIC, GROQ, OPENAI, fake

VALUES = [
    fake(OPENAI), fake(ANTHROPIC), fake(GROQ), fake("<<alnum 40>>", "cohere"), fake("AK<<join>>IA<<base32 16>>"),
    fake("<<alnum 32>>", "mistral"), fake("gh<<join>>p_<<crc 30>>"), fake("<<alnum 22>>", "password"),
]  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    openai, anthropic, groq, cohere, aws, mistral, github, password = VALUES
    root = tmp_path / "repo"
    root.mkdir()
    (root / ".env").write_text(f"A={openai}\nCOHERE_API_KEY={cohere}\n")
    (root / "k8s.yaml").write_text(f"kind: Secret\ndata:\n  k: {base64.b64encode(anthropic.encode()).decode()}\n")
    (root / "broken.json").write_text(f'{{"mistral": {{"api_key": "{mistral}"')
    (root / "notes.md").write_text(f"{aws} : {groq}\nname {github}={github}\n")
    (root / "mcp.json").write_text(
        f'{{"mcpServers": {{"db": {{"command": "x", "env": {{"DB_PASSWORD": "{password}"}}}}}}}}'
    )
    (root / "url.txt").write_text(f"postgres://svc:{password}@db1.acme.net/main\n")
    return root


def _pieces(value: str) -> list[str]:
    """Every stretch of 60 % of the value, and its encoded forms."""
    size = max(8, int(len(value) * 0.6))
    plain = [value[at : at + size] for at in range(len(value) - size + 1)]
    return [*plain, base64.b64encode(value.encode()).decode()[:40]]


def test_no_output_log_store_or_cache_holds_a_value(bartizan: Any, repository: Any, tmp_path: Any) -> None:
    out = tmp_path / "out"
    out.mkdir()
    names = [
        "r.json",
        "r.jsonl",
        "r.sarif",
        "r.cdx.json",
        "r.html",
        "r.csv",
        "r.md",
        "r.junit.xml",
        "r.ocsf.json",
        "r.stix.json",
    ]
    outputs = [argument for name in names for argument in ("--output", str(out / name))]
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}
    store = tmp_path / "store.db"
    runs = [
        bartizan("scan", repository, "--all", "--verbose", "--store", f"sqlite:///{store}", *outputs, **home),
        bartizan("scan", repository, "--format", "json", "--no-store", "--all", **home),
        bartizan("secrets", "verify", repository, "--format", "json", **home),
    ]
    assert runs[1].document["findings"]
    assert len(runs[1].document["findings"]) >= len(VALUES)
    texts = [text for ran in runs for text in (ran.out, ran.err)]
    files = [
        path
        for folder in (out, tmp_path / "data", Path(home["XDG_CACHE_HOME"]))
        for path in folder.rglob("*")
        if path.is_file()
    ]
    blobs = {str(path): path.read_bytes() for path in [*files, *tmp_path.glob("store.db*")]}
    assert len(blobs) > len(names)
    for value in VALUES:
        for piece in _pieces(value):
            assert not any(piece in text for text in texts)
            leaking = [name for name, raw in blobs.items() if piece.encode() in raw]
            assert leaking == []
    link = sqlite3.connect(store)
    link.close()


def test_an_error_does_not_tell_either(repository: Any) -> None:
    """Even a sensor that fails while it holds a value says nothing of it."""
    code = (
        "import bartizan.sensors.secrets.report as r\n"
        "def fail(self, sighting, place): raise ValueError('no luck')\n"
        "r.Report.observations = fail\n"
        "import sys\n"
        "options = ['--no-store', '--jobs', '1', '--format', 'json', '--only', 'secrets']\n"
        "sys.argv = ['bartizan', 'scan', sys.argv[1], *options]\n"
        "from bartizan.cli.main import main\nmain()\n"
    )
    done = subprocess.run([os.sys.executable, "-c", code, str(repository)], capture_output=True, text=True, check=False)  # type: ignore[attr-defined]
    assert done.returncode == 3
    for value in VALUES:
        assert not any(piece in done.stdout + done.stderr for piece in _pieces(value))


def test_no_page_of_the_pdf_holds_a_value(bartizan: Any, repository: Any, tmp_path: Any) -> None:
    """Neither the text that a reader extracts nor anything that the file's streams hold."""
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    out = tmp_path / "r.pdf"
    ran = bartizan("scan", repository, "--no-store", "--all", "--format", "json", "--output", str(out))
    reader = pypdf.PdfReader(out)
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    raw = out.read_bytes()
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", raw, re.DOTALL):
        with suppress(zlib.error):
            raw += zlib.decompress(match.group(1))
    assert len(ran.document["findings"]) >= len(VALUES)
    assert all(finding["id"][:8] in text for finding in ran.document["findings"])
    for value in VALUES:
        assert not any(piece in text or piece.encode() in raw for piece in _pieces(value))
