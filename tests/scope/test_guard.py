"""The guard: nothing outside, whatever form it comes in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bartizan.model.errors import ScopeError
from bartizan.scope.authorisation import Authorisation
from bartizan.scope.guard import Guard
from bartizan.scope.target import parse_target


def refuse(name: str) -> list[str]:
    raise AssertionError(f"a DNS question was asked for {name}")


def scope(
    *targets: str, exclude: tuple[str, ...] = (), until: datetime = datetime(2999, 1, 1, tzinfo=UTC)
) -> Authorisation:
    return Authorisation(authorised_by="A", until=until, targets=targets, exclude=exclude)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "127.9.8.7:80", "::1", "[::1]:443", "localhost", "http://localhost:8000/x", "127.0.0.0/8",
             "::ffff:127.0.0.1", "a.localhost"]
)  # fmt: skip
def test_loopback_needs_no_scope(text: str) -> None:
    Guard(resolver=refuse).admit(parse_target(text))


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "192.168.1.1:80", "example.org", "https://example.org", "0.0.0.0", "126.0.0.0/7", "::/0",
             "::ffff:10.0.0.1", "169.254.169.254", "fe80::1", "localhost.example.org", "127.0.0.1.example.org", "::"]
)  # fmt: skip
def test_everything_else_needs_one(text: str) -> None:
    with pytest.raises(ScopeError):
        Guard(resolver=refuse).admit(parse_target(text))


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("10.1.2.3", True), ("10.1.0.0/24", True), ("10.1.0.0/15", False), ("10.1.9.9", False),
        ("::ffff:10.1.2.3", True), ("api.example.org", True), ("deep.api.example.org", True), ("example.org", False),
        ("evil-example.org", False), ("one.test", True), ("one.test:8443", True), ("two.test:443", True),
        ("two.test:80", False), ("http://two.test/", False), ("https://two.test/", True), ("127.0.0.1", True),
        ("API.Example.ORG", True), ("api.example.org.", True),
    ],
)  # fmt: skip
def test_the_written_extent(text: str, inside: bool) -> None:
    guard = Guard(scope("10.1.0.0/16", "*.example.org", "one.test", "two.test:443", exclude=("10.1.9.0/24",)), refuse)
    if inside:
        guard.admit(parse_target(text))
    else:
        with pytest.raises(ScopeError):
            guard.admit(parse_target(text))


@pytest.mark.parametrize(
    ("answer", "pinned"),
    [
        (["93.184.216.34"], "93.184.216.34"),
        (["127.0.0.1"], None), (["10.0.0.5"], None), (["169.254.169.254"], None), (["::ffff:127.0.0.1"], None),
        (["64:ff9b::7f00:1"], None), (["2002:7f00:1::"], None), (["10.7.0.1"], "10.7.0.1"), (["10.7.0.9"], None),
        (["127.0.0.1", "93.184.216.34"], "93.184.216.34"), (["::"], None), (["fd00::1"], None),
    ],
)  # fmt: skip
def test_where_a_covered_name_may_lead(answer: list[str], pinned: str | None) -> None:
    guard = Guard(scope("one.test", "10.7.0.0/16", exclude=("10.7.0.9",)), lambda _: answer)
    if pinned:
        assert guard.pin("one.test", 443) == (pinned,)
    else:
        with pytest.raises(ScopeError):
            guard.pin("one.test", 443)


def test_without_a_scope_localhost_is_not_asked_of_dns() -> None:
    assert Guard(resolver=refuse).pin("localhost", 80) == ("127.0.0.1", "::1")
    with pytest.raises(ScopeError):
        Guard(resolver=refuse).pin("example.org", 80)


def test_an_ended_authorisation_covers_nothing() -> None:
    guard = Guard(scope("10.0.0.0/8", until=datetime(2026, 1, 1, tzinfo=UTC)), refuse)
    with pytest.raises(ScopeError, match="ended on 2026-01-01"):
        guard.admit(parse_target("10.0.0.1"))
    assert not guard.covers("10.0.0.1")


def test_an_authorisation_may_last_to_the_end_of_time() -> None:
    ends = Authorisation(authorised_by="A", until=date(9999, 12, 31), targets=("10.0.0.1",))
    assert ends.end.year == 9999
    Guard(ends, resolver=refuse).admit(parse_target("10.0.0.1"))
