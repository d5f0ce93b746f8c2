"""`bartizan models`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from bartizan.model.severity import Severity

if TYPE_CHECKING:
    from bartizan.model.inventory import Inventory
    from bartizan.watch.revision import Difference


@click.group("models")
def command() -> None:
    """Compare revisions of a model, and check who signed it.

    \b
    Example:
      bartizan models diff ./model-2025 ./model-2026 --fail-on high
      bartizan models verify ./model --signature model.sig --public-key key.pub
    """


@command.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Format on stdout.")
@click.option(
    "--fail-on", type=click.Choice([str(level) for level in Severity]), help="Exit 1 on new findings like it."
)
def diff(before: str, after: str, form: str, fail_on: str | None) -> int:
    """Say what changed from one revision of a model to another: both are files or folders.

    \b
    Example:
      bartizan models diff model-v1.safetensors model-v2.safetensors
    """
    from bartizan.watch.revision import compare

    difference = compare(_inventory(before), _inventory(after))
    if form == "json":
        sys.stdout.write(json.dumps(_as_json(difference), indent=2) + "\n")
    else:
        _as_table(difference)
    worst = difference.worst()
    return 1 if fail_on and worst is not None and worst.at_least(Severity(fail_on)) else 0


def _inventory(path: str) -> Inventory:
    """What the sensors of models say about one revision. Raises UsageError when there is no such path."""
    from bartizan.model.settings import Settings
    from bartizan.scan.execution import execute
    from bartizan.scan.request import Request

    settings = Settings(deep=True, history=False)
    request = Request(targets=(path,), settings=settings, only=("models",), jobs=1, no_store=True)
    ended = execute(request, lambda progress: None, lambda text: click.echo(f"bartizan: {text}", err=True))
    return ended.inventory


def _as_json(difference: Difference) -> dict[str, Any]:
    def rows(findings: Any) -> list[dict[str, Any]]:
        return [
            {
                "rule": finding.rule,
                "severity": str(finding.severity),
                "title": finding.title,
                "location": finding.location.as_dict(),
                "evidence": [piece.summary for piece in finding.evidence],
            }
            for finding in findings
        ]

    return {
        "schema": "bartizan/models-diff/1",
        "changes": [{"path": change.path, "kind": change.kind, "what": change.what} for change in difference.changes],
        "findings": {"new": rows(difference.new), "gone": rows(difference.gone)},
    }


def _as_table(difference: Difference) -> None:
    for change in difference.changes:
        sys.stdout.write(f"{change.kind:8} {change.path}  {change.what}\n")
    for word, findings in (("new", difference.new), ("gone", difference.gone)):
        for finding in findings:
            summary = finding.evidence[0].summary if finding.evidence else finding.title
            sys.stdout.write(f"{word:8} {finding.severity}  {finding.rule}  {finding.location}  {summary}\n")
    if not difference.changes and not difference.new and not difference.gone:
        sys.stdout.write("no difference\n")


@command.command("verify")
@click.argument("model", type=click.Path(exists=True))
@click.option("--signature", required=True, type=click.Path(exists=True), help="The signature: a sigstore bundle.")
@click.option("--public-key", type=click.Path(exists=True), help="Verify with this elliptic-curve public key.")
@click.option("--certificate", multiple=True, type=click.Path(exists=True), help="Certificate chain; repeatable.")
@click.option("--identity", default="", help="The identity that must have signed (sigstore).")
@click.option("--issuer", default="", help="The issuer of that identity (sigstore).")
@click.option("--trust-config", type=click.Path(exists=True), help="Sigstore trust configuration, to stay offline.")
@click.option("--ignore-unsigned", is_flag=True, help="Accept files that the signature does not cover.")
def verify(model: str, signature: str, **options: Any) -> int:
    """Check that MODEL, a file or folder, is what the signer signed. Exit 1 when it is not.

    \b
    Example:
      bartizan models verify ./model --signature model.sig --public-key key.pub
    """
    from bartizan.scan.signature import Signer, verify_model

    signer = Signer(
        public_key=options["public_key"] or "",
        certificates=options["certificate"],
        identity=options["identity"],
        issuer=options["issuer"],
        trust_config=options["trust_config"] or "",
    )
    complaint = verify_model(model, signature, signer, ignore_unsigned=options["ignore_unsigned"])
    sys.stdout.write(f"not verified: {complaint}\n" if complaint else "verified\n")
    return 1 if complaint else 0
