"""Which products the answers speak for, and which question would tell most."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.rules.product import Mark, Product
from bartizan.sensors.exposure.answer import Answer, holds
from bartizan.sensors.exposure.book import Book
from bartizan.sensors.exposure.interview import Interview, stacks_of

DECIDED = 100
_PATIENCE = 9
"""Questions, baseline and root included, after which a service that shows no sign of any product is left alone."""
_WORTH = 4.0
"""Least value of a question that is still put to a service of which nothing is known."""


@dataclass(slots=True)
class Recognition:
    """Scores by product while an interview goes on."""

    interview: Interview
    book: Book
    stacks: frozenset[str] = frozenset()
    scores: dict[int, int] = field(default_factory=dict)
    proofs: dict[int, list[tuple[Mark, Answer]]] = field(default_factory=dict)
    _left: list[int] = field(default_factory=list)
    _weighed: set[str] = field(default_factory=set)
    _everywhere: set[int] = field(default_factory=set)

    def run(self) -> list[int]:
        """Put the questions that decide; the indexes of the products that were recognised, best first."""
        self._left = [sum(promise.values()) for promise in self.book.promise]
        for name in ("?", "/", *self.interview.answers):
            self._weigh(name)
        self.stacks = stacks_of(self.interview)
        while (question := self._next()) is not None:
            self.interview.ask(question)
            self._weigh(question)
        return self.recognised()

    def recognised(self) -> list[int]:
        """Decided products, without those that another of them stands on; generic ones only alone."""
        decided = [index for index, score in self.scores.items() if score >= DECIDED]
        products = self.book.products
        beneath = {slug for index in decided for slug in products[index].over}
        kept = [index for index in decided if products[index].slug not in beneath]
        special = [index for index in kept if not products[index].generic]
        if any(not products[index].own for index in special):
            kept = special
        return sorted(kept, key=lambda index: (-self.scores[index], products[index].slug))

    def _weigh(self, name: str) -> None:
        """Add up the marks that the answer of that name brings, and those that look at any answer."""
        if name not in self._weighed:
            self._weighed.add(name)
            answers = [self.interview.missing] if name == "?" else self.interview.read(name)
            for index, mark in self.book.marks.get(name, ()):
                if mark.weight > 0:
                    self._left[index] -= mark.weight
                self._count(index, mark, [answer for answer in answers if answer is not None])
        newest = self.interview.answers.get(name)
        for index, mark in self.book.marks.get("*", ()):
            if id(mark) not in self._everywhere and newest is not None and holds(mark, newest):
                self._everywhere.add(id(mark))
                self._left[index] -= max(0, mark.weight)
                self._count(index, mark, [newest])

    def _count(self, index: int, mark: Mark, answers: list[Answer]) -> None:
        for answer in answers:
            if holds(mark, answer):
                self.scores[index] = self.scores.get(index, 0) + mark.weight
                self.proofs.setdefault(index, []).append((mark, answer))
                return

    def _next(self) -> str | None:
        """The question that tells most, or None when what is known is enough."""
        decided = {
            self.book.products[index].slug for index in self.recognised() if not self.book.products[index].generic
        }
        hopeful = any(0 < score < DECIDED for score in self.scores.values())
        values: dict[str, float] = {}
        for index, product in enumerate(self.book.products):
            weight = self._hope(index, product, decided)
            if weight > 0:
                missing = DECIDED - self.scores.get(index, 0)
                for name, promise in self.book.promise[index].items():
                    if self.interview.can_ask(name) and name not in self._weighed and name not in ("*", "?", "/"):
                        values[name] = values.get(name, 0.0) + weight * min(1.0, promise / missing)
        values = {name: value for name, value in values.items() if self._is_sensible(name)}
        if not values:
            return None
        name = max(values, key=lambda key: (values[key], key))
        near = any(self._is_at_home(product) for product in self.book.products)
        if values[name] < _WORTH and not hopeful and not near:
            return None
        if self.interview.count >= _PATIENCE and not hopeful and not (near and self.interview.count < _PATIENCE + 2):
            return None
        return name

    def _hope(self, index: int, product: Product, decided: set[str]) -> float:
        """How much it is worth to find out about a product; 0 when it is decided, ruled out or of no interest."""
        score = self.scores.get(index, 0)
        if score >= DECIDED or score + self._left[index] < DECIDED:
            return 0.0
        if decided:
            beneath = decided & set(product.over)
            if not beneath or (score <= 0 and product.common < 4 and not product.own):
                return 0.0
        if score <= 0 and product.stacks and self.stacks and not self.stacks & set(product.stacks):
            return 0.0
        known = 3.0 if product.stacks and self.stacks else 1.0
        home = 5.0 if self._is_at_home(product) else 1.0
        return product.common * known * home * (1.0 + 5.0 * max(0, score) / DECIDED)

    def _is_at_home(self, product: Product) -> bool:
        return self.interview.service.location.port in product.ports

    def _is_sensible(self, name: str) -> bool:
        """A question of another protocol is put only on its ports, or where an answer hints at it."""
        question = self.book.questions.get(name)
        if question is None or not (question.ports or question.hints):
            return True
        if self.interview.service.location.port in question.ports:
            return True
        return any(
            answer is not None and holds(sign, answer)
            for sign in question.hints
            for answer in ([self.interview.missing] if sign.at == "?" else self.interview.read(sign.at))
        )
