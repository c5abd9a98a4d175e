"""The report on the papers' tables: one HTML file that needs nothing else, or Markdown."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.errors import MeasureError
from viewer.evaluation.paper_section import Section
from viewer.evaluation.paper_sections import sections

LARGEST = 5_000_000
"""Bytes of the HTML file."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem;
  color: #1b1f24; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #d5d9de; text-align: left; }
th { background: #f1f3f5; } tr.paper td { background: #fbf6e6; }
img { max-width: 100%; } .note { color: #555e68; }
@media (prefers-color-scheme: dark) { body { color: #dde2e7; background: #14171a; }
  th { background: #20252a; } th, td { border-color: #39414a; } tr.paper td { background: #2b2715; }
  .note { color: #9aa4ae; } }
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, ready to be written.

    Parameters
    ----------
    parts : dict
        Name of a stage -> its result; those that are missing are named as such.
    pictures : dict
        Name of a stage -> PNG file.
    command : str
        That made it.
    when : str
        Date.
    models : sequence of str
        Weights files of the learned codecs.
    """

    parts: dict[str, dict[str, Any]]
    pictures: dict[str, Path]
    command: str
    when: str
    models: Sequence[str] = ()

    def sections(self) -> Sequence[Section]:
        """Return the report's parts in order."""
        return sections(self.parts)

    def write_html(self, path: Path) -> None:
        """Write the report, whole or not at all.

        Raises
        ------
        MeasureError
            When it would be larger than `LARGEST`, or cannot be written.
        """
        body = [f"<h1>{html.escape(TITLE)}</h1>", f"<p class=note>{html.escape(self._made())}</p>"]
        for section in self.sections():
            body.append(f"<h2>{html.escape(section.title)}</h2>")
            body += [f"<p>{html.escape(text)}</p>" for text in section.text]
            body += [_html_table(table) for table in section.tables]
            picture = self.pictures.get(section.name)
            if picture is not None and picture.is_file():
                data = base64.b64encode(picture.read_bytes()).decode()
                alt = html.escape(section.caption, quote=True)
                body.append(f'<figure><img alt="{alt}" src="data:image/png;base64,{data}">')
                body.append(f"<figcaption class=note>{alt}</figcaption></figure>")
            body += [f"<p class=note>{html.escape(text)}</p>" for text in section.notes]
        page = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{html.escape(TITLE)}</title><style>{_STYLE}</style></head><body>\n"
            + "\n".join(body)
            + "\n</body></html>\n"
        )
        if len(page.encode()) > LARGEST:
            raise MeasureError(f"The report would be larger than {LARGEST} bytes.")
        _write(path, page)

    def write_markdown(self, path: Path, folder: str) -> None:
        """Write the same as Markdown; pictures are put into `folder` beside it."""
        lines = [f"# {TITLE}", "", self._made(), ""]
        for section in self.sections():
            lines += [f"## {section.title}", ""]
            for text in section.text:
                lines += [text, ""]
            for table in section.tables:
                lines += [*_markdown_table(table), ""]
            picture = self.pictures.get(section.name)
            if picture is not None and picture.is_file():
                target = path.parent / folder / f"{section.name}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(picture.read_bytes())
                lines += [f"![{section.caption}]({folder}/{target.name})", "", section.caption, ""]
            for text in section.notes:
                lines += [text, ""]
        _write(path, "\n".join(lines).rstrip() + "\n")

    def _made(self) -> str:
        models = f" Models: {', '.join(self.models)}." if self.models else ""
        return f"Made by `{self.command}` on {self.when}.{models} Not for diagnostic use."


TITLE = "The papers' tables made again"


def _html_table(table: Sequence[Sequence[str]]) -> str:
    head, *rows = table
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    lines = [f"<table><thead><tr>{cells}</tr></thead><tbody>"]
    for row in rows:
        mark = " class=paper" if row and row[0] == "the paper" else ""
        cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        lines.append(f"<tr{mark}>{cells}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _markdown_table(table: Sequence[Sequence[str]]) -> list[str]:
    head, *rows = table
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    ]


def _write(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise MeasureError(f"The file {path} cannot be written: {error.strerror}.") from error
