"""How fast a run goes, what it saved, and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass
class Pace:
    """Counts of a run, and the line that says them.

    Parameters
    ----------
    studies, total_bytes : int
        There are to do; bytes of source files.
    clock : callable
        Seconds.
    """

    studies: int
    total_bytes: int
    clock: Callable[[], float] = time.monotonic
    images: int = 0
    done_bytes: int = 0
    done_studies: int = 0
    saved_bytes: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def image(self, size: int) -> None:
        """Count an image of so many source bytes."""
        self.images += 1
        self.done_bytes += size

    def study(self, source_bytes: int, archive_bytes: int) -> None:
        """Count a finished study."""
        self.done_studies += 1
        self.saved_bytes += source_bytes - archive_bytes

    @property
    def images_per_second(self) -> float:
        """Images a second since the start, 0 before the first."""
        seconds = self.clock() - self.started
        return self.images / seconds if seconds > 0 else 0.0

    @property
    def fraction(self) -> float:
        """Part of the source bytes that is done, 0..1."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 1.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds for the bytes left at the pace so far, None before there is one."""
        if not self.done_bytes:
            return None
        seconds = self.clock() - self.started
        return seconds * max(0, self.total_bytes - self.done_bytes) / self.done_bytes

    def line(self) -> str:
        """Return the line of progress."""
        left, speed = self.seconds_left, self.images_per_second
        return (
            f"{self.done_studies}/{self.studies} studies, "
            f"{speed:.{1 if speed >= 10 else 2}f} images/s, "
            f"{in_units(self.saved_bytes)} saved"
            + ("" if left is None else f", {_time(left)} left")
        )


def in_units(size: int) -> str:
    """Return bytes in words, decimal units: 1 kB = 1000 B."""
    value, unit = float(size), 0
    while abs(value) >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
