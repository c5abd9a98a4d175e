"""What the window promises of large images, long series and full folders."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from viewer.ui.benchmark import Row, drag_over, first_picture, opened, row, run_apart, wait_until
from viewer.ui.benchmark_files import MG1_NAME, large_radiograph, sample_series, small_series

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

LARGE_PICTURE_S = 3.0
STEP_MS = 100.0
LISTED_S = 3.0
LISTED = 500
VISITED_MB = 1000.0
VISITED = 60
FRAMES_PER_S = 30.0
_STEPS = 8
_PATH = "RADVIEW_BENCHMARK_PATH"


def measure_study() -> list[Row]:
    """Measure in processes of their own and return all rows.

    Raises
    ------
    RadviewError
        When a measurement fails.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = large_radiograph(folder)
        # The row says what was opened: MG1 itself, or what stands in for it.
        what_large = "MG1" if large.name == MG1_NAME else "the sample enlarged to MG1's size"
        small = small_series(folder, LISTED)
        series = sample_series(folder, VISITED)

        def value(what: str, path: Path) -> float:
            return run_apart("viewer.ui.benchmark_study", what, {_PATH: str(path)})

        return [
            row(
                f"first picture of {what_large}",
                median(value("first", large) for _ in range(3)),
                "s",
                LARGE_PICTURE_S,
                lower=True,
            ),
            row(
                "slowest of 8 steps to the next image, prefetched",
                value("step", series),
                "ms",
                STEP_MS,
                lower=True,
            ),
            row(
                f"a folder of {LISTED} listed (quarter-size copies)",
                value("list", small),
                "s",
                LISTED_S,
                lower=True,
            ),
            row(
                f"peak memory after {VISITED} radiographs were visited",
                value("visit", series),
                "MB",
                VISITED_MB,
                lower=True,
            ),
            row(
                f"window/level drag on {what_large}",
                value("drag", large),
                "frames/s",
                FRAMES_PER_S,
                lower=False,
            ),
            row(
                f"pan at 1:1 on {what_large}",
                value("pan", large),
                "frames/s",
                FRAMES_PER_S,
                lower=False,
            ),
        ]


def first() -> float:
    """Return the seconds from the start of this process to the picture on the screen."""
    return first_picture(_path())


def step() -> float:
    """Return the longest time in ms from a step to its picture, once that was read ahead."""
    from viewer.ui.app import dismiss

    window = opened(_path())
    session = window.session
    longest = 0.0
    for _ in range(_STEPS):
        headers = session.library.headers
        place = next(i for i, each in enumerate(headers) if each is session.header)
        wait_until(partial(session.is_kept, headers[place + 1]))
        begun = time.perf_counter()
        session.step(1)
        _wait_for_picture(window)
        longest = max(longest, time.perf_counter() - begun)
    dismiss(window)
    return longest * 1000


def list_folder() -> float:
    """Return the seconds until all images of a folder are listed and a thumbnail is there."""
    from viewer.ui.app import application, dismiss, open_window

    application()
    window = open_window([])
    thumbnails: list[object] = []
    window.session.thumbnail_ready.connect(lambda header, picture: thumbnails.append(header))
    begun = time.perf_counter()
    window.session.open_paths([_path()])
    wait_until(lambda: len(window.session.library.headers) >= LISTED and bool(thumbnails))
    took = time.perf_counter() - begun
    dismiss(window)
    return took


def visit() -> float:
    """Return the most memory in MB that this process ever had after visiting every image."""
    import resource

    from viewer.ui.app import dismiss

    window = opened(_path())
    for header in window.session.library.headers:
        window.session.select(header)
        _wait_for_picture(window)
    dismiss(window)
    # Linux counts in kilobytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def drag() -> float:
    """Return the frames a second of a window/level drag."""
    return drag_over(opened(_path()), "window")


def pan() -> float:
    """Return the frames a second of moving the image at 1:1."""
    window = opened(_path())
    window.actions_by_key["actual"].trigger()
    return drag_over(window, "pan")


def _path() -> Path:
    return Path(os.environ[_PATH])


def _wait_for_picture(window: MainWindow) -> None:
    """Wait until the image chosen is on the screen."""
    pane, session = window.panes.original.pane, window.session
    wait_until(
        lambda: (
            session.radiograph is not None
            and pane.picture is not None
            and pane.picture.header.path == session.radiograph.header.path
            and not pane.pending
        )
    )
    pane.viewport().repaint()


MEASURES: dict[str, Callable[[], float]] = {
    "first": first,
    "step": step,
    "list": list_folder,
    "visit": visit,
    "drag": drag,
    "pan": pan,
}

if __name__ == "__main__":
    import sys

    from viewer.ui.benchmark import print_measure

    sys.exit(print_measure(MEASURES, sys.argv[1]))
