"""Which products the answers speak for, and which question would tell most."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.rules.product import Mark, Product
from bartizan.sensors.exposure.answer import Answer, holds
from bartizan.sensors.exposure.book import Book
from bartizan.sensors.exposure.interview import Interview, stacks_of

DECIDED = 100
_PATIENCE = 9
"""Questions, baseline and root included, after which only products that some sign speaks for are followed up."""
_PATIENCE_API = 13
_PATIENCE_BARE = 6
_PATIENCE_NAMING = 13
"""The same where a generic product was recognised, for those of its kind that have a name."""
_BARE = frozenset({"webserver", "pages"})
"""Stacks whose baseline says that paths lead to no program: those of file servers, and pages that answer for all."""
_STRONG = 50
"""A score from which a further product is followed up beside one that is decided."""
_LEFT_OUT = 0.2
_DECOY_QUESTIONS = 5
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
    _namable: set[str] = field(default_factory=set)

    def run(self) -> list[int]:
        """Put the questions that decide; the indexes of the products that were recognised, best first."""
        self._left = [sum(promise.values()) for promise in self.book.promise]
        for name in ("?", "/", *self.interview.answers):
            self._weigh(name)
        self.stacks = stacks_of(self.interview)
        while (question := self._next()) is not None:
            self.interview.ask(question)
            self._weigh(question)
        self._cross_examine()
        return self.recognised()

    def _cross_examine(self) -> None:
        """Put a question that only other products answer; while it is answered, go on: nothing is so many things."""
        for _ in range(_DECOY_QUESTIONS):
            known = {self.book.products[index].slug for index in self.recognised()}
            name = self._foreign(known) if known and self.interview.speaks else None
            if name is None:
                return
            self.interview.ask(name)
            self._weigh(name)
            if {self.book.products[index].slug for index in self.recognised()} <= known:
                return

    def _foreign(self, known: set[str]) -> str | None:
        """The path that most of the common products answer which have nothing to do with those recognised."""
        kin = {slug for product in self.book.products if product.slug in known for slug in product.over} | known
        counts: dict[str, int] = {}
        for index, product in enumerate(self.book.products):
            if product.common < 4 or product.own or product.generic or product.slug in kin or kin & set(product.over):
                continue
            paths = (name for name in self.book.promise[index] if self.interview.can_ask(name))
            name = next((name for name in paths if name not in self.book.questions), None)
            if name is not None and self.book.promise[index][name] >= DECIDED:
                counts[name] = counts.get(name, 0) + 1
        return max(counts, key=lambda name: (counts[name], name)) if counts else None

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
        known = [self.book.products[index] for index in self.recognised()]
        decided = {product.slug for product in known if not product.generic and not product.own}
        kinds = [self.book.namable[product.slug] for product in known if product.generic]
        self._namable = set().union(*kinds) if self.interview.count < _PATIENCE_NAMING else set()
        patient = self.interview.count < self._patience()
        worth = _WORTH if self.interview.speaks else 0.0
        values: dict[str, float] = {}
        for index, product in enumerate(self.book.products):
            weight = self._hope(index, product, decided)
            if weight <= 0 or not (patient or self.scores.get(index, 0) > 0 or product.slug in self._namable):
                continue
            missing = DECIDED - self.scores.get(index, 0)
            for name, promise in self.book.promise[index].items():
                if name not in self._weighed and self.interview.can_ask(name):
                    weighed = weight * min(1.0, promise / missing)
                    values[name] = values.get(name, 0.0) + (weighed if product.own else weighed * self._doubt(name))
        values = {name: value for name, value in values.items() if value >= worth and self._is_sensible(name)}
        return max(values, key=lambda name: (values[name], name)) if values else None

    def _patience(self) -> int:
        """Fewer questions where a page was shown: programs with pages are told by them, those without by paths."""
        if self.stacks & _BARE:
            return _PATIENCE_BARE
        paged = any(answer.media == "text/html" and answer.reply.status == 200 for answer in self.interview.landing)
        if paged or any(self.book.products[index].own for index in self.recognised()):
            return _PATIENCE
        return _PATIENCE_API

    def _doubt(self, name: str) -> float:
        """Less than 1 for a path that the service's own description of its paths leaves out."""
        described = self.interview.answers.get("/openapi.json")
        if described is None or not name.startswith("/") or not isinstance(described.json, dict):
            return 1.0
        paths = described.json.get("paths")
        return 1.0 if not isinstance(paths, dict) or not paths or name in paths else _LEFT_OUT

    def _hope(self, index: int, product: Product, decided: set[str]) -> float:
        """How much it is worth to find out about a product; 0 when it is decided, ruled out or of no interest."""
        score = self.scores.get(index, 0)
        if score >= DECIDED or score + self._left[index] < DECIDED:
            return 0.0
        if decided:
            beneath = decided & set(product.over)
            likely = score >= _STRONG or bool(decided & set(product.beside))
            if not likely and (not beneath or (score <= 0 and product.common < 4)):
                return 0.0
        if score <= 0 and product.stacks and self.stacks and not self.stacks & set(product.stacks):
            return 0.0
        known = 3.0 if product.stacks and self.stacks else 1.0
        home = 20.0 if self._is_at_home(product) else 1.0
        if product.slug in self._namable:
            home *= 4.0
        return product.common * known * home * (1.0 + 5.0 * max(0, score) / DECIDED)

    def _is_at_home(self, product: Product) -> bool:
        return self.interview.service.location.port in product.ports

    def _is_sensible(self, name: str) -> bool:
        """A path is asked where HTTP is spoken; another protocol on its ports, or where an answer hints at it."""
        question = self.book.questions.get(name)
        if (question is None or question.protocol == "http") and not self.interview.speaks:
            return False
        if question is None or not (question.ports or question.hints):
            return True
        if self.interview.service.location.port in question.ports:
            return True
        return any(
            answer is not None and holds(sign, answer)
            for sign in question.hints
            for answer in ([self.interview.missing] if sign.at == "?" else self.interview.read(sign.at))
        )
