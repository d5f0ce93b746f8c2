"""What the follower knows of the ways of values, one sentence of a program each."""

from __future__ import annotations

import pytest

from bartizan.model.finding import Finding
from bartizan.rules.case import Case
from bartizan.rules.library import Library
from bartizan.scan.trial import Trial

PYTHON = "import os, re, sqlite3\nfrom pathlib import Path\nfrom fastmcp import FastMCP\nmcp = FastMCP('demo')\n"
SCRIPT = (
    'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\nimport * as cp from "child_process";\n'
    'const server = new McpServer({ name: "x", version: "1.0.0" });\n'
)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial("code", Library())


def rules(trial: Trial, path: str, text: str) -> list[str]:
    return [each.rule for each in trial.observe(Case(name="case", files={path: text})) if isinstance(each, Finding)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            "def gen(x):\n    yield 'ls ' + x\n@mcp.tool\ndef t(x: str):\n    for c in gen(x):\n        os.system(c)\n",
            True,
        ),
        ("@mcp.tool\ndef t(x: str):\n    words = ['ls']\n    words.append(x)\n    os.system(' '.join(words))\n", True),
        ("@mcp.tool\ndef t(x: str):\n    os.system('ls ' + re.sub('a', 'b', x))\n", True),
        ("@mcp.tool\ndef t(x: str):\n    os.system('ls ' + re.sub(r'[^a-z]', '', x))\n", False),
        ("@mcp.tool\ndef t(x: dict):\n    match x:\n        case {'path': p}:\n            os.system(p)\n", True),
        (
            "class R:\n    def go(self, c):\n        os.system(c)\n"
            "class T:\n    def __init__(self, r: R):\n        self.r = r\n"
            "    @mcp.tool\n    def t(self, x: str):\n        self.r.go(x)\n",
            True,
        ),
        (
            "class Db:\n    def execute(self, c):\n        return len(c)\ndb = Db()\n"
            "@mcp.tool\ndef t(x: str):\n    return db.execute(f'select {x}')\n",
            False,
        ),
    ],
    ids=["yield", "append", "substituted", "stripped", "mapping pattern", "declared class", "own method"],
)
def test_ways_through_python(trial: Trial, body: str, found: bool) -> None:
    assert rules(trial, "server.py", PYTHON + body) == (["code/mcp-command-injection"] if found else [])


@pytest.mark.parametrize("ask", ["if not cur.fetchone():", "row = cur.fetchone()\n    if row is None:"])
def test_a_name_that_the_database_knows_is_its_own(trial: Trial, ask: str) -> None:
    text = PYTHON + (
        "@mcp.tool\ndef t(table: str):\n    cur = sqlite3.connect('a.db').cursor()\n"
        "    cur.execute('SELECT name FROM sqlite_master WHERE name = ?', (table,))\n"
        f"    {ask}\n        raise ValueError\n    return cur.execute(f'PRAGMA table_info({{table}})')\n"
    )
    assert rules(trial, "server.py", text) == []
    assert rules(trial, "server.py", text.replace("sqlite_master", "notes")) == ["code/mcp-sql-injection"]


def test_absolute_is_not_resolved(trial: Trial) -> None:
    text = PYTHON + (
        "ROOT = Path('/srv')\n@mcp.tool\ndef t(x: str):\n    path = ROOT / x\n"
        "    if ROOT not in path.absolute().parents:\n        raise ValueError\n    return path.read_text()\n"
    )
    assert rules(trial, "server.py", text) == ["code/mcp-path-traversal"]
    assert rules(trial, "server.py", text.replace("path.absolute()", "path.resolve()")) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("async ({ c }) => { const k = ['a', 'b'].find((e) => e === c); cp.exec(`ls ${k}`); }", False),
        ("async ({ c }) => { if (c && !/^[a-z]+$/.test(c)) throw 1; cp.exec(`ls ${c}`); }", False),
        ("async ({ c }) => { if (c !== undefined && !/^[a-z]+$/.test(c)) throw 1; cp.exec(`ls ${c}`); }", False),
        ("async ({ c }) => { const l = ['ls']; l.push(c); cp.exec(l.join(' ')); }", True),
        ("async ({ c }) => { setTimeout(() => 1, c); }", False),
        ("async ({ c }) => { const [d] = await Promise.all([c, 1]); cp.exec(`ls ${d}`); }", True),
    ],
    ids=["chosen from a list", "empty or fits", "absent or fits", "pushed", "a delay", "awaited together"],
)
def test_ways_through_scripts(trial: Trial, body: str, found: bool) -> None:
    text = SCRIPT + f"server.tool('t', {{ c: z.string() }}, {body});\n"
    assert rules(trial, "index.ts", text) == (["code/mcp-command-injection"] if found else [])


def test_a_service_that_the_framework_makes_and_decorates(trial: Trial) -> None:
    text = (
        'import { Tool } from "@rekog/mcp-nest";\nimport { execSync } from "child_process";\n'
        "class Shell { run(c: string) { return execSync(c); } }\n"
        "class Tools {\n  constructor(private readonly shell: Shell) {}\n  @Tool({ name: 'go', parameters: {} })\n"
        "  async go({ what }) { return this.shell.run(`ls ${what}`); }\n}\n"
    )
    assert rules(trial, "tools.ts", text) == ["code/mcp-command-injection"]


def test_a_function_of_the_same_name_as_its_file(trial: Trial) -> None:
    files = {
        "server.py": PYTHON + "from ping import ping\n@mcp.tool\ndef t(x: str):\n    return ping(x)\n",
        "ping.py": "import os\ndef ping(x):\n    return os.system(x)\n",
    }
    seen = trial.observe(Case(name="case", files=files))
    assert [each.rule for each in seen if isinstance(each, Finding)] == ["code/mcp-command-injection"]
