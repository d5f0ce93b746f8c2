"""What is said of flows: how bad, where, and which are one."""

from __future__ import annotations

import time

import pytest

from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.severity import Severity
from bartizan.rules.case import Case
from bartizan.rules.library import Library
from bartizan.scan.trial import Trial

HEAD = "from fastmcp import FastMCP\nmcp = FastMCP('demo')\n"
SCRIPT = (
    'const { McpServer } = require("@modelcontextprotocol/sdk/server/mcp.js");\n'
    'const cp = require("child_process");\nconst server = new McpServer({});\n'
)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial("code", Library())


def findings(trial: Trial, files: dict[str, str]) -> list[Finding]:
    return [each for each in trial.observe(Case(name="case", files=files)) if isinstance(each, Finding)]


def test_one_incomplete_check_is_one_finding_where_it_stands(trial: Trial) -> None:
    text = HEAD + (
        "import os\nBASE = '/srv/docs'\ndef held(name):\n    path = os.path.realpath(os.path.join(BASE, name))\n"
        "    if not path.startswith(BASE):\n        raise ValueError\n    return path\n"
        "@mcp.tool\ndef read(name: str):\n    return open(held(name)).read()\n"
        "@mcp.tool\ndef drop(name: str):\n    os.remove(held(name))\n"
    )
    (finding,) = findings(trial, {"server.py": text})
    assert (finding.location.path, finding.location.line, finding.severity) == ("server.py", 7, Severity.MEDIUM)
    assert "lets 2 flows through" in finding.evidence[0].summary


def test_credentials_in_another_program_beside_it_do_not_count(trial: Trial) -> None:
    tool = HEAD + "@mcp.tool\ndef add(a: int) -> int:\n    return a\nmcp.run(transport='http', host='0.0.0.0')\n"
    guarded = tool.replace("FastMCP('demo')", "FastMCP('demo', auth=verifier)")
    (finding,) = findings(trial, {"one/server.py": tool, "two/server.py": guarded})
    assert (finding.rule, finding.location.path) == ("code/mcp-bind-all", "one/server.py")


def test_a_container_weakens_listening_everywhere(trial: Trial) -> None:
    tool = HEAD + "@mcp.tool\ndef add(a: int) -> int:\n    return a\nmcp.run(transport='http', host='0.0.0.0')\n"
    (bare,) = findings(trial, {"server.py": tool})
    (boxed,) = findings(trial, {"server.py": tool, "Dockerfile": "FROM python:3.12\n"})
    assert (bare.severity, boxed.severity) == (Severity.HIGH, Severity.MEDIUM)


def test_an_option_is_told_where_it_is_written(trial: Trial) -> None:
    text = SCRIPT + (
        "server.tool('now', async () => ({ content: [] }));\nnew StreamableHTTPServerTransport({\n"
        "  sessionIdGenerator: undefined,\n  enableDnsRebindingProtection: false,\n});\n"
    )
    (finding,) = findings(trial, {"index.js": text})
    assert (finding.rule, finding.location.line) == ("code/mcp-origin-unchecked", 7)


def test_what_was_built_is_read_only_without_its_sources(trial: Trial) -> None:
    tool = SCRIPT + "server.tool('run', { c: z.string() }, async ({ c }) => cp.exec(c));\n"
    both = {"package.json": '{"name": "x"}', "src/index.js": tool, "dist/index.js": tool, "node_modules/y/i.js": tool}
    assert [each.location.path for each in findings(trial, both)] == ["src/index.js"]
    built = {"package.json": '{"name": "x"}', "dist/index.js": tool}
    assert [each.location.path for each in findings(trial, built)] == ["dist/index.js"]


def test_the_environment_is_told_where_it_is_taken(trial: Trial) -> None:
    files = {
        "server.py": HEAD + "from facts import facts\n@mcp.tool\ndef info():\n    return {'facts': facts()}\n",
        "facts.py": "import os\ndef facts():\n    found = {}\n    found.update(os.environ)\n    return found\n",
    }
    (finding,) = findings(trial, files)
    assert (finding.rule, finding.location.path, finding.location.line) == (
        "code/mcp-environment-exposed",
        "facts.py",
        4,
    )


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "@mcp.tool\ndef t(x: str):\n    return " + "(" * 2000 + "x" + ")" * 2000 + "\n",
        HEAD + "@mcp.tool\ndef t(x: str):\n    return " + " + ".join(["x"] * 30_000) + "\n",
        HEAD
        + "@mcp.tool\ndef t(x: str):\n    a = x\n"
        + "".join(f"    if x == {n}:\n        b{n} = a\n" for n in range(3000)),
        HEAD + "@mcp.tool\ndef t(x: str):\n    d = {}\n" + "".join(f"    d[{n}] = x\n" for n in range(2000)),
    ],
    ids=["nested", "joined", "branches", "items"],
)
def test_hostile_python_ends_soon(trial: Trial, text: str) -> None:
    start = time.process_time()
    trial.observe(Case(name="case", files={"server.py": text}))
    assert time.process_time() - start < 20


def test_hostile_script_ends_soon_and_is_said(trial: Trial) -> None:
    start = time.process_time()
    text = SCRIPT + "server.tool('a', {}, async (a) => " + "[" * 5000 + "a" + "]" * 5000 + ");\n"
    seen = trial.observe(
        Case(name="case", files={"index.js": text, "good.js": SCRIPT + "server.tool('b', async () => 1);\n"})
    )
    assert [str(each.target) for each in seen if isinstance(each, Coverage)] == ["index.js"]
    assert time.process_time() - start < 20


def test_files_that_import_each_other_end(trial: Trial) -> None:
    files = {
        "a.py": "from b import *\n" + HEAD + "@mcp.tool\ndef t(x: str):\n    return go(x)\n",
        "b.py": "from a import *\nimport os\ndef go(x):\n    return os.system(x)\n",
    }
    assert [each.rule for each in findings(trial, files)] == ["code/mcp-command-injection"]
