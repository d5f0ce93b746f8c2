"""What the packs know of products and of asking, arranged for quick use."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from bartizan.model.service import Request
from bartizan.rules.approach import Approach, NeverAsk, Question, Stack
from bartizan.rules.library import Library
from bartizan.rules.product import ExposureRule, Mark, Product
from bartizan.syntax.pattern import compiled

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Book:
    """Products by index; marks by the question that brings them."""

    products: tuple[Product, ...]
    general: tuple[ExposureRule, ...]
    questions: dict[str, Question]
    stacks: tuple[Stack, ...]
    barriers: tuple[Stack, ...]
    never: tuple[NeverAsk, ...]
    marks: dict[str, list[tuple[int, Mark]]] = field(default_factory=lambda: defaultdict(list))
    promise: list[dict[str, int]] = field(default_factory=list)
    """For each product, by question: the weight that its answer can bring at best."""
    namable: dict[str, set[str]] = field(default_factory=dict)
    """By generic product: those that are one of its kind, with a name (they prove their access by its question)."""

    def request(self, name: str) -> Request | None:
        """The question of that name, or None when it is one that nobody is asked."""
        question = self.questions.get(name)
        if question is not None:
            request = question.request()
            return request if request.protocol != "http" or not self.is_forbidden(request) else None
        method, blank, path = name.partition(" ")
        request = Request(path, method) if blank and method in _HARMLESS else Request(name)
        return None if self.is_forbidden(request) else request

    def is_forbidden(self, request: Request) -> bool:
        """Whether the request stands on the never-ask list. Case, doubled and trailing slashes make no difference."""
        path = "/" + "/".join(part for part in request.path.partition("?")[0].lower().split("/") if part)
        return any(
            compiled(entry.path).search(path) and compiled(entry.method).search(request.method) for entry in self.never
        )


def open_book(library: Library) -> Book:
    """Arrange what the packs in force hold."""
    sheets = library.sheets(Product)
    approaches = library.sheets(Approach)
    book = Book(
        products=tuple(sheet for sheet in sheets if sheet.slug),
        general=tuple(rule for sheet in sheets if not sheet.slug for rule in sheet.rules if rule.has_condition),
        questions={question.name: question for sheet in approaches for question in sheet.questions},
        stacks=tuple(stack for sheet in approaches for stack in sheet.stacks),
        barriers=tuple(stack for sheet in approaches for stack in sheet.barriers),
        never=tuple(entry for sheet in approaches for entry in sheet.never),
    )
    for index, product in enumerate(book.products):
        promise: dict[str, int] = {}
        for mark in product.marks:
            book.marks[mark.at].append((index, mark))
            if mark.weight > 0:
                promise[mark.at] = promise.get(mark.at, 0) + mark.weight
        book.promise.append(promise)
    for generic in book.products:
        if generic.generic:
            asked = {mark.at for mark in generic.marks}
            book.namable[generic.slug] = {
                product.slug
                for product in book.products
                if generic.slug in product.over or asked & {sign.at for sign in product.access}
            } - {generic.slug}
    return book
