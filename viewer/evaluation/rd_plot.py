"""Rate-distortion curves as a picture."""

from __future__ import annotations

from pathlib import Path

from viewer.evaluation.rd_result import RdResult

_PANELS = (("psnr", "PSNR (dB)"), ("ssim", "SSIM"), ("ms-ssim", "MS-SSIM"))


def plot(result: RdResult, path: Path) -> None:
    """Write a PNG with one panel a measure."""
    # Figure and canvas directly: pyplot would choose a backend for the whole process.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    for number, (key, label) in enumerate(_PANELS, start=1):
        axes = figure.add_subplot(1, len(_PANELS), number)
        for codec in result.codecs:
            if not result.images(codec):
                continue
            curve = result.curve(codec)
            axes.plot(curve["bpp"], curve[key], marker="o", markersize=3, label=codec)
        axes.set_xlabel("bits per pixel")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.suptitle(f"{len(result.images())} images of {result.folder}"[:120])
    temporary = path.with_name(path.name + ".part")
    figure.savefig(temporary, format="png", dpi=110)
    temporary.replace(path)
