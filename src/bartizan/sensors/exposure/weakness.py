"""Turns what is known of a recognised product into findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from bartizan.model.asset import Asset
from bartizan.model.finding import Finding
from bartizan.model.service import Service
from bartizan.rules.product import ExposureRule
from bartizan.sensors.exposure.answer import Answer, holds
from bartizan.sensors.exposure.evidence import Redaction, place
from bartizan.sensors.exposure.interview import Interview
from bartizan.sensors.exposure.profile import Profile
from bartizan.sensors.exposure.release import is_lower

_EVERYWHERE = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - it is looked for, not bound
_PIECES = 2


@dataclass(frozen=True, slots=True)
class Weighing:
    """The rules for all products, and how evidence is cleaned."""

    general: tuple[ExposureRule, ...]
    redaction: Redaction

    def weaknesses(
        self, made: Profile, asset: Asset, interview: Interview, marks: Sequence[Answer]
    ) -> Iterator[Finding]:
        """Findings of the product's own rules and of those for all, each with the exchange that proves it."""
        for rule in (*made.product.rules, *self.general):
            if (rule.access and made.access not in rule.access) or not _fits(rule, made, interview.service):
                continue
            proofs = _proofs(rule, interview)
            if proofs is None:
                continue
            if not proofs and rule.access and made.proof is not None:
                proofs = [made.proof]
            evidence = [self.redaction.exchange(answer) for answer in (proofs or list(marks))[:_PIECES]]
            where = place(interview.service, proofs[0] if proofs else None)
            proof = f"{rule.id}|{made.product.slug}"
            yield rule.finding(asset.id, where, *evidence, title=_titled(rule, made), proof=proof)


def _fits(rule: ExposureRule, made: Profile, service: Service) -> bool:
    if rule.bind == "all" and service.bind not in _EVERYWHERE:
        return False
    if rule.plain and (service.tls or _is_loopback(service.address)):
        return False
    if rule.below:
        return made.version_of == made.product.slug and is_lower(made.version, rule.below)
    return True


def _proofs(rule: ExposureRule, interview: Interview) -> list[Answer] | None:
    """The answers in which the tests of the rule hold; None when one of them does not."""
    proofs: list[Answer] = []
    for sign in rule.when:
        if sign.at not in ("/", "*", "?"):
            interview.ask(sign.at)
        answer = next((answer for answer in interview.read(sign.at) if holds(sign, answer)), None)
        if answer is None:
            return None
        proofs.append(answer)
    return proofs


def _titled(rule: ExposureRule, made: Profile) -> str:
    return rule.title.replace("{product}", made.product.title).replace("{version}", made.version)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
