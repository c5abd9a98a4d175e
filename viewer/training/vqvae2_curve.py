"""The validation curve of a `vqvae2` training as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def plot_curve(curve: Sequence[dict[str, float]], path: Path) -> None:
    """Write a PNG: bits per pixel at each step size, over minutes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not curve:
        return
    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    minutes = [point["minutes"] for point in curve]
    for key in (k for k in curve[0] if k.startswith("bpp_")):
        axes.plot(minutes, [p[key] for p in curve], marker="o", label=f"step {key[4:]}")
    axes.set_xlabel("minutes")
    axes.set_ylabel("bits per pixel, held back pictures")
    axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend()
    beside = path.with_name(path.name + ".part")
    figure.savefig(beside, format="png", dpi=100)
    beside.replace(path)
