"""Products are named rightly, by few questions, and none that is forbidden."""

from __future__ import annotations

from functools import lru_cache
from statistics import median

import pytest

from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.observation import Observation
from bartizan.model.service import Request
from bartizan.model.settings import Settings
from bartizan.net.recorded import RecordedService, recorded_service
from bartizan.rules.case import Case, CaseReply, read_cases
from bartizan.rules.index import BUILT_IN
from bartizan.rules.library import Library
from bartizan.rules.product import Product
from bartizan.sensors.exposure.answer import Answer, holds
from bartizan.sensors.exposure.book import Book, open_book
from bartizan.sensors.exposure.interview import CEILING
from bartizan.sensors.exposure.services import Services

LIBRARY = Library()
OWN = {"mcp-server", "a2a-agent"}
"""Protocols of their own, reported beside the product whose port carries them."""
PRODUCTS = tuple(product for product in LIBRARY.sheets(Product) if product.slug)


@lru_cache(maxsize=1)
def sensor() -> Services:
    return Services(LIBRARY, Settings())


@lru_cache(maxsize=1)
def book() -> Book:
    return open_book(LIBRARY)


@lru_cache(maxsize=512)
def positives(slug: str) -> tuple[Case, ...]:
    product = next(item for item in PRODUCTS if item.slug == slug)
    return read_cases(BUILT_IN / "exposure" / f"{slug}.yaml", product.cases_for)[slug].must_match


def look(service: RecordedService) -> list[Observation]:
    return list(sensor().observe(service))


def products(seen: list[Observation]) -> set[str]:
    return {
        str(item.properties["product"]) for item in seen if isinstance(item, Asset) and "product" in item.properties
    }


def served(*replies: CaseReply, port: int = 45000) -> RecordedService:
    return recorded_service(Case(name="made", port=port, exchanges=replies))


def page(title: str, body: str = "", path: str = "*", status: int = 200) -> CaseReply:
    text = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return CaseReply(request=path, status=status, headers=(("content-type", "text/html"),), body=text)


def value(body: str, path: str = "*", status: int = 200) -> CaseReply:
    return CaseReply(request=path, status=status, headers=(("content-type", "application/json"),), body=body)


@pytest.mark.parametrize("slug", [product.slug for product in PRODUCTS])
def test_a_product_is_named_and_nothing_else(slug: str) -> None:
    for case in positives(slug):
        assert products(look(recorded_service(case))) - OWN == {slug} - OWN, case.name
        assert slug in products(look(recorded_service(case))), case.name


@pytest.mark.parametrize("slug", [product.slug for product in PRODUCTS])
def test_a_product_is_named_on_any_port(slug: str) -> None:
    """Most are met on other ports than their own; those whose protocol is asked only at home say so by their ports."""
    for case in positives(slug):
        moved = recorded_service(case)
        moved.location = type(moved.location)(host="127.0.0.1", port=45999)
        seen = products(look(moved))
        assert seen - OWN - {"openai-compatible"} <= {slug}, case.name


def test_most_products_are_named_off_their_ports() -> None:
    found, cases = 0, 0
    for product in PRODUCTS:
        for case in positives(product.slug):
            moved = recorded_service(case)
            moved.location = type(moved.location)(host="127.0.0.1", port=45999)
            cases += 1
            found += products(look(moved)) | OWN == {product.slug} | OWN
    assert found / cases > 0.93, f"{found} of {cases}"


def test_few_questions_are_asked_and_none_twice() -> None:
    counts = []
    for product in PRODUCTS:
        for case in positives(product.slug):
            service = recorded_service(case)
            look(service)
            asked = [request for request, _ in service.asked()]
            assert len(asked) <= CEILING, case.name
            paths = [(request.method, request.path) for request in asked]
            assert len(paths) == len(set(paths)), case.name
            counts.append(len(asked))
    assert median(counts) <= 8


def test_nothing_on_the_never_ask_list_is_asked_by_any_rule() -> None:
    names = {mark.at for product in PRODUCTS for mark in product.marks}
    names |= {sign.at for product in PRODUCTS for sign in product.access}
    names |= {item.at for product in PRODUCTS for item in product.versions}
    names |= {item.at for product in PRODUCTS for item in product.lists}
    names |= {sign.at for product in PRODUCTS for rule in product.rules for sign in rule.when}
    forbidden = [name for name in sorted(names - {"/", "*", "?"}) if book().request(name) is None]
    assert forbidden == []


@pytest.mark.parametrize(
    "path",
    [
        "/flush_cache",
        "/start_profile",
        "//flush_cache",
        "/Flush_Cache/",
        "/stop_profile?x=1",
        "/release_memory_occupation",
        "/health_generate",
        "/-/quit",
        "/quitquitquit",
        "/api/shutdown",
        "/logout",
        "/3/Shutdown",
        "/webhook/abc",
    ],
)
def test_requests_that_change_something_are_refused(path: str) -> None:
    assert book().is_forbidden(Request(path))
    assert book().request(path) is None


def test_a_redirect_to_a_forbidden_path_is_not_followed() -> None:
    service = served(CaseReply(request="GET /", status=302, headers=(("location", "/flush_cache"),)))
    look(service)
    assert "/flush_cache" not in [request.path for request, _ in service.asked()]


