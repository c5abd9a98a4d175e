"""The curves of the recurrent paper's study as a picture."""

from __future__ import annotations

from pathlib import Path

from viewer.training.recurrent_study import MEASURES, StudyResult

_LABELS = {"psnr_db": "PSNR (dB)", "ms_ssim": "MS-SSIM", "residual_loss": "residual L1"}


def plot_study(result: StudyResult, path: Path) -> None:
    """Write a PNG: batch sizes above, training-set sizes below, one panel a measure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    plan = result.plan
    by_batch = [row for row in result.settings if row["tiles"] == plan.tiles]
    by_size = [row for row in result.settings if row["batch"] == plan.turned_batch]
    figure = Figure(figsize=(15, 8.5), layout="constrained")
    FigureCanvasAgg(figure)
    rows = [("batch", by_batch), ("tiles", by_size)]
    rows = [row for row in rows if row[1]]
    for line, (key, settings) in enumerate(rows):
        for column, measure in enumerate(MEASURES):
            place = line * len(MEASURES) + column + 1
            axes = figure.add_subplot(len(rows), len(MEASURES), place)
            for number, row in enumerate(settings):
                epochs = range(1, len(row["training"][measure]) + 1)
                colour = f"C{number}"
                axes.plot(epochs, row["validation"][measure], color=colour, label=str(row[key]))
                axes.plot(epochs, row["training"][measure], color=colour, linestyle=":")
            axes.set_xlabel("epoch")
            axes.set_ylabel(_LABELS[measure])
            axes.grid(alpha=0.3)
            if column == 0:
                axes.legend(title="batch" if key == "batch" else "training tiles")
    figure.suptitle(
        f"One pass; validation solid, training dotted; {plan.tiles:,} tiles and more, "
        f"{plan.epochs} epochs (paper: 50,000 to 200,000 tiles, 15 epochs)"
    )
    temporary = path.with_name(path.name + ".part")
    figure.savefig(temporary, format="png", dpi=100)
    temporary.replace(path)
