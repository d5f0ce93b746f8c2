"""Model repositories through the command line: what loaders would import, signatures, and what changed."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bartizan.cli.main import bartizan

CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}


def run(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(bartizan, list(arguments), standalone_mode=False, catch_exceptions=False)
    return int(result.return_value or 0), json.loads(result.stdout)


def scan(folder: Path) -> dict[str, Any]:
    _, document = run("scan", str(folder), "--only", "models", "--no-store", "--format", "json", "--jobs", "1")
    found: dict[str, Any] = document
    return found


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", ".").replace("--", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def rules(document: dict[str, Any]) -> dict[str, str]:
    return {finding["rule"]: finding["severity"] for finding in document["findings"]}


def test_code_that_acts_on_import_is_critical_and_named(tmp_path: Path) -> None:
    config = {**CONFIG, "auto_map": {"AutoModel": "modeling.Net"}}
    write(tmp_path, config__json=json.dumps(config), modeling__py="import os\n\nos.system('true')\n")
    document = scan(tmp_path)
    assert rules(document) == {"models/remote-code": "critical"}
    text = json.dumps(document["findings"][0]["evidence"])
    assert "modeling.py:3 calls os.system when imported" in text


def test_harmless_code_of_its_own_is_medium(tmp_path: Path) -> None:
    config = {**CONFIG, "auto_map": {"AutoModel": "modeling.Net"}}
    write(tmp_path, config__json=json.dumps(config), modeling__py="import torch\nclass Net(torch.nn.Module): ...\n")
    assert rules(scan(tmp_path)) == {"models/remote-code": "medium"}


def test_a_repository_without_code_is_an_asset_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, config__json=json.dumps(CONFIG), README__md="---\nlicense: mit\nbase_model: a/b\n---\n# x\n")
    document = scan(tmp_path)
    assert document["findings"] == []
    (asset,) = document["assets"]
    assert (asset["kind"], asset["properties"]["license"], asset["properties"]["base_model"]) == (
        "repository",
        "mit",
        "a/b",
    )


@pytest.mark.parametrize("changed", [False, True])
def test_a_signature_beside_the_files_is_held_against_them(tmp_path: Path, changed: bool) -> None:
    content = json.dumps(CONFIG)
    digest = hashlib.sha256(b"other" if changed else content.encode()).hexdigest()
    resources = [{"name": "config.json", "algorithm": "sha256", "digest": digest}]
    statement = {"predicateType": "https://model_signing/signature/v1.0", "predicate": {"resources": resources}}
    envelope = {"payload": base64.b64encode(json.dumps(statement).encode()).decode()}
    write(tmp_path, config__json=content, model__sig=json.dumps({"dsseEnvelope": envelope}))
    assert rules(scan(tmp_path)) == ({"models/signature-mismatch": "high"} if changed else {})


def verify(*arguments: Path | str) -> tuple[int, str]:
    result = CliRunner().invoke(bartizan, ["models", "verify", *map(str, arguments)], standalone_mode=False)
    assert result.exception is None, result.exception
    return int(result.return_value or 0), result.stdout


def test_a_signature_is_verified_with_the_public_key(tmp_path: Path) -> None:
    signing = pytest.importorskip("model_signing.signing")
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    for name, key in zip(("right", "wrong"), keys, strict=True):
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / f"{name}.pub").write_bytes(public)
    private = keys[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "signer.key").write_bytes(private)
    model = write(tmp_path / "model", config__json=json.dumps(CONFIG), weights__bin=b"\0" * 64)
    signature = tmp_path / "model.sig"
    signing.Config().use_elliptic_key_signer(private_key=tmp_path / "signer.key").sign(model, signature)

    told = (model, "--signature", signature, "--public-key")
    assert verify(*told, tmp_path / "right.pub") == (0, "verified\n")
    assert verify(*told, tmp_path / "wrong.pub")[0] == 1
    write(model, further__bin=b"unsigned")
    assert verify(*told, tmp_path / "right.pub")[0] == 1
    assert verify(*told, tmp_path / "right.pub", "--ignore-unsigned") == (0, "verified\n")
    write(model, weights__bin=b"\1" * 64)
    code, said = verify(*told, tmp_path / "right.pub", "--ignore-unsigned")
    assert (code, said.startswith("not verified: ")) == (1, True)


def test_a_pointer_is_no_model_and_said(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"
    write(tmp_path, config__json=json.dumps(CONFIG), model__safetensors=pointer)
    assert "git-lfs pointer" in json.dumps(scan(tmp_path)["coverage"])


def test_the_difference_of_two_revisions(tmp_path: Path) -> None:
    before = write(tmp_path / "before", config__json=json.dumps(CONFIG), model__pkl=b"\x80\x02}.")
    after = write(
        tmp_path / "after",
        config__json=json.dumps({**CONFIG, "auto_map": {"AutoModel": "modeling.Net"}}),
        modeling__py="x = 1\n",
        model__pkl=b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
    )
    code, difference = run("models", "diff", str(before), str(after), "--format", "json", "--fail-on", "high")
    whats = {change["what"] for change in difference["changes"]}
    assert code == 1
    assert {"verdict allow -> deny", "needs os.system", "code modeling.py"} <= whats
    assert {finding["rule"] for finding in difference["findings"]["new"]} == {
        "models/pickle-dangerous-global",
        "models/remote-code",
    }
    code, difference = run("models", "diff", str(before), str(before), "--format", "json", "--fail-on", "info")
    assert (code, difference["changes"], difference["findings"]) == (0, [], {"new": [], "gone": []})
