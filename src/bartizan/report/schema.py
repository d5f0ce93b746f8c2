"""The JSON Schema of the document, generated from its types."""

from __future__ import annotations

from typing import Any

import msgspec

from bartizan.report.document import Document


def document_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema = msgspec.json.schema(Document)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:bartizan:schema:1",
        "title": "bartizan/1",
        **schema,
    }
