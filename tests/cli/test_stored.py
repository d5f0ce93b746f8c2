"""The commands about the store, on a store that scans have filled."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from bartizan.cli.main import main
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.path import Path as Way
from bartizan.model.path import Step
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.scan import Scan, Status
from bartizan.model.severity import Confidence, Severity
from bartizan.store.store import open_store
from tests.conftest import Ran

Bartizan = Callable[..., Ran]

HOST = Asset(AssetKind.HOST, "h", Location(host="10.0.0.5"))
SERVICE = Asset(
    AssetKind.AI_SERVICE, "ollama", Location(host="10.0.0.5", port=11434), {"product": "ollama", "access": "open"}
)
OPEN = Finding(
    "exposure/ollama-unauthenticated",
    "Ollama answers anybody",
    Severity.HIGH,
    Confidence.CERTAIN,
    SERVICE.id,
    SERVICE.location,
    (Evidence("exchange", "GET /api/tags answered 200", "GET /api/tags\n200 OK\x1b[2J"),),
    remediation="Bind it to loopback.",
)
FACT = replace(OPEN, rule="posture/fact", title="A fact", severity=Severity.INFO, remediation="")
GONE = replace(OPEN, rule="exposure/gone", title="Was there once")


@pytest.fixture(name="bartizan")
def quick(bartizan: Bartizan, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """The command line in this process, where starting one would cost more than the command; scans get their own."""

    def run(*arguments: str | Path, **more: Any) -> Ran:
        if arguments[0] == "scan":
            return bartizan(*arguments, **more)
        monkeypatch.setattr(sys, "argv", ["bartizan", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        out, err = capfd.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two scans of the same target: the second no longer sees one finding; and one scan of another target."""
    with open_store(str(tmp_path / "s.db")) as opened:
        edge = Relation(RelationKind.RUNS_ON, SERVICE.id, HOST.id)
        scans: list[tuple[tuple[str, ...], list[Observation]]] = [
            (("10.0.0.5",), [HOST, SERVICE, edge, OPEN, FACT, GONE]),
            (("10.0.0.5",), [HOST, SERVICE, edge, OPEN, FACT]),
            (("/srv",), [HOST]),
        ]
        for targets, seen in scans:
            key = opened.begin(Scan(version="0.1.0", targets=targets))
            opened.record(key, seen)
            ways = [Way("From the net to the GPU", 77.0, (Step(SERVICE.id, finding=OPEN.id, text="anybody may ask"),))]
            opened.finish(key, Status.DONE, paths=ways if SERVICE in seen else ())
    return tmp_path / "s.db"


def test_findings_are_listed_worst_first(bartizan: Bartizan, store: Path) -> None:
    ran = bartizan("findings", "list", "--store", store)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0].split() == ["ID", "RISK", "SEVERITY", "RULE", "WHERE", "SINCE"]
    assert [line.split()[3] for line in lines[1:]] == [OPEN.rule, FACT.rule]
    assert lines[1].startswith(OPEN.id[:12])


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (["--severity", "high"], {OPEN.rule}),
        (["--rule", "posture/*"], {FACT.rule}),
        (["--scan", "last"], set()),
        (["--rule", "none/*"], set()),
    ],
)
def test_findings_are_narrowed(bartizan: Bartizan, store: Path, options: list[str], rules: set[str]) -> None:
    ran = bartizan("findings", "list", "--store", store, "--format", "json", *options)
    assert {found["rule"] for found in ran.document["findings"]} == rules
    text = bartizan("findings", "list", "--store", store, *options).out
    assert ("No finding fits." in text) is not bool(rules)


def test_one_finding_is_shown_with_its_evidence(bartizan: Bartizan, store: Path) -> None:
    ran = bartizan("findings", "show", OPEN.id[:6].upper(), "--store", store)
    assert ran.code == 0
    for part in (
        OPEN.title,
        OPEN.rule,
        "10.0.0.5:11434",
        "ai-service ollama",
        "GET /api/tags answered 200",
        "Bind it to",
    ):
        assert part in ran.out
    assert "200 OK\\x1b[2J" in ran.out
    assert "no longer there" not in ran.out
    assert ": no longer there" in bartizan("findings", "show", GONE.id, "--store", store).out


