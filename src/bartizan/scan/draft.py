"""Records the exchanges of a running server into a draft product and its cases."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bartizan.model.asset import Asset
from bartizan.model.errors import UsageError
from bartizan.model.service import Reply, Request
from bartizan.model.settings import Settings
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.net.service import LiveService
from bartizan.rules.library import Library
from bartizan.scope.authorisation import read_authorisation
from bartizan.scope.guard import Guard
from bartizan.scope.target import TargetKind, parse_target
from bartizan.sensors.exposure.answer import Answer
from bartizan.sensors.exposure.evidence import Redaction
from bartizan.sensors.exposure.services import Services

_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_KEPT_HEADERS = frozenset({"content-type", "server", "location", "www-authenticate", "x-powered-by"})
_MAX_BODY = 2000
_MAX_MARKS = 4


def draft_product(name: str, url: str, scope: Path | None = None, into: Path = Path("packs/exposure")) -> list[Path]:
    """Ask the server what a scan would ask, and write `NAME.yaml` and `NAME.cases.yaml` into the folder.

    The draft's marks are what the answers show most plainly; a person decides which of them tell the product from
    others. Secrets are blanked. Returns the files written.

    Raises UsageError for a bad name, an existing file or a server that does not answer, ScopeError outside the scope.
    """
    if not _SLUG.fullmatch(name):
        raise UsageError(f"{name}: a product's name is made of small letters, digits, dots and hyphens")
    target = parse_target(url)
    if target.kind not in (TargetKind.URL, TargetKind.HOST) or not target.port:
        raise UsageError(f"{url}: name a URL, or host:port")
    sheet, cases = into / f"{name}.yaml", into / f"{name}.cases.yaml"
    for path in (sheet, cases):
        if path.exists():
            raise UsageError(f"{path}: exists already")
    authorisation = read_authorisation(scope) if scope else None
    guard = Guard(authorisation)
    guard.admit(target)
    rate = authorisation.rate if authorisation else None
    door = Door(guard, Pace(rate.per_host, rate.total) if rate else Pace())
    service = LiveService(door, target.host, target.port, tls=url.startswith("https:"))
    known, asked = _interview(service)
    if not any(reply.status for _, reply in asked):
        raise UsageError(f"{url}: {asked[0][1].error or 'no answer'}")
    library = Library()
    into.mkdir(parents=True, exist_ok=True)
    sheet.write_text(_yaml(_product(name, target.port, known, asked)), "utf-8")
    cases.write_text(_yaml(_cases(name, target.port, service.tls, asked, Redaction(library))), "utf-8")
    return [sheet, cases]


def _interview(service: LiveService) -> tuple[set[str], list[tuple[Request, Reply]]]:
    """Names of products already known there, and every exchange."""
    seen = list(Services(Library(), Settings()).observe(service))
    service.close()
    known = {
        str(item.properties["product"]) for item in seen if isinstance(item, Asset) and "product" in item.properties
    }
    return known, list(service.asked())


def _product(name: str, port: int, known: set[str], asked: list[tuple[Request, Reply]]) -> dict[str, Any]:
    sheet: dict[str, Any] = {"slug": name, "title": name, "category": "FILL IN", "ports": [port]}
    if known:
        sheet["over"] = sorted(known - {name})
    sheet["marks"] = _marks(asked) or [{"at": "/", "status": asked[1][1].status if len(asked) > 1 else 200}]
    return sheet


def _marks(asked: list[tuple[Request, Reply]]) -> list[dict[str, Any]]:
    """Title, and the keys of JSON answers that a path which cannot exist does not have."""
    baseline = Answer("?", *asked[0])
    marks: list[dict[str, Any]] = []
    for request, reply in asked[1:]:
        answer = Answer(request.path, request, reply)
        if request.protocol != "http" or not 200 <= reply.status < 300:
            continue
        at = request.path if request.method == "GET" else f"{request.method} {request.path}"
        if answer.title and answer.title != baseline.title:
            marks.append(
                {"at": "/" if request.path == "/" else at, "title": f"^{re.escape(answer.title)}$", "weight": 100}
            )
        elif isinstance(answer.json, dict) and answer.shape != baseline.shape and answer.json:
            keys = [
                f'"{key}"' if re.search(r"[.\[\]]", key) else key for key in list(answer.json)[:4] if '"' not in key
            ]
            marks.append({"at": at, "keys": keys, "weight": 60})
    return marks[:_MAX_MARKS]


def _cases(name: str, port: int, tls: bool, asked: list[tuple[Request, Reply]], redaction: Redaction) -> dict[str, Any]:
    exchanges = [_exchange("*", asked[0][1], redaction)]
    for request, reply in asked[1:]:
        label = (
            f"{request.method} {request.path}" if request.protocol == "http" else f"{request.protocol} {request.path}"
        )
        exchanges.append(_exchange(label, reply, redaction))
    page = f"<html><head><title>Notes</title></head><body>How we set up {name}.</body></html>"
    other = {"request": "GET /", "status": 200, "headers": [["content-type", "text/html"]], "body": page}
    match: dict[str, Any] = {"name": f"{name} as recorded", "port": port, "exchanges": exchanges}
    return {
        name: {
            "must_match": [match | ({"tls": True} if tls else {})],
            "must_not_match": [{"name": f"a page about {name}", "exchanges": [other]}],
        }
    }


def _exchange(label: str, reply: Reply, redaction: Redaction) -> dict[str, Any]:
    shown = replace(reply, headers=tuple(item for item in reply.headers if item[0] in _KEPT_HEADERS))
    body = redaction.clean(reply.body.decode("utf-8", "replace"))
    if len(body) > _MAX_BODY and not Answer(label, Request(), reply).is_json:
        body = body[:_MAX_BODY]
    written: dict[str, Any] = {"request": label, "status": reply.status}
    if shown.headers:
        written["headers"] = [list(item) for item in shown.headers]
    written["body"] = "".join(mark for mark in body if mark.isprintable() or mark in "\n\t")
    return written | ({"error": reply.error} if reply.error else {})


def _yaml(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=118)
