"""The table of the downsamplers as a picture: IoU against the samples a side."""

from __future__ import annotations

from pathlib import Path

from viewer.evaluation.downsampling_result import DownsamplingResult

_COLOURS = {"uniform": "#777777", "edge": "#2b7bba", "learned": "#d1495b"}


def plot(result: DownsamplingResult, path: Path) -> None:
    """Write a PNG with a panel for the mean and one a class; bars are 95 % over patients."""
    # Figure and canvas directly: pyplot would choose a backend for the whole process.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    labels = ("mean", *result.classes)
    summary = result.summary()
    figure = Figure(figsize=(3.2 * len(labels), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    for number, label in enumerate(labels, start=1):
        axes = figure.add_subplot(1, len(labels), number)
        for place, (sampler, colour) in enumerate(_COLOURS.items()):
            known = [e for e in summary if e["sampler"] == sampler and e[label]["iou"] is not None]
            if not known:
                continue
            iou = [100 * e[label]["iou"] for e in known]
            low = [100 * (e[label]["iou"] - e[label]["interval"][0]) for e in known]
            high = [100 * (e[label]["interval"][1] - e[label]["iou"]) for e in known]
            axes.errorbar(
                [e["size"] + 1.5 * (place - 1) for e in known],
                iou,
                yerr=[[max(0.0, x) for x in low], [max(0.0, x) for x in high]],
                marker="o",
                markersize=4,
                capsize=3,
                color=colour,
                label=sampler,
            )
        axes.set_title("mean of the classes" if label == "mean" else label)
        axes.set_xlabel("samples a side")
        axes.set_xticks(sorted({e["size"] for e in summary}))
        axes.grid(alpha=0.3)
        if number == 1:
            axes.set_ylabel("IoU at full size (%)")
            axes.legend()
    temporary = path.with_name(path.name + ".part")
    figure.savefig(temporary, format="png", dpi=100)
    temporary.replace(path)
