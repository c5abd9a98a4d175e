"""Progress of a part within the whole."""

from __future__ import annotations

from viewer.progress import Progress


def stage(progress: Progress, start: float, end: float, prefix: str = "") -> Progress:
    """Return a callback whose 0..1 becomes `start`..`end` of `progress`.

    Parameters
    ----------
    prefix : str
        Put before every text ("image 3/7: ").
    """

    def report(fraction: float, text: str) -> None:
        progress(start + (end - start) * min(max(fraction, 0.0), 1.0), prefix + text)

    return report
