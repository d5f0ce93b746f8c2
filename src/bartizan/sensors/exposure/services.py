"""The exposure sensor: what listens, which release it is, who can use it, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.service import Service
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.exposure.answer import holds
from bartizan.sensors.exposure.book import open_book
from bartizan.sensors.exposure.decoy import decoy
from bartizan.sensors.exposure.evidence import Redaction
from bartizan.sensors.exposure.interview import Interview
from bartizan.sensors.exposure.profile import Profile, profile
from bartizan.sensors.exposure.recognition import Recognition
from bartizan.sensors.exposure.weakness import Weighing


class Services:
    """Sensor for `Service` subjects. Holds nothing of a service: several may be looked at at once."""

    kind = Service

    def __init__(self, library: Library, settings: Settings) -> None:
        self.book = open_book(library)
        self.weighing = Weighing(self.book.general, Redaction(library))
        self.rules = library.rules("exposure")
        self.deep = settings.deep

    def wants(self, subject: Service) -> bool:
        """Every service that was found listening."""
        return subject.location.port is not None

    def observe(self, subject: Service) -> Iterator[Observation]:
        """Name it, and say what is wrong with it."""
        interview = Interview(subject, self.book, deep=self.deep)
        speaks = interview.open()
        barrier = self._barrier(interview)
        if barrier:
            yield Coverage(Outcome.SKIPPED, str(subject.location), f"a {barrier} answers in its place")
            return
        recognition = Recognition(interview, self.book)
        recognised = recognition.run()
        if not recognised:
            if not speaks and interview.missing is not None and not interview.missing.reply.body:
                yield Coverage(Outcome.SKIPPED, str(subject.location), interview.missing.reply.error)
            return
        fake = decoy(subject, [self.book.products[index] for index in recognised], self.rules)
        if fake:
            yield from fake
            return
        host = Asset(AssetKind.HOST, str(subject.location.host), replace(subject.location, port=None))
        yield host
        for index in recognised:
            made = profile(self.book.products[index], interview)
            asset = self._asset(made, subject)
            yield asset
            yield Relation(RelationKind.RUNS_ON, asset.id, host.id)
            marks = [answer for _, answer in recognition.proofs[index]]
            yield from self.weighing.weaknesses(made, asset, interview, marks)

    def _asset(self, made: Profile, service: Service) -> Asset:
        properties = made.properties() | {"tls": service.tls}
        if service.bind:
            properties["bind"] = service.bind
        if service.process:
            properties["process"] = service.process
        return Asset(AssetKind(made.product.asset), made.product.title, service.location, properties)

    def _barrier(self, interview: Interview) -> str:
        for barrier in self.book.barriers:
            for sign in barrier.tests:
                answers = [interview.missing] if sign.at == "?" else interview.read(sign.at)
                if any(answer is not None and holds(sign, answer) for answer in answers):
                    return barrier.name
        return ""
