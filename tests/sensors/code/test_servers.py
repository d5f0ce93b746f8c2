"""Sources of servers."""

from __future__ import annotations

import pytest

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.observation import Observation
from bartizan.model.severity import Severity
from bartizan.rules.case import Case
from bartizan.rules.library import Library
from bartizan.scan.trial import Trial

HEAD = "from fastmcp import FastMCP\nmcp = FastMCP('demo')\n"


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial("code", Library())


def observe(trial: Trial, **files: str) -> list[Observation]:
    names = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    return trial.observe(Case(name="case", files=names))


def test_the_way_through_files_is_the_evidence(trial: Trial) -> None:
    seen = observe(
        trial,
        server_dot_py=HEAD + "from lib.run import go\n@mcp.tool\ndef ping(host: str):\n    return go('ping ' + host)\n",
        lib__run_dot_py="import os\ndef go(line):\n    return os.system(line)\n",
    )
    (asset,) = [each for each in seen if isinstance(each, Asset)]
    assert (asset.kind, asset.properties["handlers"]) == (AssetKind.MCP_SERVER, ["ping"])
    (finding,) = [each for each in seen if isinstance(each, Finding)]
    assert (finding.rule, finding.location.path, finding.location.line) == (
        "code/mcp-command-injection",
        "lib/run.py",
        3,
    )
    (evidence,) = finding.evidence
    assert evidence.kind == "path"
    ways = [line.partition(": ")[0] for line in evidence.detail.split("\n")]
    assert ways[0] == "server.py:5"
    assert ways[-1] == "lib/run.py:3"


def test_a_check_counts_for_the_caller_that_made_it(trial: Trial) -> None:
    text = (
        HEAD
        + "import os\nOK = {'a'}\ndef go(x):\n    os.system(x)\n"
        + "@mcp.tool\ndef good(x: str):\n    if x not in OK:\n        return\n    go(x)\n"
        + "@mcp.tool\ndef bad(y: str):\n    go(y)\n"
    )
    (finding,) = [each for each in observe(trial, server_dot_py=text) if isinstance(each, Finding)]
    assert finding.evidence[0].summary.startswith(("x", "y"))
    assert "handler at server.py:13" in finding.evidence[0].summary


def test_a_beginning_without_separator_weakens_only(trial: Trial) -> None:
    text = HEAD + (
        "import os\nBASE = '/srv/docs'\n@mcp.tool\ndef read(name: str):\n"
        "    path = os.path.realpath(os.path.join(BASE, name))\n"
        "    if not path.startswith(BASE):\n        raise ValueError\n    return open(path).read()\n"
    )
    (finding,) = [each for each in observe(trial, server_dot_py=text) if isinstance(each, Finding)]
    assert finding.severity is Severity.MEDIUM
    safe = text.replace("startswith(BASE)", "startswith(BASE + os.sep)")
    assert not [each for each in observe(trial, server_dot_py=safe) if isinstance(each, Finding)]


def test_a_program_without_handlers_is_no_server(trial: Trial) -> None:
    assert not observe(trial, main_dot_py="import os, sys\n# mcp\nos.system(sys.argv[1])\n")


def test_what_does_not_parse_is_said(trial: Trial) -> None:
    seen = observe(trial, server_dot_py=HEAD + "@mcp.tool\ndef a(x: str):\n    return x\n", broken_dot_py="def (:\n")
    assert [str(each.target) for each in seen if isinstance(each, Coverage)] == ["broken.py"]


def test_endless_recursion_and_large_tables_end(trial: Trial) -> None:
    text = HEAD + (
        "import os\ndef a(x, n):\n    return b(x + 'a', n) or a(x, n)\n"
        "def b(x, n):\n    return a(x, n) if n else os.system(x)\n"
        "@mcp.tool\ndef go(x: str):\n    return a(x, 3)\n"
    )
    assert {each.rule for each in observe(trial, server_dot_py=text) if isinstance(each, Finding)} == {
        "code/mcp-command-injection"
    }


@pytest.mark.parametrize("seed", range(3))
def test_following_is_the_same_each_time(trial: Trial, seed: int) -> None:
    text = (
        HEAD + "import os\n" + "".join(f"@mcp.tool\ndef t{n}(x: str):\n    os.system(x + '{n}')\n" for n in range(30))
    )
    found = [each.id for each in observe(trial, server_dot_py=text) if isinstance(each, Finding)]
    assert len(found) == len(set(found)) == 30
    assert found == [each.id for each in observe(trial, server_dot_py=text) if isinstance(each, Finding)]


def test_handlers_in_javascript_of_every_style(trial: Trial) -> None:
    text = """
const { Server } = require("@modelcontextprotocol/sdk/server/index.js");
const cp = require("child_process");
class S {
  constructor(private readonly root) { this.server = new Server({}, {}); this.setup(); }
  setup() { this.server.setRequestHandler(C, (r) => this.call(r)); }
  get shell() { return cp.execSync; }
  async call(request) {
    const { name, arguments: { where = "." } } = request.params;
    try { return this.shell(`ls ${where}`); } catch (error) { return String(error); }
  }
}
"""
    (finding,) = [each for each in observe(trial, index_dot_ts=text) if isinstance(each, Finding)]
    assert (finding.rule, finding.location.line) == ("code/mcp-command-injection", 10)
