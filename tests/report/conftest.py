"""One result that every format is tried on, with text that wants to break each of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bartizan.model.acceptance import Acceptance
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence, Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.path import Path, Step
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.rule import Rule
from bartizan.model.scan import Scan, Status
from bartizan.model.severity import Confidence, Severity
from bartizan.report.format import format_named
from bartizan.report.result import Result, make_result
from bartizan.triage.baseline import Baseline, Known

SCAN = Scan(
    id="0" * 31 + "1",
    version="0.1.0",
    targets=("/srv/app", "10.0.0.0/24"),
    scope={"authorised_by": "Ada <ada@example.org>"},
    started=datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC),
    finished=datetime(2026, 11, 24, 10, 5, tzinfo=UTC),
    status=Status.DONE,
    stats={"subjects": 7},
)
HOSTILE = "</script><script>alert(1)</script>\x1b[31m\x00 =cmd|' /C calc'!A0 ]]> `|` \u202e \udcff & \"'"

HOST = Asset(AssetKind.HOST, "10.0.0.5", Location(host="10.0.0.5"))
SERVICE = Asset(
    AssetKind.AI_SERVICE,
    "ollama",
    Location(host="10.0.0.5", port=11434),
    {"product": "ollama", "version": "0.5.1", "version_of": "ollama", "access": "open", "category": "inference"},
)
KEY = Asset(
    AssetKind.CREDENTIAL, "OpenAI key sk-…abcd", Location(path="app/.env", line=3), {"provider": "openai"}, key="k1"
)
MODEL = Asset(
    AssetKind.MODEL_FILE,
    "model.pkl",
    Location(path="models/a.zip", member="inner.zip!model.pkl"),
    {"format": "pickle", "sha256": "ab" * 32, "license": "apache-2.0"},
)
PACKAGE = Asset(
    AssetKind.PACKAGE,
    "vllm",
    Location(path="requirements.txt", line=2),
    {"purl": "pkg:pypi/vllm@0.6.0", "version": "0.6.0"},
)
TOOL = Asset(AssetKind.MCP_TOOL, HOSTILE, Location(path="mcp.json", record=HOSTILE), {"text": HOSTILE})
DATA = Asset(AssetKind.DATASET, "train", Location(path="data/train.jsonl"))


def finding(asset: Asset, rule: str, severity: Severity, summary: str, **more: object) -> Finding:
    made = Finding(
        rule=rule,
        title=f"Title of {rule}",
        severity=severity,
        confidence=Confidence.CERTAIN,
        asset=asset.id,
        location=asset.location,
        evidence=(Evidence("text", summary, "first line\nsecond line", asset.location),),
        frameworks=("LLM03:2025", "CWE-502"),
        references=("https://example.org/why",),
        remediation="Do what is right.",
    )
    return replace(made, **more)  # type: ignore[arg-type]


FINDINGS = (
    finding(SERVICE, "exposure/ollama-unauthenticated", Severity.HIGH, "GET /api/tags answered 200"),
    finding(KEY, "secrets/openai-project", Severity.HIGH, "sk-proj-…abcd"),
    finding(MODEL, "models/pickle-dangerous-global", Severity.CRITICAL, "os.system"),
    finding(
        PACKAGE,
        "vuln/CVE-2024-37032",
        Severity.CRITICAL,
        "vllm 0.6.0 is in the affected range",
        references=("CVE-2024-37032", "GHSA-8hqg-whrw-pv92"),
        frameworks=("CWE-22",),
    ),
    finding(TOOL, "mcp/tool-poisoning", Severity.MEDIUM, HOSTILE, title=HOSTILE, remediation=HOSTILE),
    finding(DATA, "code/dataset-used", Severity.INFO, "=1+1", confidence=Confidence.TENTATIVE),
    finding(
        KEY,
        "secrets/openai-project",
        Severity.LOW,
        "in history",
        location=Location(path="old\udcff name.py", line=9, column=4, commit="c" * 40),
    ),
    finding(HOST, "posture/no-place", Severity.LOW, "", location=Location(), evidence=()),
    finding(HOST, "posture/web", Severity.LOW, "page", location=Location(url='http://10.0.0.5:80/a b?q="<x>')),
)
ASSETS = (HOST, SERVICE, KEY, MODEL, PACKAGE, TOOL, DATA)
OBSERVATIONS: tuple[Observation, ...] = (
    *ASSETS,
    *FINDINGS,
    Relation(RelationKind.RUNS_ON, SERVICE.id, HOST.id),
    Relation(RelationKind.LOADS, SERVICE.id, MODEL.id),
    Relation(RelationKind.USES, SERVICE.id, PACKAGE.id),
    Relation(RelationKind.AUTHENTICATES, KEY.id, SERVICE.id),
    Coverage(Outcome.CHECKED, "a", sensor="secrets/keys"),
    Coverage(Outcome.SKIPPED, "pipe", "not a regular file"),
    Coverage(Outcome.OUT_OF_SCOPE, "evil.example.org", "redirect"),
    Coverage(Outcome.FAILED, HOSTILE, "truncated archive", "models/pickle"),
)
PATHS = (
    Path(
        "From the internet to the key",
        91.0,
        (Step(SERVICE.id, "", FINDINGS[0].id, "open"), Step(KEY.id, "", "", HOSTILE)),
    ),
)
RULE = Rule(
    id="secrets/openai-project",
    title="OpenAI project key",
    severity=Severity.HIGH,
    why="Whoever has it spends your money.",
    fix="Revoke it.",
)


def inventory() -> Inventory:
    made = Inventory()
    made.add(OBSERVATIONS)
    return made


@pytest.fixture
def result() -> Result:
    """With everything that a result can have."""
    accepted, gone = FINDINGS[7].id, "f" * 32
    return make_result(
        SCAN,
        inventory(),
        paths=PATHS,
        acceptances=[
            Acceptance(finding=accepted, reason="a test host", by="ada", made=SCAN.started),
            Acceptance(finding=FINDINGS[8].id, reason="old", until=date(2026, 1, 1), made=SCAN.started),
            Acceptance(finding=gone, reason="gone", made=SCAN.started),
        ],
        baseline=Baseline({FINDINGS[0].id: Known(FINDINGS[0].id), "e" * 32: Known("e" * 32, "x/y", "Fixed", "high")}),
        rules={RULE.id: RULE},
        today=date(2026, 11, 24),
    )


@pytest.fixture
def many(result: Result) -> Result:
    """Ten thousand findings."""
    grown = inventory()
    for number in range(10_000):
        base = FINDINGS[number % len(FINDINGS)]
        place = replace(base.location, path=f"services/{number}/settings.py", line=number + 1)
        found = replace(base, location=place)
        grown.findings[found.id] = found
    return make_result(SCAN, grown, rules={RULE.id: RULE})


@pytest.fixture
def empty() -> Result:
    """A scan that saw nothing."""
    return make_result(replace(SCAN, scope=None, finished=None), Inventory())


@pytest.fixture
def written() -> Callable[[str, Result], bytes]:
    """What a format makes of a result."""

    def write(name: str, result: Result) -> bytes:
        stream = io.BytesIO()
        format_named(name).load()(result, stream)
        return stream.getvalue()

    return write
