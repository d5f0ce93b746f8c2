"""The page as PDF, by the optional WeasyPrint."""

from __future__ import annotations

import io
from typing import BinaryIO

from bartizan.model.errors import UsageError
from bartizan.report import html
from bartizan.report.result import Result

HINT = "pip install 'bartizan[pdf]' and the system's Pango library"

try:
    from weasyprint import HTML
except (ImportError, OSError) as error:  # OSError: the package is there, Pango is not
    raise UsageError("PDF needs WeasyPrint", HINT) from error


def write(result: Result, stream: BinaryIO) -> None:
    """The same page and style as HTML, with everything unfolded. Nothing is loaded."""
    page = io.BytesIO()
    html.write(result, page)
    HTML(string=page.getvalue().decode(), url_fetcher=_refuse).write_pdf(stream, pdf_ua=True)


def _refuse(url: str, *_: object, **__: object) -> None:
    raise ValueError(f"a report loads nothing: {url}")
