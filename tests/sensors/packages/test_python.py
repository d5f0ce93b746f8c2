"""Lists of Python packages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.sensors.packages.lists import READERS
from bartizan.sensors.packages.python import (
    read_conda,
    read_metadata,
    read_pip_conf,
    read_pipfile_lock,
    read_pyproject,
    read_requirements,
    read_toml_lock,
    requirement,
)


@pytest.mark.parametrize(
    ("text", "name", "version", "constraint"),
    [
        ("torch==2.4.0", "torch", "2.4.0", "==2.4.0"),
        ("Torch_Vision [extra] >= 0.1 ; python_version < '3.13'", "torch-vision", "", ">=0.1"),
        ("numpy===1.0.post1", "numpy", "1.0.post1", "===1.0.post1"),
        ("pandas==2.*", "pandas", "", "==2.*"),
        ("old==1.0-beta-2x", "old", "1.0-beta-2x", "==1.0-beta-2x"),
        ("tools @ https://example.com/tools-1.0.whl", "tools", "", ""),
        ("git+https://example.com/team/Some.Tool.git@v1#egg=some_tool", "some-tool", "", ""),
        ("https://example.com/wheels/some_tool-2.0-py3-none-any.whl", "some-tool", "", ""),
    ],
)
def test_a_requirement(text: str, name: str, version: str, constraint: str) -> None:
    found = requirement(text, 1)
    assert found
    assert (found.name, found.version, found.constraint) == (name, version, constraint)


@pytest.mark.parametrize("text", ["./local", "/abs/path", "-r other.txt", "not a requirement at all", "C:\\x", "="])
def test_what_is_none(text: str) -> None:
    assert requirement(text, 1) is None


def test_requirements_with_continuations_options_and_hashes() -> None:
    listing = read_requirements(
        "# head\n--index-url https://a.example.com/simple\n--extra-index-url=https://b.example.com/simple\n"
        "-r base.txt\n-e git+https://git.example.com/x.git#egg=x\n"
        f"torch==2.4.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\nnumpy  # any\n"
    )
    assert [(one.name, one.version, one.line, len(one.digests)) for one in listing.dependencies] == [
        ("x", "", 5, 0), ("torch", "2.4.0", 6, 2), ("numpy", "", 9, 0)
    ]  # fmt: skip
    assert [(index.how, index.line) for index in listing.indexes] == [("only", 2), ("extra", 3)]


def test_pyproject_of_every_tool() -> None:
    listing = read_pyproject(
        '[project]\nname = "x"\ndependencies = [\n  "torch==2.4.0",\n]\n'
        '[project.optional-dependencies]\ngpu = ["flash-attn>=2"]\n'
        '[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nopenai = "1.2.3"\nours = {path = "../ours"}\n'
        '[tool.poetry.group.dev.dependencies]\nmypy = "^1"\n'
        '[[tool.poetry.source]]\nname = "b"\nurl = "https://b.example.com"\npriority = "supplemental"\n'
    )
    table = {one.name: (one.version, one.line) for one in listing.dependencies}
    assert table == {
        "torch": ("2.4.0", 4), "flash-attn": ("", 7), "pytest": ("", 9), "openai": ("1.2.3", 12), "mypy": ("", 15)
    }  # fmt: skip
    assert [index.how for index in listing.indexes] == ["extra"]


def test_lock_files_in_toml() -> None:
    listing = read_toml_lock(
        '[[package]]\nname = "torch"\nversion = "2.4.0"\n\n[package.dependencies]\nname = "no"\n\n'
        '[[package]]\nname = "ours"\nversion = "0.1"\nsource = { editable = "." }\n\n'
        f'[[package]]\nname = "x"\nversion = "1"\nsource = {{ git = "https://example.com/x?rev=a#{"b" * 40}" }}\n'
        f'sdist = {{ url = "u", hash = "sha256:{"c" * 64}" }}\n\n[metadata]\nname = "none"\n'
    )
    assert [(one.name, one.version, one.line) for one in listing.dependencies] == [
        ("torch", "2.4.0", 1),
        ("x", "1", 13),
    ]
    assert listing.dependencies[1].digests == ("sha256:" + "c" * 64,)
    assert listing.locked


def test_pipfile_lock_and_conda() -> None:
    lock = read_pipfile_lock('{"_meta": {}, "default": {\n"torch": {\n"version": "==2.4.0", "hashes": ["sha256:0"]}}}')
    assert [(one.name, one.version, one.line) for one in lock.dependencies] == [("torch", "2.4.0", 2)]
    conda = read_conda("dependencies:\n  - python=3.11\n  - pip:\n    - torch==2.4.0\n    - openai\n  - numpy\n")
    assert [(one.name, one.version, one.line) for one in conda.dependencies] == [
        ("torch", "2.4.0", 4),
        ("openai", "", 5),
    ]


def test_settings_of_pip() -> None:
    listing = read_pip_conf(
        "[global]\nindex-url = https://a.example.com/simple\nextra-index-url =\n    https://b.example.com\n"
        "    https://c.example.com\ntimeout = 60\n[install]\ntrusted-host = a.example.com\n"
    )
    assert [(index.how, index.url, index.line) for index in listing.indexes] == [
        ("only", "https://a.example.com/simple", 2), ("extra", "https://b.example.com", 4),
        ("extra", "https://c.example.com", 5), ("trusted", "a.example.com", 8),
    ]  # fmt: skip


def test_metadata() -> None:
    found = read_metadata("Metadata-Version: 2.1\nName: Some_Pkg\nVersion: 1.0\nLicense: MIT\n\nName: other\n")
    assert found
    assert (found.name, found.version, found.licence, found.purl) == ("some-pkg", "1.0", "MIT", "pkg:pypi/some-pkg@1.0")
    assert read_metadata("Name: x\n\nVersion: 1\n") is None


@given(st.text(max_size=300), st.sampled_from(sorted(READERS)))
def test_any_text_gives_a_listing(text: str, name: str) -> None:
    assert READERS[name](text).dependencies is not None


@given(st.sampled_from(sorted(READERS)), st.data())
def test_torn_files_give_a_listing(name: str, data: st.DataObject) -> None:
    whole = (
        '[[package]]\nname = "x"\nversion = "1"\n\n{"packages": {"node_modules/a": {"version": "1.0.0"}}}\n'
        "require (\n\ta.b/c v1.0.0\n)\n<dependency><groupId>a</groupId><artifactId>b</artifactId></dependency>\n"
    )
    start, end = sorted((data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, len(whole)))))
    assert READERS[name](whole[start:end]).dependencies is not None
