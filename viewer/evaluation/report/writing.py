"""Reports as files: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from viewer.errors import RadviewError
from viewer.evaluation.report.content import Content
from viewer.files import write_bytes, write_text

SUFFIXES = (".html", ".pdf")


def write_report(path: Path, content: Content) -> Path:
    """Write a report as its suffix says.

    Raises
    ------
    RadviewError
        When the suffix is neither .html nor .pdf, or the file cannot be written; an older file
        stands as it was.
    """
    suffix = path.suffix.lower()
    if suffix in (".html", ".htm"):
        from viewer.evaluation.report.html import as_html

        write_text(path, as_html(content))
    elif suffix == ".pdf":
        from viewer.evaluation.report.pdf import as_pdf

        write_bytes(path, as_pdf(content))
    else:
        raise RadviewError(f"A report is a .html or a .pdf file, not '{path.name}'.")
    return path
