"""Versions are ordered as their ecosystems order them; letters count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.intel.version import read_version


@pytest.mark.parametrize(
    ("scheme", "ordered"),
    [
        ("pep440", ["0.5.0b3.dev32", "0.5.0b3", "0.5.0rc1", "0.5.0", "0.5.0.post1", "0.5.1"]),
        ("pep440", ["1.0.0", "1.10.0", "2024.8.2"]),
        ("semver", ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1"]),
        ("semver", ["0.8.3-rc1", "0.8.3-rc2", "0.8.3-rc10", "0.8.3"]),
        ("semver", ["4.15.0-beta4", "4.15.0-beta5", "4.15.0"]),
        ("calver", ["2026.2.21-beta.1", "2026.2.21", "2026.2.21-1", "2026.2.21-2", "2026.2.22"]),
        ("build", ["b2740", "b3561", "b8146"]),
    ],
)
def test_order(scheme: str, ordered: list[str]) -> None:
    readings = [read_version(text, scheme) for text in ordered]
    keys = [reading.key for reading in readings if reading]
    assert len(keys) == len(ordered)
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [("semver", "v1.2", "1.2.0"), ("pep440", "2.5.1+cu121", "2.5.1"), ("semver", "1.0.0+build.5", "1.0.0")],
)
def test_written_differently_but_equal(scheme: str, one: str, other: str) -> None:
    left, right = read_version(one, scheme), read_version(other, scheme)
    assert left
    assert right
    assert left.key == right.key


@pytest.mark.parametrize(
    ("scheme", "text"),
    [("pep440", "latest"), ("semver", "main"), ("semver", ""), ("pep440", "1." * 200), ("build", "unknown"),
     ("semver", "@gradio/video@0.6.12"), ("pep440", "1.83.7-nightly")],
)  # fmt: skip
def test_what_is_no_version(scheme: str, text: str) -> None:
    assert read_version(text, scheme) is None


@pytest.mark.parametrize("text", ["0.0.0", "0.1.dev1+g1a2b3c4", "0.0.0.dev0"])
def test_builds_without_a_release_number(text: str) -> None:
    reading = read_version(text, "pep440")
    assert reading
    assert reading.nameless


@pytest.mark.parametrize(
    ("scheme", "text"),
    [("pep440", "3.0.3-1ubuntu2"), ("semver", "1.2.3-1.el9"), ("semver", "1.2.3+deb12u1"),
     ("semver", "v1.2.3-45-g1a2b3c4"), ("pep440", "0.9.2.dev123+g1a2b3c4")],
)  # fmt: skip
def test_builds_that_may_carry_the_fix(scheme: str, text: str) -> None:
    reading = read_version(text, scheme)
    assert reading
    assert reading.doubt


def test_a_suffix_that_only_says_release() -> None:
    plain, marked = read_version("1.83.7", "pep440"), read_version("1.83.7-stable", "pep440", ("stable",))
    assert plain
    assert marked
    assert plain.key == marked.key


@given(st.text(max_size=60), st.sampled_from(["pep440", "semver", "calver", "build"]))
def test_any_text_is_read_or_refused(text: str, scheme: str) -> None:
    reading = read_version(text, scheme)
    assert reading is None or reading.key == reading.key


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_numbers_compare_as_numbers(one: list[int], other: list[int]) -> None:
    size = max(len(one), len(other))
    left, right = (tuple(parts + [0] * (size - len(parts))) for parts in (one, other))
    readings = [read_version(".".join(map(str, parts)), "semver") for parts in (one, other)]
    first, second = readings
    assert first
    assert second
    assert (first.key < second.key) == (left < right)
