"""The study of planted nodules as text and as a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TICKS = (10, 16, 24, 32, 48, 80, 160, 320, 640, 1280)
"""Ratios that the plot names."""


def nodule_text(study: dict[str, Any]) -> str:
    """Return the rows of `viewer.evaluation.nodule_study.nodule_study`, a line each."""
    lines = [
        f"Nodules planted in {study['regions']} regions of {study['pictures']} pictures of "
        f"{study['patients']} patients; channelised Hotelling observer, 10 Laguerre-Gauss channels",
        f"{'nodule':<26}{'codec':<14}{'bpp':>7}{'ratio 16':>10}{'AUC':>8}{'95 %':>16}{'d-prime':>9}"
        f"{'change':>9}{'95 %':>18}",
    ]
    for row in study["rows"]:
        line = f"{row['nodule']:<26}{row['codec']:<14}"
        ends = f"{row['interval'][0]:.3f}..{row['interval'][1]:.3f}"
        area = f"{row['area']:>8.4f}{ends:>16}{row['d_prime']:>9.3f}"
        if row["codec"] == "original":
            lines.append(f"{line}{'':>17}{area}")
            continue
        low, high = row["change_interval"]
        change = f"{low:+.4f}..{high:+.4f}"
        lines.append(
            f"{line}{row['bpp']:>7.3f}{row['ratio_16bit']:>10.1f}{area}"
            f"{row['change']:>+9.4f}{change:>18}"
        )
    return "\n".join([*lines, *(f"left out: {text}" for text in study["refused"])])


def plot_nodules(study: dict[str, Any], path: Path) -> None:
    """Write a PNG: area under the curve over the ratio, a panel a nodule, with intervals."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    nodules = list(dict.fromkeys(row["nodule"] for row in study["rows"]))
    figure = Figure(figsize=(6 * len(nodules), 5), layout="constrained")
    FigureCanvasAgg(figure)
    for number, nodule in enumerate(nodules, start=1):
        axes = figure.add_subplot(1, len(nodules), number)
        rows = [row for row in study["rows"] if row["nodule"] == nodule]
        for codec in dict.fromkeys(row["codec"] for row in rows):
            own = sorted(
                (row for row in rows if row["codec"] == codec),
                key=lambda row: row.get("ratio_16bit", 0),
            )
            if codec == "original":
                axes.axhline(own[0]["area"], color="black", linestyle="--", label="original")
                axes.axhspan(*own[0]["interval"], color="black", alpha=0.07)
                continue
            ratio = [row["ratio_16bit"] for row in own]
            (line,) = axes.plot(ratio, [row["area"] for row in own], marker="o", label=codec)
            low, high = zip(*(row["interval"] for row in own), strict=True)
            axes.fill_between(ratio, low, high, color=line.get_color(), alpha=0.12)
        axes.set_xscale("log")
        ticks = [t for t in _TICKS if axes.get_xlim()[0] <= t <= axes.get_xlim()[1]]
        axes.set_xticks(ticks, [f"{t} : 1" for t in ticks])
        axes.minorticks_off()
        axes.set_xlabel("ratio against 16 bits")
        axes.set_ylabel("area under the ROC curve")
        axes.set_title(f"nodule of {nodule}")
        axes.grid(alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    beside = path.with_name(path.name + ".part")
    figure.savefig(beside, format="png", dpi=100)
    beside.replace(path)
