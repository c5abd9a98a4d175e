"""A report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np

from viewer.evaluation.report.content import NOT_FOR_DIAGNOSIS, Content, Lines
from viewer.evaluation.report.curve_drawing import curve_png
from viewer.evaluation.report.pictures import Picture, Rgb, diverging
from viewer.metrics.measuring.texts import COLUMNS

_STYLE = """
@page { size: A4; margin: 12mm; }
body { font: 13px/1.4 system-ui, sans-serif; color: #1b1d1f; background: #fff; margin: 24px auto;
  max-width: 1000px; padding: 0 16px; font-variant-numeric: tabular-nums; }
header { display: flex; justify-content: space-between; align-items: baseline;
  border-bottom: 2px solid #1b1d1f; }
h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 14px; margin: 16px 0 4px; }
.warning { color: #8a1c1c; font-weight: 600; }
.label { display: inline-block; margin: 8px 0; padding: 2px 10px; border-radius: 3px;
  font-weight: 700; border: 1.5px solid #1b5e20; color: #1b5e20; }
.label.lossy { border-color: #9a5b00; color: #9a5b00; }
.pictures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 10px; }
figure { margin: 0; } figure img { width: 100%; display: block; background: #000; }
figcaption { font-size: 11.5px; color: #444; } figcaption b { color: #1b1d1f; }
.scale { display: flex; align-items: center; gap: 6px; } .scale img { height: 8px; flex: 1; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 24px; }
table { border-collapse: collapse; width: 100%; } td, th { padding: 2px 6px; text-align: left;
  border-bottom: 1px solid #ddd; vertical-align: top; }
th { font-weight: 600; } td.n { text-align: right; white-space: nowrap; }
.hash td { overflow-wrap: anywhere; } .hash td:first-child { white-space: nowrap; }
footer { margin-top: 16px; border-top: 1px solid #999; padding-top: 4px; color: #555;
  display: flex; justify-content: space-between; }
"""


def as_html(content: Content) -> str:
    """Return the page; every text in it is escaped, every picture embedded."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(content.title)}</title>",
        '<meta name="viewport" content="width=device-width">',
        f"<style>{_STYLE}</style></head><body>",
        f"<header><h1>{escape(content.title)}</h1>"
        f'<span class="warning">{NOT_FOR_DIAGNOSIS}</span></header>',
        f'<div class="label{" lossy" if content.lossy else ""}">{escape(content.label)}</div>',
    ]
    if content.identity:
        parts.append(_table("", content.identity))
    parts.append('<div class="pictures">')
    parts += [_figure(picture) for picture in content.pictures]
    parts.append('</div><div class="columns"><div>')
    parts.append(_table("Figures", content.figures))
    parts.append("</div><div>")
    if content.region:
        parts.append(_table("Region", content.region))
    if content.points:
        parts.append("<h2>Rate and distortion</h2>")
        parts.append(_image(curve_png(content), "Curve of PSNR against bits per pixel"))
    parts.append("</div></div>")
    if content.measurements:
        parts.append(_measurements(content))
    parts.append(f'<div class="hash">{_table("How it was made", content.provenance)}</div>')
    parts.append(
        f'<footer><span class="warning">{NOT_FOR_DIAGNOSIS}</span>'
        f"<span>{escape(content.label)}</span></footer></body></html>"
    )
    return "\n".join(parts) + "\n"


def png(pixels: Rgb) -> bytes:
    """Return a picture as PNG."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def _figure(picture: Picture) -> str:
    scale = ""
    if picture.legend is not None:
        strip = diverging(np.linspace(-1, 1, 128)[None, :])
        low, high = (f"{value:+.0f}".replace("-", "−") for value in picture.legend)
        scale = f'<div class="scale">{low}{_image(png(strip), "Colours")}{high} grey levels</div>'
    return (
        f"<figure>{_image(png(picture.pixels), picture.title)}{scale}"
        f"<figcaption><b>{escape(picture.title)}</b> {escape(picture.caption)}</figcaption>"
        "</figure>"
    )


def _image(data: bytes, alternative: str) -> str:
    coded = base64.b64encode(data).decode("ascii")
    return f'<img alt="{escape(alternative)}" src="data:image/png;base64,{coded}">'


def _table(title: str, lines: Lines) -> str:
    head = f"<h2>{escape(title)}</h2>" if title else ""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in lines
    )
    return f"{head}<table>{rows}</table>"


def _measurements(content: Content) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in COLUMNS[:-1])
    rows = []
    for row in content.measurements:
        cells = []
        for place, text in enumerate(row[: len(COLUMNS) - 1]):
            number = 3 <= place <= 5
            kind = ' class="n"' if number else ""
            cells.append(f"<td{kind}>{escape(short(text) if number else text)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<h2>Measurements</h2><table><tr>{head}</tr>{''.join(rows)}</table>"


def short(number: str) -> str:
    """Return a number of the table with at most six digits."""
    try:
        value = float(number)
    except ValueError:
        return number
    return number if len(number) <= 7 else f"{value:.6g}"