@pytest.mark.parametrize(
    "target", ["http://192.0.2.7/", "//192.0.2.7/", "https://127.0.0.1:45000/", "http://127.0.0.1:1/", "javascript:x"]
)
def test_a_redirect_elsewhere_is_not_followed(target: str) -> None:
    service = served(CaseReply(request="GET /", status=302, headers=(("location", target),)))
    look(service)
    assert all(not request.path.startswith(("http", "//")) for request, _ in service.asked())


@pytest.mark.parametrize(
    "replies",
    [
        (page("Welcome to nginx!"),),
        (value('{"path": "{path}", "version": "1.0", "models": []}'),),
        (
            value('{"detail":"Not Found"}', status=404),
            value('{"version":"1.2.3"}', "GET /version"),
            value('{"status":"ok"}', "GET /health"),
        ),
        (page("Blog", "Ollama is running, vLLM, LiteLLM API, Ray Dashboard, qdrant - vector search engine"),),
        (value("{}"),),
        (value("[]"),),
        (value('"ok"'),),
        (value("true"),),
        (CaseReply(request="*", status=200),),
        (CaseReply(request="*", status=401, headers=(("www-authenticate", "Basic realm=x"),)),),
        (CaseReply(request="*", status=500, body="Internal Server Error"),),
        (CaseReply(request="*", status=301, headers=(("location", "https://example.org/"),)),),
        (CaseReply(request="*", error="no answer in time"),),
        (CaseReply(request="*", error="the answer is not HTTP", body="SSH-2.0-OpenSSH_9.6\r\n"),),
        (page("Sign in", '<input type="password">'), page("Not found", path="GET /x", status=404)),
    ],
)
def test_ordinary_services_are_no_ai(replies: tuple[CaseReply, ...]) -> None:
    seen = look(served(*replies))
    assert products(seen) == set()
    assert not [item for item in seen if isinstance(item, Finding)]


def test_a_catch_all_that_changes_its_bytes_proves_nothing() -> None:
    class Changing(RecordedService):
        def _reply(self, request: Request):  # type: ignore[no-untyped-def]
            reply = super()._reply(request)
            body = reply.body + f"<!-- {len(self._memory)} {request.path} -->".encode()
            return type(reply)(reply.status, reply.headers, body)

    made = served(page("Team wiki", "data.models"))
    assert products(look(Changing(made.location, made.replies))) == set()


def test_a_firewall_page_is_said_and_nothing_is_asked_behind_it() -> None:
    head = (("content-type", "text/html"), ("server", "cloudflare"), ("cf-mitigated", "challenge"))
    service = served(CaseReply(request="*", status=403, headers=head, body="<title>Just a moment...</title>"))
    (said,) = look(service)
    assert isinstance(said, Coverage)
    assert "firewall" in said.reason
    assert len(service.asked()) == 2


def test_evidence_blanks_secrets() -> None:
    token = "sk-" + "a1B2c3D4" * 4
    body = f'{{"Providers": [{{"name": "x", "api_key": "{token}"}}], "Router": {{}}}}'
    seen = look(served(value('{"message":"LLMs API","version":"1.0.51"}', "GET /"), value(body, "GET /api/config")))
    findings = [item for item in seen if isinstance(item, Finding)]
    assert findings
    text = "".join(piece.summary + piece.detail for finding in findings for piece in finding.evidence)
    assert token not in text
    assert "[blanked]" in text


def test_the_same_service_gives_the_same_ids() -> None:
    case = positives("ollama")[0]
    one, two = ([item.id for item in look(recorded_service(case)) if isinstance(item, Finding)] for _ in range(2))
    assert one
    assert one == two


def test_every_mark_is_met_by_a_case() -> None:
    """A mark that no case shows is a guess; alternatives for other releases may stand beside one that is shown."""
    shown = 0
    total = 0
    for product in PRODUCTS:
        met = set()
        for case in positives(product.slug):
            service = recorded_service(case)
            replies = list(service.replies.values())
            for number, mark in enumerate(product.marks):
                request = Request("/baseline") if mark.at in ("?", "/", "*") else book().request(mark.at)
                assert request is not None
                seen = replies if mark.at in ("/", "*") else [service.ask(request)]
                if any(holds(mark, Answer(mark.at, request, reply)) for reply in seen):
                    met.add(number)
        total += len(product.marks)
        shown += len(met)
        assert any(mark.weight > 0 and number in met for number, mark in enumerate(product.marks)), product.slug
    assert shown / total > 0.55


def test_the_catalogue_is_wide() -> None:
    assert len(PRODUCTS) >= 170
    assert sum(1 for product in PRODUCTS if product.versions) >= 100
    proofs = [product for product in PRODUCTS if {sign.state for sign in product.access} - {"unknown"}]
    assert len(proofs) >= 70
    assert all(product.gains for product in PRODUCTS if any(sign.state == "open" for sign in product.access))


@pytest.mark.parametrize("slug", [product.slug for product in PRODUCTS])
def test_no_product_is_named_without_its_marks(slug: str) -> None:
    """With every answer but the baseline replaced by the baseline, nothing is left to name it by."""
    product = next(item for item in PRODUCTS if item.slug == slug)
    if any(mark.at in ("?", "*") or mark.at in book().questions for mark in product.marks):
        pytest.skip("told from any answer")
    for case in positives(slug):
        bare = recorded_service(case)
        bare.replies = {name: reply for name, reply in bare.replies.items() if name == "*"}
        if not bare.replies or bare.replies["*"].status != 404 or product.title.encode() in bare.replies["*"].body:
            continue
        assert slug not in products(look(bare))
