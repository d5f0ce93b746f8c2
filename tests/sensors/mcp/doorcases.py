"""Labelled live servers: one with each flaw, and careful twins. `flawed` names the rule that must be reported; what a
careful one may be told of stands beside it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from doors import ADD, NEVER, SHELL, Door, by_clock, counting, timed  # type: ignore[import-not-found]

FAR = f"{NEVER}auth.example.com"
OPEN = Door().open()
PASSWD = {"uri": "file:///etc/passwd", "name": "passwd"}
PYTHON_STACK = b'Traceback (most recent call last):\n  File "/srv/app/server.py", line 3, in handle\nJSONDecodeError'
NODE_STACK = (
    b"<pre>SyntaxError: Unexpected end of JSON input<br> &nbsp; &nbsp;at JSON.parse (&lt;anonymous&gt;)"
    b"<br> &nbsp; &nbsp;at parse (/app/node_modules/body-parser/lib/types/json.js:92:19)</pre>"
)
JAVA_STACK = (
    b"com.fasterxml.jackson.core.JsonParseException: Unexpected end\n"
    b"\tat com.fasterxml.jackson.core.JsonParser._reportError(JsonParser.java:1)\n"
)
GO_STACK = (
    b"runtime error: invalid memory address\ngoroutine 18 [running]:\nmain.handle(0xc0000)\n\t/src/main.go:31 +0x1d"
)


def with_resource(**changes: Any) -> Callable[[str], Any]:
    def made(base: str) -> dict[str, Any]:
        usual = {"resource": f"{base}/mcp", "authorization_servers": [base], "bearer_methods_supported": ["header"]}
        usual |= {key: value(base) if callable(value) else value for key, value in changes.items()}
        return {key: value for key, value in usual.items() if value is not None}

    return made


def with_authority(**changes: Any) -> Callable[[str], Any]:
    def made(base: str) -> dict[str, Any]:
        usual: dict[str, Any] = {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        usual |= {key: value(base) if callable(value) else value for key, value in changes.items()}
        return {key: value for key, value in usual.items() if value is not None}

    return made


def any_cors(origin: str) -> dict[str, str]:
    return {"access-control-allow-origin": "*"}


def mirrored(origin: str) -> dict[str, str]:
    return {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"} if origin else {}


def mirrored_plainly(origin: str) -> dict[str, str]:
    return {"access-control-allow-origin": origin} if origin else {}


def no_stack() -> tuple[int, bytes]:
    return 500, b'{"error":"internal error"}'


def short() -> Callable[[], str]:
    texts = iter(f"{(number * 2654435761) % 65536:04x}" for number in itertools.count(7))
    return lambda: next(texts)


def two_faced(client: str) -> list[dict[str, Any]]:
    return [ADD, {**SHELL, "name": "maintenance"}] if "claude" in client or "cursor" in client else [ADD]


def jwt_shaped(token: str) -> bool:
    return token.count(".") == 2


def anything(_token: str) -> bool:
    return True


FLAWED: dict[str, tuple[Door, str]] = {
    "open": (OPEN, "unauthenticated"),
    "open, modern only": (Door(eras=("modern",)).open(), "unauthenticated"),
    "open, session only, with a shell": (
        Door(eras=("session",), tools=lambda _c: [SHELL]).open(),
        "dangerous-capability",
    ),
    "takes any bearer token": (Door(accepts=anything), "fail-open-token"),
    "takes whatever looks like a JWT": (Door(accepts=jwt_shaped), "fail-open-token"),
    "greets all, lists for any token": (
        Door(guarded=("tools/list", "tools/call"), accepts=anything),
        "fail-open-token",
    ),
    "greets all, lists for any token, session only": (
        Door(eras=("session",), guarded=("tools/list", "tools/call"), accepts=anything),
        "fail-open-token",
    ),
    "takes any API key": (
        Door(scheme="x-api-key", accepts=anything, challenge=None, resource=None, authority=None),
        "fail-open-token",
    ),
    "refuses with 403, takes any token": (Door(refusal=403, accepts=anything), "fail-open-token"),
    "any origin": (OPEN.open(checks_origin=False), "origin-not-checked"),
    "any origin, session only": (OPEN.open(eras=("session",), checks_origin=False), "origin-not-checked"),
    "any host": (OPEN.open(hosts=()), "host-not-checked"),
    "pages of every origin may read": (OPEN.open(checks_origin=False, cors=any_cors), "cors-any-origin"),
    "origin mirrored with credentials": (OPEN.open(checks_origin=False, cors=mirrored), "cors-any-origin"),
    "protected, origin mirrored with credentials": (Door(checks_origin=False, cors=mirrored), "cors-any-origin"),
    "challenge without metadata, none published": (
        Door(challenge=lambda _b: "Bearer", resource=None),
        "no-resource-metadata",
    ),
    "refusal without any challenge": (Door(challenge=None, resource=None), "no-resource-metadata"),
    "challenge names what is not there": (Door(resource=None), "no-resource-metadata"),
    "metadata without an authority": (Door(resource=with_resource(authorization_servers=None)), "no-resource-metadata"),
    "metadata of another host": (Door(resource=with_resource(resource=f"{FAR}/mcp")), "resource-mismatch"),
    "metadata of another path": (Door(resource=with_resource(resource=lambda b: f"{b}/other")), "resource-mismatch"),
    "authority without TLS": (Door(resource=with_resource(authorization_servers=[FAR])), "weak-authorization-server"),
    "tokens in the query": (
        Door(resource=with_resource(bearer_methods_supported=["header", "query"])),
        "weak-authorization-server",
    ),
    "only plain PKCE": (
        Door(authority=with_authority(code_challenge_methods_supported=["plain"])),
        "weak-authorization-server",
    ),
    "PKCE not mentioned": (
        Door(authority=with_authority(code_challenge_methods_supported=None)),
        "weak-authorization-server",
    ),
    "another issuer": (Door(authority=with_authority(issuer=FAR)), "weak-authorization-server"),
    "token endpoint without TLS": (
        Door(authority=with_authority(token_endpoint=f"{FAR}/token")),
        "weak-authorization-server",
    ),
    "implicit grant": (
        Door(authority=with_authority(response_types_supported=["code", "token"])),
        "weak-authorization-server",
    ),
    "authority without metadata": (Door(authority=None), "weak-authorization-server"),
    "ids count up": (OPEN.open(eras=("session",), new_session=counting()), "weak-session-id"),
    "ids are the clock": (OPEN.open(eras=("session",), new_session=timed), "weak-session-id"),
    "ids are clock and network card": (OPEN.open(eras=("session",), new_session=by_clock), "weak-session-id"),
    "ids of 16 bits": (OPEN.open(eras=("session",), new_session=short()), "weak-session-id"),
    "one id for all": (OPEN.open(eras=("session",), new_session=lambda: "default-session"), "weak-session-id"),
    "made-up ids are served": (OPEN.open(eras=("session",), checks_session=False), "weak-session-id"),
    "ended sessions are served": (OPEN.open(eras=("session",), ends_session=False), "weak-session-id"),
    "ids count up, both eras": (OPEN.open(new_session=counting()), "weak-session-id"),
    "header names another method": (OPEN.open(checks_headers=False), "header-mismatch-accepted"),
    "Python stack": (OPEN.open(broken=lambda: (500, PYTHON_STACK)), "verbose-errors"),
    "Node stack": (OPEN.open(broken=lambda: (400, NODE_STACK)), "verbose-errors"),
    "Java stack": (OPEN.open(broken=lambda: (500, JAVA_STACK)), "verbose-errors"),
    "Go stack": (OPEN.open(broken=lambda: (500, GO_STACK)), "verbose-errors"),
    "gives out /etc/passwd": (OPEN.open(resources=(PASSWD,)), "exposed-resource"),
    "gives out .env": (
        OPEN.open(resources=({"uri": "file:///srv/app/.env", "name": "settings"},)),
        "exposed-resource",
    ),
    "gives out any file": (
        OPEN.open(templates=({"uriTemplate": "file:///{+path}", "name": "files"},)),
        "exposed-resource",
    ),
    "another list for known clients": (OPEN.open(tools=two_faced), "inconsistent-listing"),
    "another list for known clients, session only": (
        OPEN.open(eras=("session",), tools=two_faced),
        "inconsistent-listing",
    ),
    "every interface": (OPEN.open(bind="0.0.0.0"), "all-interfaces"),
    "protocol of 2024": (OPEN.open(eras=("session",), version="2024-11-05"), "legacy-transport"),
}
"""By what is wrong: the server and the rule of which a finding is due."""

CAREFUL: dict[str, tuple[Door, set[str]]] = {
    "protected": (Door(), set()),
    "protected, modern only": (Door(eras=("modern",)), set()),
    "protected, session only": (Door(eras=("session",)), set()),
    "greets all, lists for the right token": (Door(guarded=("tools/list", "tools/call")), set()),
    "refuses with 403": (Door(refusal=403), set()),
    "protected by an API key": (
        Door(scheme="x-api-key", challenge=lambda _b: "ApiKey", resource=None, authority=None),
        set(),
    ),
    "open": (OPEN, {"unauthenticated"}),
    "open, session only": (OPEN.open(eras=("session",)), {"unauthenticated"}),
    "open, without sessions": (OPEN.open(eras=("session",), new_session=None), {"unauthenticated"}),
    "answers under localhost alone": (OPEN.open(hosts=("localhost",)), {"unauthenticated"}),
    "protected, any page may read refusals": (Door(cors=any_cors), set()),
    "protected, origin mirrored without credentials": (Door(cors=mirrored_plainly), set()),
    "refused pages may read the refusal": (OPEN.open(cors=any_cors), {"unauthenticated"}),
    "resource with a slash": (Door(resource=with_resource(resource=lambda b: f"{b}/mcp/")), set()),
    "resource is the whole host": (Door(resource=with_resource(resource=lambda b: b)), set()),
    "somebody else's authority": (
        Door(resource=with_resource(authorization_servers=["https" + FAR[4:]])),
        set(),
    ),
    "metadata at the root": (
        Door(
            resource_path="/.well-known/oauth-protected-resource",
            challenge=lambda b: f"Bearer resource_metadata={b}/.well-known/oauth-protected-resource",
        ),
        set(),
    ),
    "authority of OpenID alone": (Door(authority_path="/.well-known/openid-configuration"), set()),
    "errors without a stack": (OPEN.open(broken=no_stack), {"unauthenticated"}),
    "resources of a repository": (
        OPEN.open(
            resources=({"uri": "docs://guide/etc/passwd-policy", "name": "guide"},),
            templates=({"uriTemplate": "repo://{owner}/{name}/contents/{path}", "name": "contents"},),
        ),
        {"unauthenticated"},
    ),
    "the same list in another order": (
        OPEN.open(tools=lambda client: [ADD, {**ADD, "name": "sum"}][:: -1 if "claude" in client else 1]),
        {"unauthenticated"},
    ),
    "long ids with a common start": (
        OPEN.open(eras=("session",), new_session=lambda: f"mcp-session-{uuid4().hex}"),
        {"unauthenticated"},
    ),
    "every interface, protected": (Door(bind="0.0.0.0"), set()),
    "ended sessions answer 404": (OPEN.open(eras=("session",), version="2025-11-25"), {"unauthenticated"}),
}
"""By what is careful: the server, and the rules of which it may be told."""
