"""Merging: commutative, associative and idempotent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence, Finding
from bartizan.model.inventory import Inventory, number
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.severity import Confidence, Severity

names = st.sampled_from(["a", "b", "c"])
locations = st.builds(Location, path=names, line=st.none() | st.integers(1, 3))
values = st.none() | st.sampled_from(["unknown", "open", "token"]) | st.lists(names, max_size=2)
assets = st.builds(
    Asset,
    kind=st.sampled_from([AssetKind.CREDENTIAL, AssetKind.AI_SERVICE]),
    name=names,
    location=locations,
    properties=st.dictionaries(st.sampled_from(["access", "models"]), values),
    key=st.sampled_from(["", "k"]),
)
findings = st.builds(
    Finding,
    rule=st.sampled_from(["mcp/x", "secrets/y"]),
    title=names,
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
    asset=names,
    location=locations,
    evidence=st.tuples(st.builds(Evidence, kind=st.just("text"), summary=names)),
)
relations = st.builds(Relation, kind=st.sampled_from(RelationKind), source=names, target=names)
gaps = st.builds(Coverage, outcome=st.sampled_from([Outcome.SKIPPED, Outcome.FAILED]), target=names)
observations = st.lists(assets | findings | relations | gaps, max_size=12)


def _inventory(*groups: list[Observation]) -> Inventory:
    inventory = Inventory()
    for group in groups:
        inventory.add(group)
    return inventory


def _merged(*groups: list[Observation]) -> list[Observation]:
    whole = Inventory()
    for group in groups:
        whole.merge(_inventory(group))
    return list(whole.observations())


@given(observations, observations)
def test_merging_is_commutative(left: list[Observation], right: list[Observation]) -> None:
    assert _merged(left, right) == _merged(right, left)


@given(observations, observations, observations)
def test_merging_is_associative(one: list[Observation], two: list[Observation], three: list[Observation]) -> None:
    assert _merged(_merged(one, two), three) == _merged(one, _merged(two, three))


@given(observations)
def test_merging_is_idempotent(seen: list[Observation]) -> None:
    assert _merged(seen, seen) == _merged(seen)


@given(observations, st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_order(seen: list[Observation], random: object) -> None:
    shuffled = list(seen)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(_inventory(shuffled).findings) == set(_inventory(seen).findings)
    assert _merged(shuffled) == _merged(seen)


def _pasted(*lines: int) -> list[Observation]:
    return [
        Finding(
            "secrets/y", "t", Severity.HIGH, Confidence.FIRM, "a", Location(path=".env", line=line),
            (Evidence("text", "same"),),
        )
        for line in lines
    ]  # fmt: skip


def test_equal_findings_of_one_file_are_numbered_in_reading_order() -> None:
    one = [found.id for found in number(_pasted(3, 9)) if isinstance(found, Finding)]
    two = [found.id for found in number(_pasted(14, 5)) if isinstance(found, Finding)]
    assert len(set(one)) == 2
    assert one == two, "lines moved, ids must not"
