"""Lists of npm packages."""

from __future__ import annotations

import json

from bartizan.sensors.packages.node import (
    read_bun_lock,
    read_installed,
    read_package_json,
    read_package_lock,
    read_pnpm_lock,
    read_yarn_lock,
)


def test_package_json() -> None:
    listing = read_package_json(
        '{\n"dependencies": {\n"openai": "^4.0.0",\n"x": "1.2.3",\n"y": "npm:@s/z@2.0.0",\n"w": "workspace:*",\n'
        '"g": "github:a/b#main"}}'
    )
    assert [(one.name, one.version, bool(one.url)) for one in listing.dependencies] == [
        ("openai", "", False), ("x", "1.2.3", False), ("@s/z", "2.0.0", False), ("g", "", True)
    ]  # fmt: skip
    assert [one.line for one in listing.dependencies][:2] == [3, 4]


def test_package_lock_of_each_version() -> None:
    new = {
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "root", "version": "1.0.0"},
            "node_modules/@s/a": {"version": "1.0.0", "integrity": "sha512-AAAA"},
            "node_modules/@s/a/node_modules/b": {"version": "2.0.0-rc.1"},
            "node_modules/alias": {"name": "real", "version": "3.0.0"},
            "packages/ours": {"version": "1.0.0"},
            "node_modules/ours": {"resolved": "packages/ours", "link": True},
        },
    }
    listing = read_package_lock(json.dumps(new, indent=2))
    table = {one.name: (one.version, one.line) for one in listing.dependencies}
    assert table == {"@s/a": ("1.0.0", 8), "b": ("2.0.0-rc.1", 12), "real": ("3.0.0", 15)}
    assert listing.dependencies[0].purl == "pkg:npm/%40s/a@1.0.0"
    old = {
        "lockfileVersion": 1,
        "dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}},
    }
    assert {one.name for one in read_package_lock(json.dumps(old)).dependencies} == {"a", "b"}


def test_nesting_without_end() -> None:
    tree = '{"dependencies": {"a": {"version": "1.0.0", ' * 3000
    assert read_package_lock('{"lockfileVersion": 1, ' + tree[1:]).dependencies == []


def test_yarn_pnpm_and_bun() -> None:
    yarn = read_yarn_lock(
        '# yarn\n\n"@s/a@^1.0.0", "@s/a@^1.1.0":\n  version "1.1.0"\n  resolved "https://example.com/a.tgz"\n\n'
        'b@^2:\n  version "2.0.0"\n'
    )
    assert [(one.name, one.version, one.line) for one in yarn.dependencies] == [("@s/a", "1.1.0", 3), ("b", "2.0.0", 7)]
    berry = read_yarn_lock(
        '__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n\n'
        '"ours@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "ours@workspace:."\n'
    )
    assert [(one.name, one.version) for one in berry.dependencies] == [("a", "1.0.0")]
    pnpm = read_pnpm_lock(
        "lockfileVersion: '9.0'\n\npackages:\n\n"
        "  '@s/a@1.0.0':\n    resolution: {integrity: x}\n\n  b@2.0.0(c@1.0.0):\n"
        "    x: y\n\n  /d/3.0.0:\n    x: y\n\nsnapshots:\n\n  e@1.0.0: {}\n"
    )
    assert [(one.name, one.version) for one in pnpm.dependencies] == [("@s/a", "1.0.0"), ("b", "2.0.0"), ("d", "3.0.0")]
    bun = read_bun_lock('{\n  "packages": {\n    "a": ["a@1.0.0", "", {}, "sha512-x"],\n  }\n}\n')
    assert [(one.name, one.version, one.line) for one in bun.dependencies] == [("a", "1.0.0", 3)]


def test_installed() -> None:
    found = read_installed('{"name": "@s/a", "version": "1.0.0", "license": "MIT"}')
    assert found
    assert (found.purl, found.licence) == ("pkg:npm/%40s/a@1.0.0", "MIT")
    assert read_installed('{"name": 3}') is None
