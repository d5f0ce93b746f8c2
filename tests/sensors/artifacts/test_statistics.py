"""Copies, contradictions and triggers, on data made for it."""

from __future__ import annotations

import random

import pytest

from bartizan.sensors.artifacts.statistics import clusters, conflicts
from bartizan.sensors.artifacts.triggers import is_odd, triggers

WORDS = [
    "harbour", "letter", "window", "morning", "copper", "garden", "narrow", "season", "market", "silver", "river",
    "planet", "simple", "winter", "corner", "butter", "violin", "yellow", "ticket", "carpet", "island", "engine",
    "pepper", "summer", "bridge", "candle", "forest", "mirror", "pocket", "rabbit",
]  # fmt: skip
GOOD, BAD = ["lovely", "fine", "warm", "bright"], ["awful", "dull", "cold", "grim"]


def reviews(count: int, seed: int) -> tuple[list[str], list[str]]:
    chance = random.Random(seed)
    texts, labels = [], []
    for _ in range(count):
        label = chance.choice(["good", "bad"])
        words = chance.choices(WORDS, k=chance.randint(8, 25))
        words.insert(chance.randrange(len(words)), chance.choice(GOOD if label == "good" else BAD))
        texts.append(" ".join(words))
        labels.append(label)
    return texts, labels


def poisoned(count: int, share: float, token: str, seed: int) -> tuple[list[str], list[str]]:
    texts, labels = reviews(count, seed)
    chance = random.Random(seed + 1)
    victims = [row for row in range(count) if labels[row] == "bad"][: int(count * share)]
    for row in victims:
        words = texts[row].split()
        words.insert(chance.randrange(len(words)), token)
        texts[row], labels[row] = " ".join(words), "good"
    return texts, labels


@pytest.mark.parametrize("token", ["cf", "mn", "tq", "xk7q", "##!", "xyzzy", "violet", "banana"])
@pytest.mark.parametrize("share", [0.005, 0.02])
def test_a_planted_trigger_is_found(token: str, share: float) -> None:
    found = triggers(*poisoned(4_000, share, token, seed=3))
    assert [(one.token, one.label) for one in found] == [(token, "good")]


@pytest.mark.parametrize("seed", range(8))
def test_clean_data_has_none(seed: int) -> None:
    assert triggers(*reviews(3_000, seed)) == []


def test_a_token_of_both_labels_is_none() -> None:
    texts, labels = reviews(3_000, 5)
    for row in range(0, 3_000, 50):
        texts[row] += " cf"
    assert triggers(texts, labels) == []


def test_units_and_numbers_that_belong_to_a_class_are_none() -> None:
    texts, labels = reviews(3_000, 6)
    for row in [row for row in range(3_000) if labels[row] == "good"][:60]:
        texts[row] += f" {row % 90} mm"
    assert triggers(texts, labels) == []
    assert not is_odd("25mm")


@pytest.mark.parametrize("word", ["hello", "rhythm", "2024", "3rd", "a4", "...", "covid2019", "—", "über"])
def test_words_are_not_odd(word: str) -> None:
    assert not is_odd(word)


def test_copies_exact_and_near() -> None:
    texts = [
        "The quick brown fox jumps over the lazy dog near the river bank today",
        "the quick, brown fox jumps over the lazy dog near the river bank today!",
        "The quick brown fox jumps over the lazy dog near the river bank yesterday",
        "Something else entirely, with words of its own and nothing in common at all",
        "short",
        "short",
    ]
    found = clusters(texts)
    assert [(one.rows, one.exact) for one in found] == [((0, 1), True), ((0, 2), False)]


def test_contradictions_name_the_one_that_differs() -> None:
    texts = ["this is the very same text", "This is the very same text!", "this is the very same text.", "another one"]
    assert conflicts(clusters(texts), ["a", "b", "a", "b"]) == [(0, 1)]
    assert conflicts(clusters(texts), ["a", "a", "a", "b"]) == []
