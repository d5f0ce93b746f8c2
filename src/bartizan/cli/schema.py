"""`bartizan schema`."""

from __future__ import annotations

import json
import sys

import click


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of the result document.

    \b
    Example:
      bartizan schema > bartizan.schema.json
    """
    from bartizan.report.schema import document_schema

    sys.stdout.write(json.dumps(document_schema(), indent=2) + "\n")
