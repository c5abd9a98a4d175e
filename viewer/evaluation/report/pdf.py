"""A report as one A4 page of PDF, drawn with matplotlib's own PDF writer."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from viewer.evaluation.report.content import NOT_FOR_DIAGNOSIS, Content, Lines
from viewer.evaluation.report.curve_drawing import draw_curve
from viewer.evaluation.report.html import short
from viewer.evaluation.report.pictures import Picture
from viewer.metrics.measuring.texts import COLUMNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDE, _HIGH = 8.27, 11.69
"""A4, in inches."""
_LEFT, _RIGHT = 0.07, 0.93
_LINE = 0.0135
_FIRST = ("Length", "Angle", "Cobb angle", "Value", "Mean", "SD", "PSNR", "SSIM")
_AMBER, _GREEN, _RED, _GREY = "#9a5b00", "#1b5e20", "#8a1c1c", "#444444"


def as_pdf(content: Content) -> bytes:
    """Return the page."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    figure = page(content)
    FigureCanvasPdf(figure)
    stream = io.BytesIO()
    figure.savefig(
        stream, format="pdf", metadata={"Title": content.title, "Subject": content.label}
    )
    return stream.getvalue()


def page(content: Content) -> Figure:
    """Return the page as a figure of matplotlib, which other backends draw as well."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDE, _HIGH), dpi=150)
    writer = _Page(figure)
    writer.head(content)
    writer.pictures(content.pictures)
    below = writer.y
    writer.table("Figures", content.figures, _LEFT, 0.45)
    if content.region:
        writer.table("Region", content.region, _LEFT, 0.45)
    left_end, writer.y = writer.y, below
    if content.points:
        writer.curve(content)
    writer.y = min(left_end, writer.y)
    if content.measurements:
        writer.measurements(content)
    writer.table("How it was made", content.provenance, _LEFT, _RIGHT - _LEFT, names=0.15)
    writer.foot(content)
    return figure


class _Page:
    """Writes from the top of a page downwards; `y` is where the next thing begins."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure
        self.y = 0.962

    def head(self, content: Content) -> None:
        self._text(_LEFT, content.title, size=15, weight="bold")
        self._text(_RIGHT, NOT_FOR_DIAGNOSIS, size=9, colour=_RED, weight="bold", right=True)
        self.y -= 0.014
        self._rule(self.y)
        self.y -= 0.02
        colour = _AMBER if content.lossy else _GREEN
        self._figure.text(
            _LEFT + 0.008, self.y, content.label, fontsize=10, weight="bold", color=colour,
            va="center", bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": colour},
        )  # fmt: skip
        self.y -= 0.02
        if content.identity:
            told = "     ".join(f"{name}: {value}" for name, value in content.identity)
            for line in textwrap.wrap(told, 105):
                self._text(_LEFT, line, size=8)
                self.y -= _LINE
        self.y -= 0.004

    def pictures(self, pictures: tuple[Picture, ...]) -> None:
        gap = 0.012
        wide = (_RIGHT - _LEFT - gap * (len(pictures) - 1)) / len(pictures)
        rows, columns = pictures[0].pixels.shape[:2]
        high = min(wide * rows / columns * _WIDE / _HIGH, 0.34)
        for place, picture in enumerate(pictures):
            left = _LEFT + place * (wide + gap)
            axes = self._figure.add_axes((left, self.y - high, wide, high))
            axes.imshow(picture.pixels, interpolation="nearest")
            axes.set_axis_off()
            under = self.y - high - 0.006
            if picture.legend is not None:
                self._legend(picture.legend, left, under, wide)
                under -= 0.016
            self._figure.text(left, under, picture.title, fontsize=8, weight="bold", va="top")
            caption = "\n".join(textwrap.wrap(picture.caption, 46))
            self._figure.text(left, under - 0.0125, caption, fontsize=6.5, color=_GREY, va="top")
        self.y -= high + 0.064

    def _legend(self, ends: tuple[float, float], left: float, top: float, wide: float) -> None:
        axes = self._figure.add_axes((left + 0.05, top - 0.008, wide - 0.1, 0.006))
        axes.imshow(np.linspace(-1, 1, 128)[None, :], cmap="RdBu_r", aspect="auto")
        axes.set_axis_off()
        low, high = (f"{end:+.0f}".replace("-", "−") for end in ends)
        self._figure.text(left, top - 0.005, low, fontsize=6.5, va="center")
        self._figure.text(
            left + wide, top - 0.005, f"{high} grey levels"[: len(high)], fontsize=6.5,
            va="center", ha="right",
        )  # fmt: skip

    def table(
        self, title: str, lines: Lines, left: float, wide: float, *, names: float = 0.16
    ) -> None:
        self._text(left, title, size=9.5, weight="bold")
        self.y -= _LINE * 1.25
        letters = int((wide - names) * 150)
        for name, value in lines:
            self._text(left, name, size=7.5, colour=_GREY)
            for line in textwrap.wrap(value, letters) or [""]:
                self._text(left + names, line, size=7.5)
                self.y -= _LINE * 0.9
            self.y -= _LINE * 0.1
        self.y -= _LINE * 0.6

    def curve(self, content: Content) -> None:
        self._text(0.54, "Rate and distortion", size=9.5, weight="bold")
        high = 0.13
        axes = self._figure.add_axes((0.59, self.y - high - 0.012, 0.34, high))
        draw_curve(axes, content)
        self.y -= high + 0.054

    def measurements(self, content: Content) -> None:
        below = 0.05 + _LINE * (len(content.provenance) + 4)
        room = int((self.y - below) / (_LINE * 0.92)) - 2
        # What fits on the page is what matters most; the rest is in the other report.
        rows = sorted(content.measurements, key=lambda row: row[2] not in _FIRST)
        rows = rows if len(rows) > room else list(content.measurements)
        shown = rows if len(rows) <= room else rows[: max(room - 1, 0)]
        self._text(_LEFT, "Measurements", size=9.5, weight="bold")
        self.y -= _LINE * 1.25
        places = (0.07, 0.172, 0.30, 0.54, 0.68, 0.79, 0.81)
        for row, weight in ((COLUMNS, "bold"), *((row, "normal") for row in shown)):
            for index, place in enumerate(places):
                text = short(row[index])
                self._text(place, text, size=7, weight=weight, right=index in (3, 4, 5))
            self.y -= _LINE * 0.92
        if len(shown) < len(rows):
            left_out = f"and {len(rows) - len(shown)} more figures, in the HTML report and as CSV"
            self._text(_LEFT, left_out, size=7, colour=_GREY)
            self.y -= _LINE * 0.92
        self.y -= _LINE * 0.6

    def foot(self, content: Content) -> None:
        self._rule(0.036)
        self.y = 0.026
        self._text(_LEFT, NOT_FOR_DIAGNOSIS, size=8, colour=_RED, weight="bold")
        self._text(_RIGHT, content.label, size=8, right=True)

    def _rule(self, y: float) -> None:
        from matplotlib.lines import Line2D

        line = Line2D((_LEFT, _RIGHT), (y, y), color="black", linewidth=0.8)
        self._figure.add_artist(line)

    def _text(
        self,
        x: float,
        text: str,
        *,
        size: float,
        colour: str = "black",
        weight: str = "normal",
        right: bool = False,
    ) -> None:
        # A dollar sign would begin a formula.
        self._figure.text(
            x, self.y, text.replace("$", r"\$"), fontsize=size, color=colour, weight=weight,
            va="center", ha="right" if right else "left",
        )  # fmt: skip
