from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bartizan.rules.credential import Issuer
from bartizan.rules.library import Library
from tests.sensors.secrets.conftest import GROQ, OPENAI, fake

Reply = tuple[int, dict[str, str], Any]


class Provider(ThreadingHTTPServer):
    """Answers as providers document; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.reply: Callable[[str], Reply] = lambda _: (200, {}, {})
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                owner.asked.append(
                    (self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length))
                )
                status, headers, body = owner.reply(self.path)
                raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = _answer

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def verify(bartizan: Any, tmp_path: Any, provider: Any) -> Any:
    def run(text: str, *more: str) -> list[dict[str, Any]]:
        (tmp_path / "repo").mkdir(exist_ok=True)
        (tmp_path / "repo" / ".env").write_text(text)
        ran = bartizan(
            "secrets",
            "verify",
            tmp_path / "repo",
            "--format",
            "json",
            "--endpoint",
            f"http://127.0.0.1:{provider.server_port}",
            *more,
        )
        assert ran.code == 0, ran.err
        rows: list[dict[str, Any]] = json.loads(ran.out)
        return rows

    return run


CASES = [
    (
        f"OPENAI_API_KEY={fake(OPENAI)}",
        200,
        {"data": [{"id": "gpt-a"}, {"id": "gpt-b"}]},
        "live",
        {"models": ["gpt-a", "gpt-b"]},
    ),
    (f"OPENAI_API_KEY={fake(OPENAI)}", 401, {"error": {"code": "invalid_api_key"}}, "dead", {}),
    (f"OPENAI_API_KEY={fake(OPENAI)}", 403, {"error": {"message": "missing scopes"}}, "restricted", {}),
    (f"OPENAI_API_KEY={fake(OPENAI)}", 429, {"error": {"code": "insufficient_quota"}}, "limited", {}),
    (f"OPENAI_API_KEY={fake(OPENAI)}", 500, "oops", "undecided", {}),
    (
        f"k={fake('AI<<join>>za<<url 35>>', 'g')}",
        400,
        {"error": {"details": [{"reason": "API_KEY_INVALID"}]}},
        "dead",
        {},
    ),
    (
        f"k={fake('AI<<join>>za<<url 35>>', 'g')}",
        403,
        {"error": {"details": [{"reason": "API_KEY_SERVICE_BLOCKED"}]}},
        "restricted",
        {},
    ),
    (
        f"ELEVENLABS_API_KEY={fake('sk<<join>>_<<hex 48>>')}",
        401,
        {"detail": {"status": "missing_permissions"}},
        "restricted",
        {},
    ),
    (f"WANDB_API_KEY={fake('<<hex 40>>', 'w')}", 200, {"data": {"viewer": None}}, "dead", {}),
    (
        f"WANDB_API_KEY={fake('<<hex 40>>', 'w')}",
        200,
        {"data": {"viewer": {"email": "a@b.c"}}},
        "live",
        {"owner": "a@b.c"},
    ),
    (
        f"k={fake('sk-<<join>>or-v1-<<hex 64>>')}",
        200,
        {"data": {"label": "x", "usage": 3.5, "limit": 10}},
        "live",
        {"spend": "3.5", "limit": "10"},
    ),
    (
        f"k={fake('hf<<join>>_<<letters 34>>')}",
        200,
        {"name": "ann", "auth": {"accessToken": {"role": "write"}}},
        "live",
        {"owner": "ann", "role": "write"},
    ),
]


@pytest.mark.parametrize(("text", "status", "body", "verdict", "told"), CASES)
def test_answers_are_read_as_the_provider_means_them(
    verify: Any, provider: Any, text: Any, status: Any, body: Any, verdict: Any, told: Any
) -> None:
    provider.reply = lambda _: (status, {}, body)
    [row] = verify(text + "\n")
    assert row["verdict"] == verdict
    assert told.items() <= row["told"].items()
    assert row["locations"][0]["path"] == ".env"


def test_scopes_in_headers_are_told(verify: Any, provider: Any) -> None:
    provider.reply = lambda _: (200, {"x-oauth-scopes": "repo, gist"}, {"login": "ann"})
    [row] = verify(f"GITHUB_TOKEN={fake('gh<<join>>p_<<crc 30>>')}\n")
    assert (row["verdict"], row["told"]["owner"], row["told"]["scopes"]) == ("live", "ann", "repo, gist")


def test_of_look_alikes_the_one_that_answers_counts(verify: Any, provider: Any) -> None:
    provider.reply = lambda path: (200, {}, {"data": []}) if path.startswith("/compatible-mode") else (401, {}, {})
    [row] = verify(f"k = {fake('sk-<<join>><<hex 32>>')}\n")
    assert (row["provider"], row["verdict"]) == ("dashscope", "live")


def test_a_server_of_ones_own_is_asked_where_its_address_stands(bartizan: Any, tmp_path: Any, provider: Any) -> None:
    provider.reply = lambda _: (200, {}, {"info": {"spend": 1.5, "models": ["m"]}})
    key = fake("sk-<<join>><<alnum 22>>")
    (tmp_path / "a.env").write_text(
        f"LITELLM_PROXY_URL=http://127.0.0.1:{provider.server_port}/v1\nLITELLM_API_KEY={key}\n"
    )
    ran = bartizan("secrets", "verify", tmp_path / "a.env", "--format", "json")
    [row] = json.loads(ran.out)
    assert (row["verdict"], row["told"]["spend"]) == ("live", "1.5")
    assert provider.asked[0][2]["authorization"] == f"Bearer {key}"


def test_an_answer_that_repeats_the_key_is_not_passed_on(verify: Any, provider: Any) -> None:
    key = fake(OPENAI)
    provider.reply = lambda _: (200, {}, {"data": [{"id": f"echo {key}"}]})
    [row] = verify(f"k={key}\n")
    assert row["told"]["models"] == ["echo ***"]


def test_redirects_are_not_followed(verify: Any, provider: Any) -> None:
    provider.reply = lambda _: (302, {"location": "http://127.0.0.1:1/"}, "")
    [row] = verify(f"k={fake(GROQ)}\n")
    assert row["verdict"] == "undecided"
    assert len(provider.asked) == 1


def test_without_a_scope_no_provider_is_contacted(bartizan: Any, tmp_path: Any) -> None:
    (tmp_path / "a.env").write_text(f"k={fake(GROQ)}\n")
    ran = bartizan("secrets", "verify", tmp_path, "--format", "json")
    [row] = json.loads(ran.out)
    assert (row["verdict"], "outside the scope" in row["reason"]) == ("undecided", True)


def test_a_scope_must_allow_it(bartizan: Any, tmp_path: Any) -> None:
    (tmp_path / "a.env").write_text(f"k={fake(GROQ)}\n")
    (tmp_path / "scope.yaml").write_text(
        "authorised_by: A\nuntil: 2999-01-01\ntargets: [api.groq.com]\nintensity: safe\n"
    )
    ran = bartizan("secrets", "verify", tmp_path / "a.env", "--scope", tmp_path / "scope.yaml")
    assert (ran.code, "intensity active" in ran.err) == (2, True)


@pytest.mark.parametrize("wrong", [("--endpoint", "nonsense"), ("--only", "no-such-kind")])
def test_wrong_requests_are_one_line(bartizan: Any, tmp_path: Any, wrong: Any) -> None:
    ran = bartizan("secrets", "verify", tmp_path, *wrong)
    assert ran.code == 2
    assert ran.err.startswith("bartizan: ")


def test_questions_only_read() -> None:
    for issuer in Library().sheets(Issuer):
        for kind in issuer.rules:
            if kind.verify is None:
                assert kind.unverified, kind.id
                continue
            assert kind.verify.method in ("GET", "POST"), kind.id
            assert "{key}" not in kind.verify.url, f"{kind.id} would put the key into logs"
            assert not any(word in kind.verify.url for word in ("completions", "generate", "/search?", "messages")), (
                kind.id
            )
