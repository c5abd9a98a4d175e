"""The errors of the dense autoencoder by iteration, as a picture."""

from __future__ import annotations

from pathlib import Path

from viewer.training.dense_study import DenseStudy


def plot_dense(study: DenseStudy, path: Path) -> None:
    """Write a PNG: errors on the test images by iteration, those of as many
    components, and the paper's where they are at hand.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    for place, measure in enumerate(("rmse", "mse"), start=1):
        axes = figure.add_subplot(1, 2, place)
        for number, row in enumerate(study.rows):
            curve = study.curves.get(row["code"], [])
            across = [point["iteration"] for point in curve]
            values = [point[f"test_{measure}"] for point in curve]
            axes.plot(across, values, color=f"C{number}", label=f"N = {row['code']}")
            axes.axhline(row[f"pca_{measure}"], color=f"C{number}", linestyle=":", linewidth=1)
            published = (row.get("paper") or {}).get(measure)
            if published is not None:
                axes.axhline(published, color=f"C{number}", linestyle="--", linewidth=1)
        axes.set_xlabel("iteration")
        axes.set_ylabel(f"{measure.upper()} on test images")
        axes.set_yscale("log")
        axes.grid(alpha=0.3, which="both")
        axes.legend()
    told = "Dotted: as many principal components"
    figure.suptitle(told if study.paper is None else f"{told}; dashed: the paper's figures")
    temporary = path.with_name(path.name + ".part")
    figure.savefig(temporary, format="png", dpi=100)
    temporary.replace(path)
