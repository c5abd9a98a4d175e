"""The small curve of a report."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from viewer.evaluation.rate_points import curve
from viewer.evaluation.report.content import Content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "os^D+x*P"


def draw_curve(axes: Axes, content: Content) -> None:
    """Draw PSNR against rate, the coding of the report ringed."""
    for place, codec in enumerate(dict.fromkeys(p.codec for p in content.points)):
        line = [p for p in curve(content.points, codec) if math.isfinite(p.psnr_db)]
        axes.plot(
            [p.bpp for p in line], [p.psnr_db for p in line],
            marker=_MARKERS[place % len(_MARKERS)], markersize=3.5, linewidth=1, label=codec,
        )  # fmt: skip
    bpp, psnr = content.current
    if math.isfinite(psnr):
        axes.plot([bpp], [psnr], "o", markersize=9, fillstyle="none", color="black")
    axes.set_xscale("log")
    axes.set_xlabel("bits per pixel", fontsize=7)
    axes.set_ylabel("PSNR (dB)", fontsize=7)
    axes.tick_params(labelsize=6.5)
    axes.tick_params(which="minor", labelbottom=False)
    axes.grid(True, alpha=0.3, linewidth=0.5)
    axes.legend(fontsize=6.5, frameon=False)


def curve_png(content: Content) -> bytes:
    """Return the curve as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(4.4, 2.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    draw_curve(figure.add_subplot(), content)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()
