"""For how much of the time worker processes had something to do, whatever else is running."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path

_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was, and how long each child process had worked, or waited for a core, by then.

    Parameters
    ----------
    at : float
        Seconds.
    ready : dict of int to float
        By process number: seconds, of all its threads.
    """

    at: float
    ready: dict[int, float]


def moment() -> Moment:
    """Return what the system counts of the child processes now; nothing where it counts none."""
    processes = [each.pid for each in multiprocessing.active_children()]
    found = {pid: _ready(pid) for pid in processes if pid is not None}
    return Moment(time.perf_counter(), {pid: each for pid, each in found.items() if each > 0})


def busy(first: Moment, last: Moment, processes: int) -> float | None:
    """Return the share of the time between that the processes could not have worked more.

    Time in which a process is ready and another program has the core is counted as the time in
    which it runs: with cores of its own it would have run then. Waiting for a disk, or for
    another process, is not.

    Returns
    -------
    float or None
        0..1, None where the system does not count it (it is Linux that does).
    """
    both = first.ready.keys() & last.ready.keys()
    if len(both) < processes or last.at <= first.at:
        return None
    worked = sum(last.ready[pid] - first.ready[pid] for pid in both)
    return min(1.0, worked / (processes * (last.at - first.at)))


def _ready(process: int) -> float:
    """Return the seconds that all threads of a process ran or waited for a core."""
    total = 0
    try:
        for each in Path(f"/proc/{process}/task").glob("*/schedstat"):
            ran, waited, _ = each.read_text().split()
            total += int(ran) + int(waited)
    except (OSError, ValueError):
        return 0.0
    return total / _NANOSECONDS
