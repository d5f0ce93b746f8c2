"""What looks like keys and is none."""

from __future__ import annotations

import base64
import json
import random
import string
from pathlib import Path

_ALNUM = string.ascii_letters + string.digits


def _hex(source: random.Random, size: int) -> str:
    return "".join(source.choices("0123456789abcdef", k=size))


def _alnum(source: random.Random, size: int) -> str:
    return "".join(source.choices(_ALNUM, k=size))


def _uuid(source: random.Random) -> str:
    return "-".join(_hex(source, size) for size in (8, 4, 4, 4, 12))


def _b64(source: random.Random, size: int) -> str:
    return base64.b64encode(source.randbytes(size)).decode()


def _jwt(source: random.Random) -> str:
    head, body = ({"alg": "HS256", "typ": "JWT"}, {"sub": str(source.randrange(10**9)), "iat": 1516239022})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, body)]
    return ".".join((*parts, _alnum(source, 43)))


def write_decoys(folder: Path, names: list[str], source: random.Random) -> None:
    """Many files without a single key."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "package-lock.json": _package_lock(names, source),
        "poetry.lock": "".join(
            f'[[package]]\nname = "{name.lower()}"\nfiles = [{{file = "x.whl", hash = "sha256:{_hex(source, 64)}"}}]\n'
            for name in names
        ),
        "go.sum": "".join(
            f"github.com/{name.lower()}/sdk v1.2.{index} h1:{_b64(source, 32)}\n" for index, name in enumerate(names)
        ),
        "models.md": "".join(
            f"| {name.lower().partition('_')[0]} | revision `{_hex(source, 40)}` | md5 {_hex(source, 32)} | sha256 {_hex(source, 64)} |\n"
            for name in names
        ),
        "revisions.yaml": "".join(
            f"{name.lower().partition('_')[0]}_commit: {_hex(source, 40)}\n{name.lower().partition('_')[0]}_id: {_uuid(source)}\n"
            for name in names
        ),
        "placeholders.env": "".join(f"{name}={text}\n" for name in names for text in _placeholders(name)),
        "references.yaml": "".join(_references(name) for name in names),
        "references.py": "import os\n"
        + "".join(f'{name} = os.environ["{name}"]\n{name}_2 = os.getenv("{name}")\n' for name in names),
        "usage.md": "".join(
            f"Set `{name}` to your key, for example `sk-...{_hex(source, 4)}` or `hf_xxxx`.\n" for name in names
        ),
        "tokens.log": "".join(f"session {_jwt(source)}\n" for _ in range(200)),
        "app.min.js": _minified(source),
        "styles.css": "".join(
            f".sk-{word}-button-primary-large-rounded-{index} {{ color: #{_hex(source, 6)} }}\n"
            for index in range(60)
            for word in ("folding", "circle")
        ),
        "vectors.json": json.dumps(
            [{"key": _hex(source, 64), "iv": _hex(source, 32), "ct": _b64(source, 48)} for _ in range(100)], indent=1
        ),
        "ids.csv": "".join(f"{_uuid(source)},{_hex(source, 24)},{_alnum(source, 22)}\n" for _ in range(400)),
        "workflow.yml": "".join(f"- uses: {name.lower()}/action@{_hex(source, 40)}\n" for name in names),
        "image.svg": f'<svg><image href="data:image/png;base64,{_b64(source, 9000)}"/></svg>',
        "hashes.txt": "".join(
            f"{_hex(source, 40)}  models/{name.lower()}.bin\n{_hex(source, 32)}  {name.lower()}.md5\n" for name in names
        ),
        "urls.env": "DATABASE_URL=postgres://user:password@localhost/db\nREDIS_URL=redis://:${REDIS_PASSWORD}@redis:6379/0\nMONGO=mongodb://admin:changeme@mongo/x\n",
        "code.py": "".join(
            f'def {name.lower()}_token_count(text: str) -> int:\n    """Tokens of {name}."""\n    return len(text)\n'
            for name in names
        ),
        "cache.json": json.dumps({f"{name.lower()}_etag": _hex(source, 32) for name in names}, indent=1),
        "k8s.yaml": "".join(
            f"- name: {name}\n  valueFrom:\n    secretKeyRef:\n      name: {name.lower().replace('_', '-')}-{_hex(source, 10)}\n      key: token\n"
            for name in names
        ),
    }
    for path, text in files.items():
        (folder / path).write_text(text)


def _placeholders(name: str) -> list[str]:
    return [
        "your-api-key-here",
        "<your key>",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "changeme",
        f"YOUR_{name}",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-1234567890abcdef1234567890abcdef",
        "REPLACE_ME",
        "00000000000000000000000000000000",
        "12345678-1234-1234-1234-123456789012",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]


def _references(name: str) -> str:
    low = name.lower()
    return (
        f"{low}: ${{{name}}}\n{low}_a: ${{{{ secrets.{name} }}}}\n{low}_b: vault:secret/data/llm#{low}\n{low}_c: op://prod/{low}/credential\n"
        f"{low}_d: !Ref {name}\n{low}_e: arn:aws:secretsmanager:eu-west-1:123456789012:secret:{low}-AbCdEf\n{low}_f: os.environ/{name}\n"
    )


def _package_lock(names: list[str], source: random.Random) -> str:
    packages = {
        f"node_modules/{name.lower()}": {
            "version": "1.0.0",
            "resolved": f"https://packages.example/{name.lower()}.tgz",
            "integrity": f"sha512-{_b64(source, 64)}",
        }
        for name in names
    }
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2)


def _minified(source: random.Random) -> str:
    parts = [
        f'e.exports=n.p+"static/{_alnum(source, 20)}.{_hex(source, 8)}.js",t.{_alnum(source, 6)}="{_alnum(source, 32)}";'
        for _ in range(800)
    ]
    return "".join(parts)