def test_accepting_shows_everywhere_and_can_be_taken_back(bartizan: Bartizan, store: Path) -> None:
    ran = bartizan(
        "findings",
        "accept",
        OPEN.id[:8],
        "--reason",
        " lab only ",
        "--until",
        "2999-12-31",
        "--by",
        "ada",
        "--store",
        store,
    )
    assert (ran.code, ran.out) == (0, f"accepted {OPEN.id} until 2999-12-31\n")
    assert "accepted" in bartizan("findings", "list", "--store", store).out
    assert OPEN.rule not in bartizan("findings", "list", "--no-accepted", "--store", store).out
    assert "lab only (ada) until 2999-12-31" in bartizan("findings", "show", OPEN.id, "--store", store).out
    assert "1 accepted" in bartizan("report", "--store", store).out
    listed = bartizan("findings", "accepted", "--store", store).out.splitlines()
    assert listed[1].split() == [OPEN.id[:12], "in", "force", "2999-12-31", "ada", "lab", "only"]
    assert bartizan("findings", "withdraw", OPEN.id[:8], "--store", store).out == f"withdrawn {OPEN.id}\n"
    assert bartizan("findings", "accepted", "--store", store).out == "Nothing is accepted.\n"


def test_an_acceptance_of_what_is_gone_is_unused(bartizan: Bartizan, store: Path) -> None:
    bartizan("findings", "accept", GONE.id, "--reason", "r", "--store", store)
    assert "unused" in bartizan("findings", "accepted", "--store", store).out
    assert "Unused:" in bartizan("report", "--store", store).out


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["findings", "show", "zz"], "no finding has an id that begins with 'zz'"),
        (["findings", "show", ""], "findings have an id that begins with ''"),
        (["findings", "show", "%"], "no finding has an id that begins with '%'"),
        (["assets", "show", "zz"], "no asset has an id that begins with 'zz'"),
        (["findings", "accept", "zz", "--reason", "r"], "no finding has an id"),
        (["findings", "accept", OPEN.id, "--reason", " "], "needs a reason"),
        (["findings", "accept", OPEN.id, "--reason", "r", "--until", "2001-01-01"], "2001-01-01 is past"),
        (["findings", "accept", OPEN.id, "--reason", "r", "--until", "soon"], "'soon' does not match"),
        (["findings", "accept", OPEN.id], "Missing option '--reason'"),
        (["findings", "withdraw", OPEN.id], "no acceptances begin with"),
        (["findings", "list", "--format", "yaml"], "no format is called 'yaml'"),
        (["findings", "list", "--severity", "awful"], "'awful' is not one of"),
        (["assets", "list", "--kind", "toaster"], "'toaster' is not one of"),
        (["report", "--scan", "zz"], "no scan 'zz' in the store"),
        (["report", "--output", "/proc/none/r.html"], "/proc/none/r.html: no such file or directory"),
        (["report", "--output", "r.doc"], "tells no format"),
        (["report", "--baseline", "/none.json"], "cannot read the baseline"),
        (["paths", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_a_wrong_request_is_one_line(bartizan: Bartizan, store: Path, arguments: list[str], what: str) -> None:
    ran = bartizan(*arguments, "--store", store)
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert lines[0].startswith("bartizan: ")
    assert what in lines[0]
    assert len(lines) <= 2


@pytest.mark.parametrize("command", [["report"], ["findings", "list"], ["assets", "list"], ["paths"]])
def test_a_store_that_is_not_there_is_not_made(bartizan: Bartizan, tmp_path: Path, command: list[str]) -> None:
    ran = bartizan(*command, "--store", tmp_path / "typo.db")
    assert (ran.code, ran.out, ran.err) == (2, "", f"bartizan: there is no store {tmp_path}/typo.db\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["report"], ["findings", "list"], ["assets", "list"], ["paths"]])
def test_an_empty_store_says_so(bartizan: Bartizan, tmp_path: Path, command: list[str]) -> None:
    open_store(str(tmp_path / "new.db")).close()
    ran = bartizan(*command, "--store", tmp_path / "new.db")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"bartizan: the store {tmp_path}/new.db holds no scan yet\n"


def test_assets(bartizan: Bartizan, store: Path) -> None:
    listed = bartizan("assets", "list", "--store", store).out.splitlines()
    assert [line.split()[1] for line in listed] == ["KIND", "ai-service", "host"]
    assert listed[1].split()[-1] == "2"
    (made,) = json.loads(bartizan("assets", "list", "--kind", "ai-service", "--format", "json", "--store", store).out)
    assert (made["id"], made["properties"]["access"]) == (SERVICE.id, "open")
    assert made["first_seen"] < made["last_seen"]
    shown = bartizan("assets", "show", SERVICE.id[:10], "--store", store).out
    assert "relation    runs-on host h" in shown
    assert f"finding     {OPEN.id[:12]} high {OPEN.rule}" in shown
    assert "relation    ai-service ollama runs-on it" in bartizan("assets", "show", HOST.id, "--store", store).out


def test_paths(bartizan: Bartizan, store: Path) -> None:
    text = bartizan("paths", "--store", store).out
    assert "77.0  From the net to the GPU" in text
    assert f"-> ollama: anybody may ask  (finding {OPEN.id[:12]})" in text
    (made,) = json.loads(bartizan("paths", "--format", "json", "--store", store).out)
    assert made["steps"][0]["finding"] == OPEN.id
    assert bartizan("paths", "--scan", "last", "--store", store).out == "No path is known.\n"


def test_a_report_of_the_state_and_one_of_a_scan(bartizan: Bartizan, store: Path, tmp_path: Path) -> None:
    ran = bartizan("report", "--store", store, "-o", tmp_path / "r.html", "-o", tmp_path / "r.json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["scan"]["targets"] == ["/srv", "10.0.0.5"]
    assert {found["rule"] for found in document["findings"]} == {OPEN.rule, FACT.rule}
    assert "Ollama answers anybody" in (tmp_path / "r.html").read_text()
    last = bartizan("report", "--store", store, "--scan", "last", "--format", "json").document
    assert (last["scan"]["targets"], last["findings"]) == (["/srv"], [])
    compared = bartizan("report", "--store", store, "--baseline", tmp_path / "r.json").out
    assert "Baseline: 0 new, 2 known, 0 fixed" in compared


def test_the_schema_validates_the_document(bartizan: Bartizan, store: Path) -> None:
    schema = json.loads(bartizan("schema").out)
    document = bartizan("report", "--store", store, "--format", "json").document
    jsonschema_rs.validator_for(schema).validate(document)


def test_two_folders_scanned_from_inside_are_not_taken_for_one(bartizan: Bartizan, tmp_path: Path) -> None:
    """Both targets are called `.`: the second scan says nothing about the first one's findings."""
    store = tmp_path / "s.db"
    for name, servers in (("one", {"a": {"command": "npx", "args": ["-y", "some-server"]}}), ("two", {})):
        folder = tmp_path / name
        (folder / ".cursor").mkdir(parents=True)
        (folder / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
        assert bartizan("scan", ".", "--store", store, cwd=folder).code == 0
    assert "mcp/unpinned-package" in bartizan("findings", "list", "--store", store).out


def test_a_scan_of_one_sensor_fixes_nothing_of_its_domain(bartizan: Bartizan, tmp_path: Path) -> None:
    from bartizan.sensors.registry import SENSORS

    store, folder = tmp_path / "s.db", tmp_path / "here"
    (folder / ".cursor").mkdir(parents=True)
    servers = {"a": {"command": "npx", "args": ["-y", "some-server"]}}
    (folder / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    bartizan("scan", folder, "--store", store)
    (folder / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": {}}))
    other = next(name for name in SENSORS if name.startswith("secrets/"))
    bartizan("scan", folder, "--store", store, "--only", other)
    assert "mcp/unpinned-package" in bartizan("findings", "list", "--store", store).out
    bartizan("scan", folder, "--store", store, "--only", "mcp")
    assert "mcp/unpinned-package" not in bartizan("findings", "list", "--store", store).out
