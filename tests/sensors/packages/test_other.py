"""Lists of Go, Rust, .NET and Java packages."""

from __future__ import annotations

from bartizan.sensors.packages.other import (
    read_cargo_lock,
    read_go_mod,
    read_go_sum,
    read_gradle_lock,
    read_nuget_lock,
    read_pom,
    read_project_file,
)


def test_go() -> None:
    listing = read_go_mod(
        "module example.com/x\n\ngo 1.22\n\nrequire github.com/A/b v1.0.0\n\n"
        "require (\n\tgolang.org/x/net v0.20.0 // indirect\n)\n"
    )
    assert [(one.name, one.version, one.line, one.direct) for one in listing.dependencies] == [
        ("github.com/a/b", "v1.0.0", 5, True), ("golang.org/x/net", "v0.20.0", 8, False)
    ]  # fmt: skip
    found = read_go_sum("github.com/a/b v1.0.0 h1:x=\ngithub.com/a/b v1.0.0/go.mod h1:y=\n").dependencies
    assert [(one.name, one.version) for one in found] == [("github.com/a/b", "v1.0.0")]


def test_cargo() -> None:
    listing = read_cargo_lock(
        'version = 3\n\n[[package]]\nname = "ours"\nversion = "0.1.0"\n\n[[package]]\nname = "candle-core"\n'
        f'version = "0.6.0"\nsource = "registry+https://example.com/index"\nchecksum = "{"a" * 64}"\n'
    )
    assert [(one.name, one.version, one.line) for one in listing.dependencies] == [("candle-core", "0.6.0", 7)]


def test_dotnet() -> None:
    lock = read_nuget_lock(
        '{"version": 1, "dependencies": {"net8.0": {"OpenAI": {"type": "Direct", "resolved": "2.0.0"}}}}'
    )
    assert [(one.name, one.version, one.direct) for one in lock.dependencies] == [("openai", "2.0.0", True)]
    project = read_project_file('<Project>\n<PackageReference Include="OpenAI" Version="2.0.0" />\n</Project>')
    assert [(one.purl, one.line) for one in project.dependencies] == [("pkg:nuget/openai@2.0.0", 2)]


def test_java() -> None:
    listing = read_pom(
        "<project>\n<properties><ai.version>1.0.0</ai.version></properties>\n<dependencies>\n"
        "<!-- <dependency><groupId>no</groupId><artifactId>no</artifactId></dependency> -->\n<dependency>\n"
        "<groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId><version>${ai.version}</version>\n"
        "</dependency>\n</dependencies></project>"
    )
    assert [(one.purl, one.line) for one in listing.dependencies] == [
        ("pkg:maven/dev.langchain4j/langchain4j@1.0.0", 5)
    ]
    lock = read_gradle_lock("# note\ndev.langchain4j:langchain4j:1.0.0=runtimeClasspath\nempty=\n")
    assert [(one.name, one.version, one.line) for one in lock.dependencies] == [
        ("dev.langchain4j/langchain4j", "1.0.0", 2)
    ]
